"""Writes the tars in an order that mixes all sources. An unfinished tar has no name yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ansa.atomic_write import open_atomic, remove_parts
from ansa_train.data.builder.build_state import BuildState
from ansa_train.data.builder.records import Refusal
from ansa_train.data.builder.settings import BuildSettings

_SUFFIX = {"jpeg": "jpg", "webp": "webp"}


def write_shards(folder: Path, journal: BuildState, settings: BuildSettings) -> Iterator[int]:
    """Writes the shards that are missing; yields how many samples each has.

    A shard holds one split. Samples stand in the order of their keys' hashes: random, so that a
    stream sees all sources from the start, and the same in every build.
    """
    remove_parts(folder)  # of a build that was killed
    done = journal.shards()
    split, rank = (done[-1]["split"], done[-1]["last"]) if done else ("", "")
    index = len([shard for shard in done if shard["split"] == split])
    writer: _Writer | None = None
    with ExitStack() as unfinished:
        for number, key, its_split, its_rank in journal.samples(split, rank):
            data = journal.data(number)
            if writer and (its_split != split or writer.is_full(len(data), settings)):
                yield _finish(writer, journal, split, rank)
                index += 1
                writer = None
            if its_split != split:
                split, index = its_split, 0
            if writer is None:
                writer = _Writer(folder / f"{split}-{index:06}.tar", unfinished)
            note = _note(number, key, split, journal, settings)
            writer.add(its_rank, _SUFFIX[settings.encoding], data, note)
            rank = its_rank
        if writer:
            yield _finish(writer, journal, split, rank)


def _finish(writer: _Writer, journal: BuildState, split: str, rank: str) -> int:
    shard = writer.finish()
    journal.add_shard(shard | {"split": split}, rank)
    return int(shard["samples"])


class _Writer:
    """One shard, which gets its name at :meth:`finish`; closing ``unfinished`` deletes it."""

    def __init__(self, file: Path, unfinished: ExitStack) -> None:
        from webdataset import TarWriter

        self._file = file
        self._unfinished = unfinished
        stream = unfinished.enter_context(open_atomic(file))
        # Nothing of the machine or the hour goes into a shard.
        self._tar = TarWriter(stream, user="", group="", encoder=False, mtime=0)
        unfinished.callback(self._tar.close)  # before the stream, also if the run is interrupted
        self._samples, self._bytes = 0, 0

    def is_full(self, more: int, settings: BuildSettings) -> bool:
        return (
            self._samples >= settings.shard_samples
            or self._bytes + more > settings.shard_mb * 1_000_000
        )

    def add(self, name: str, suffix: str, data: bytes, note: dict[str, Any]) -> None:
        text = json.dumps(note, ensure_ascii=False, allow_nan=False).encode()
        self._tar.write({"__key__": name, suffix: data, "json": text})
        self._samples += 1
        self._bytes += len(data)

    def finish(self) -> dict[str, Any]:
        self._unfinished.close()
        with self._file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return {
            "file": self._file.name,
            "bytes": self._file.stat().st_size,
            "sha256": digest,
            "samples": self._samples,
        }


def _note(
    number: int, key: str, split: str, journal: BuildState, settings: BuildSettings
) -> dict[str, Any]:
    """The sample's JSON: its own facts, and what was said of it and of its duplicates."""
    captions: dict[str, None] = {}
    labels: dict[str, None] = {}
    boxes: list[dict[str, Any]] = []
    group = journal.group(number)
    for found, sizes, notes in group:
        of_this = []
        for note in notes:
            captions |= dict.fromkeys(note.get("captions", ()))
            labels |= dict.fromkeys(note.get("labels", ()))
            of_this += note.get("boxes", ())
        if of_this and not boxes:
            width, height = found["size"] or sizes[2:]
            if (width > height) != (sizes[2] > sizes[3]) and [width, height] != [1, 1]:
                reason = "its boxes are of a photo that lies otherwise; they are left out"
                journal.refuse(Refusal(found["key"], "turned boxes", reason))
                continue
            boxes = [_fractions(box, width, height) for box in of_this]
    found, sizes, _ = group[0]
    return {
        "key": key,
        "source": found["source"],
        "split": split,
        "kind": found["kind"],
        "captions": list(captions),
        "labels": list(labels),
        "boxes": boxes,
        "width": sizes[0],
        "height": sizes[1],
        "licence": found["licence"] or settings.licence,
    }


def _fractions(box: dict[str, Any], width: float, height: float) -> dict[str, Any]:
    x, y, w, h = box["bbox"]
    left, top = min(max(x / width, 0), 1), min(max(y / height, 0), 1)
    right, bottom = min(max((x + w) / width, 0), 1), min(max((y + h) / height, 0), 1)
    bbox = [round(v, 4) for v in (left, top, right - left, bottom - top)]
    return {"label": box["label"], "bbox": bbox, "crowd": box["crowd"]}
