"""Photos with captions, labels and boxes, from WebDataset tars: ``KEY.webp`` and ``KEY.json``."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from PIL import Image

Split = Literal["train", "dev", "test"]


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

    def read_bytes(self) -> bytes:
        """The photo, encoded."""
        with self.file.open("rb") as stream:
            stream.seek(self.offset)
            return stream.read(self.size)

    def read(self) -> Image.Image:
        """The photo, decoded to RGB."""
        return Image.open(BytesIO(self.read_bytes())).convert("RGB")


def read_pack(folder: Path, splits: Sequence[Split]) -> list[Sample]:
    """Every sample of the wanted splits from the tars of a folder, in a stable order.

    Raises:
        FileNotFoundError: the folder holds no tar.
    """
    tars = sorted(folder.glob("*.tar"))
    if not tars:
        raise FileNotFoundError(f"{folder} holds no .tar; give the folder of the training photos")
    samples = [s for tar in tars for s in _read_tar(tar) if s.split in splits]
    return sorted(samples, key=lambda s: s.key)


def _read_tar(file: Path) -> Iterator[Sample]:
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
    """What a sample's JSON says of it, as arguments of :class:`Sample`."""
    boxes = [b for b in note.get("boxes", ()) if not b["crowd"]]
    boxes.sort(key=lambda b: -b["bbox"][2] * b["bbox"][3])
    return {
        "key": note["key"],
        "source": note["source"],
        "split": note["split"],
        "kind": note["kind"],
        "captions": tuple(note.get("captions", ())),
        "labels": tuple(note.get("labels", ())),
        "objects": tuple(dict.fromkeys(b["label"] for b in boxes)),
    }
