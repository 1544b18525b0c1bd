"""WebDataset tars, ours and others: KEY.jpg with KEY.json, KEY.txt or both. Nothing is unpacked."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from ansa.names import printable
from ansa.photo.formats import SUFFIXES
from ansa_train.data.builder.readers.coco import is_box
from ansa_train.data.builder.readers.source_paths import SourceFolder
from ansa_train.data.builder.records import (
    MAX_NAME,
    MAX_TEXT_BYTES,
    FoundPhoto,
    PhotoLocation,
    Record,
    Refusal,
    is_text,
    said,
)
from ansa_train.data.pack import Split

_TEXTS = ("txt", "text", "caption")
# As WebDataset has it: the key ends at the first dot of the last part.
_NAME = re.compile(r"((?:.*/)?[^./]+)\.([^/]+)", re.DOTALL)


@dataclass(slots=True)
class _Sample:
    stem: str
    suffixes: set[str] = field(default_factory=set)
    place: PhotoLocation | None = None
    texts: list[str] = field(default_factory=list)
    note: Mapping[str, Any] = field(default_factory=dict)


def read(source: SourceFolder) -> Iterator[Record]:
    """Every sample of a tar, or of the tars of a folder. A damaged tar gives what it still has."""
    files = [source.path] if source.path.is_file() else sorted(source.path.glob("*.tar"))
    for file in files:
        try:
            with tarfile.open(file, "r:") as tar:
                yield from _samples(source, file, tar)
        except (tarfile.TarError, OSError, ValueError) as error:
            yield Refusal(
                printable(file.name),
                "damaged tar",
                f"it is no plain tar, or is damaged or cut short ({error}); copy it again",
            )


def _samples(source: SourceFolder, file: Path, tar: tarfile.TarFile) -> Iterator[Record]:
    sample: _Sample | None = None
    while (member := tar.next()) is not None:
        tar.members = []  # type: ignore[attr-defined]  # it would remember every member
        where = f"{printable(file.name)}: {printable(member.name)}"
        if member.isdir():
            continue
        named = _NAME.fullmatch(member.name)
        if member.name.startswith("/") or ".." in member.name.split("/"):
            yield Refusal(where, "outside", "its name leaves the folder")
        elif not member.isreg() or member.issparse():
            yield Refusal(where, "no file", "it is a link or something else that is no plain file")
        elif named is not None:
            stem, suffix = named[1], named[2].rpartition(".")[2].lower()
            # A part that comes twice begins another sample of the same name.
            if sample is None or sample.stem != stem or suffix in sample.suffixes:
                if sample:
                    yield from _records(source, sample, file)
                sample = _Sample(stem)
            sample.suffixes.add(suffix)
            problem = _take(sample, suffix, file, tar, member)
            if problem:
                yield Refusal(where, *problem)
    if sample:
        yield from _records(source, sample, file)


def _take(
    sample: _Sample, suffix: str, file: Path, tar: tarfile.TarFile, member: tarfile.TarInfo
) -> tuple[str, str] | None:
    if f".{suffix}" in SUFFIXES:
        sample.place = sample.place or PhotoLocation(
            str(file.resolve()), offset=member.offset_data, size=member.size
        )
    elif suffix == "json" or suffix in _TEXTS:
        if member.size > MAX_TEXT_BYTES:
            return "long caption", f"it has {member.size:,} bytes, above {MAX_TEXT_BYTES:,}"
        stream = tar.extractfile(member)
        assert stream is not None
        text = stream.read().decode("utf-8-sig", "surrogateescape")
        if suffix != "json":
            sample.texts += [line for line in text.splitlines() if line.strip()]
            return None
        try:
            note = json.loads(text)
        except (ValueError, RecursionError) as error:
            return "damaged entry", f"it is no JSON ({error})"
        if not isinstance(note, dict):
            return "damaged entry", "it is no JSON object"
        sample.note = note
    return None


def _records(source: SourceFolder, sample: _Sample, file: Path) -> Iterator[Record]:
    note, where = sample.note, f"{printable(file.name)}: {printable(sample.stem)}"
    if sample.place is None:
        yield Refusal(where, "no photo", "it has no photo")
        return
    key = _word(note, "key") or source.key(sample.stem)
    split = _word(note, "split")
    yield FoundPhoto(
        key,
        sample.place,
        _word(note, "source") or source.name,
        (1, 1) if note.get("boxes") else None,
        _word(note, "licence") or _word(note, "license"),
        split if split in get_args(Split) else "",
        _word(note, "kind") or "photo",
    )
    captions = [*sample.texts]
    for name in ("captions", "caption", "text"):
        value = note.get(name)
        captions += value if isinstance(value, list) else [] if value is None else [value]
    labels = note.get("labels")
    labels = labels if isinstance(labels, list) else []
    boxes = note.get("boxes")
    good = [box for box in boxes if _is_ours(box)] if isinstance(boxes, list) else []
    if isinstance(boxes, list) and len(good) < len(boxes):
        yield Refusal(where, "damaged box", "a box has no label or no four numbers")
    kept = [{name: box.get(name, 0) for name in ("label", "bbox", "crowd")} for box in good]
    yield from said(
        key, where, captions=dict.fromkeys(map(_hashable, captions)), labels=labels, boxes=kept
    )


def _word(note: Mapping[str, Any], name: str) -> str:
    value = note.get(name)
    usable = isinstance(value, str) and len(value) <= MAX_NAME and is_text(value)
    return printable(str(value)) if usable else ""


def _hashable(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _is_ours(box: Any) -> bool:
    return (
        isinstance(box, dict)
        and isinstance(box.get("label"), str)
        and is_text(box["label"])
        and len(box["label"]) <= MAX_NAME
        and is_box(box.get("bbox"))
    )
