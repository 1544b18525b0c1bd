"""Photos with captions, labels and boxes, from WebDataset tars: ``KEY.webp`` and ``KEY.json``."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from ansa.scene import Box

Split = Literal["train", "dev", "test"]


@dataclass(frozen=True, slots=True)
class BoxedObject:
    """Something with a box drawn around it.

    Attributes:
        label: its name.
        box: in 0..1 of the photo.
        crowd: whether it is many of them in one box.
    """

    label: str
    box: Box
    crowd: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One photo and what is known of it.

    Attributes:
        key: unique name.
        source: the set it comes from.
        split: train on "train", tune on "dev", report on "test".
        kind: photo, receipt, screenshot, ...
        captions: sentences that describe it.
        labels: names of what is surely in it; anything else is unknown, not absent.
        objects: labels of its boxes, without crowds, in order of area.
        file: the tar that holds it.
        offset: where its encoded bytes start in that tar.
        size: how many bytes they are.
        boxes: drawn around objects, crowds too, in order of area; a photo with none may have had
            nobody to draw them.
        boxed: labels whose every object has its box, where a source says so.
        absent: labels of what is surely not in it, where people were asked.
    """

    key: str
    source: str
    split: Split
    kind: str
    captions: tuple[str, ...]
    labels: tuple[str, ...]
    objects: tuple[str, ...]
    file: Path = field(repr=False)
    offset: int = field(repr=False)
    size: int = field(repr=False)
    boxes: tuple[BoxedObject, ...] = field(default=(), kw_only=True)
    boxed: tuple[str, ...] = field(default=(), kw_only=True)
    absent: tuple[str, ...] = field(default=(), kw_only=True)

    def read_bytes(self) -> bytes:
        """The encoded photo."""
        with self.file.open("rb") as stream:
            stream.seek(self.offset)
            return stream.read(self.size)

    def read(self) -> Image.Image:
        """The photo, decoded to RGB.

        Raises:
            OSError: it cannot be; the message names it.
        """
        try:
            return Image.open(BytesIO(self.read_bytes())).convert("RGB")
        except Exception as error:  # decoders raise nearly every kind of exception
            raise OSError(
                f"{self.file}: {self.key} cannot be read ({error}); copy the file again, or leave "
                "the photo out"
            ) from error


def read_pack(folder: Path, splits: Sequence[Split]) -> list[Sample]:
    """Reads every sample of the wanted splits from the tars of a folder, in a stable order.

    Raises:
        FileNotFoundError: the folder holds no tar.
    """
    tars = sorted(folder.glob("*.tar"))
    if not tars:
        raise FileNotFoundError(f"{folder} holds no .tar; give the folder of the training photos")
    samples = [s for tar in tars for s in _read_tar(tar, _stamp(tar)) if s.split in splits]
    return sorted(samples, key=lambda s: s.key)


def _stamp(file: Path) -> tuple[int, int]:
    """Changes with the file."""
    state = file.stat()
    return state.st_mtime_ns, state.st_size


@lru_cache(256)  # heads ask for one split after another, and a pack has a note for every photo
def _read_tar(file: Path, stamp: tuple[int, int]) -> tuple[Sample, ...]:
    return tuple(_samples(file))


def _samples(file: Path) -> Iterator[Sample]:
    photos: dict[str, tarfile.TarInfo] = {}
    notes: dict[str, dict[str, Any]] = {}
    with tarfile.open(file, "r:") as tar:
        for member in tar:
            stem, _, suffix = member.name.rpartition(".")
            if suffix == "json":
                stream = tar.extractfile(member)
                assert stream is not None
                notes[stem] = json.load(stream)
            elif member.isfile():
                photos[stem] = member
    for stem in photos.keys() & notes.keys():
        member = photos[stem]
        yield Sample(**known(notes[stem]), file=file, offset=member.offset_data, size=member.size)


def known(note: dict[str, Any]) -> dict[str, Any]:
    """The facts in a sample's JSON, as arguments of :class:`Sample`."""
    boxes = sorted(note.get("boxes", ()), key=lambda b: -b["bbox"][2] * b["bbox"][3])
    return {
        "key": note["key"],
        "source": note["source"],
        "split": note["split"],
        "kind": note["kind"],
        "captions": tuple(note.get("captions", ())),
        "labels": tuple(note.get("labels", ())),
        "objects": tuple(dict.fromkeys(b["label"] for b in boxes if not b["crowd"])),
        "boxes": tuple(
            BoxedObject(b["label"], _corners(b["bbox"]), bool(b["crowd"])) for b in boxes
        ),
        "boxed": tuple(dict.fromkeys(note.get("boxed", ()))),
        "absent": tuple(note.get("absent", ())),
    }


def _corners(bbox: Sequence[float]) -> Box:
    """Left, top, width, height as left, top, right, bottom inside the photo."""
    x, y, w, h = (float(v) for v in bbox)
    return max(0.0, x), max(0.0, y), min(1.0, x + w), min(1.0, y + h)
