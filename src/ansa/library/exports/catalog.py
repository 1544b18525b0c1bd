"""Writes all known data of every photo as one table: JSON, JSON lines or Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from ansa.library.custom_tags.scores import SHOWN, custom_tag_scores
from ansa.library.index_report import LibraryError
from ansa.library.personal.marks import marked
from ansa.library.session import LibrarySession
from ansa.library.storage.new_file import new_file
from ansa.library.storage.photos import Photo
from ansa.library.storage.user_data import MARKS
from ansa.scene import plain

SUFFIXES = (".json", ".jsonl", ".parquet")
"""The supported suffixes: one document, one object per line, or a table."""

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Catalog:
    """The catalog that was written: its file, and the number of photos in it."""

    path: Path
    photos: int


def write_catalog(
    session: LibrarySession, out: Path, *, places: bool = True, embeddings: bool = False
) -> Catalog:
    """Writes every photo with its files, facts, tags, objects, marks and scores.

    Photos are written in a stable order, with few in memory at a time. An existing file is never
    overwritten.

    Args:
        session: the library.
        out: the new file; its suffix, one of :data:`SUFFIXES`, determines the format.
        places: whether to add the places where photos were taken.
        embeddings: whether to add the embeddings.

    Raises:
        ModuleNotFoundError: Parquet is requested and pyarrow is not installed.
        LibraryError: ``out`` has another suffix, exists already or cannot be written, or the
            library's file cannot be read.
    """
    out = out.expanduser()
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        ends = f"end it in {', '.join(SUFFIXES)}"
        raise LibraryError(str(out), "not the name of a catalog", ends)
    rows = catalog(session, places=places, embeddings=embeddings)
    with new_file(out) as file:
        return Catalog(out, write(rows, file))


def catalog(
    session: LibrarySession, *, places: bool = True, embeddings: bool = False
) -> Iterator[dict[str, Any]]:
    """Yields the rows of the catalog, JSON-ready; see :func:`write_catalog`."""
    taught = custom_tag_scores(session)
    scores = {
        name: dict(zip(photos.tolist(), found.tolist(), strict=True))
        for name, (photos, found) in taught.items()
    }
    marks = {photo: mark for mark in MARKS for photo in marked(session, mark)}
    for photo in session.photos():
        row = _row(photo, {name: found.get(photo.id, 0.0) for name, found in scores.items()})
        row["mark"] = marks.get(photo.id)
        if not places:
            row["latitude"] = row["longitude"] = None
        if embeddings:
            row["embedding"] = [round(float(x), 5) for x in photo.scene.embedding]
        yield row


def _row(photo: Photo, taught: dict[str, float]) -> dict[str, Any]:
    scene = photo.scene
    tags = [plain(tag) for tag in scene.tags or ()]
    tags += [
        {"name": name, "score": round(score, 4), "sure": True}
        for name, score in taught.items()
        if score >= SHOWN
    ]
    return {
        "path": _text(photo.path),
        "copies": [_text(path) for path in photo.copies],
        **scene.facts.to_dict(),
        "description": scene.description,
        "tags": tags,
        "objects": [
            {"label": each.label, "score": each.score, "box": list(each.box)}
            for each in scene.objects or ()
        ],
        "kind": scene.utility.kind if scene.utility else None,
        "kind_score": scene.utility.score if scene.utility else None,
        "quality": scene.quality.overall if scene.quality else None,
        "aesthetics": scene.aesthetics,
        "print": scene.fingerprint.hex() if scene.fingerprint else None,
        "text": "\n".join(scene.text.lines) if scene.text else None,
    }


def _text(path: Path) -> str:
    """Returns a file's name as valid text; invalid bytes are escaped."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _write_json(rows: Iterable[dict[str, Any]], file: BinaryIO) -> int:
    count = 0
    file.write(b'{"photos": [')
    for count, row in enumerate(rows, start=1):
        file.write(b",\n" if count > 1 else b"\n")
        file.write(json.dumps(row, allow_nan=False).encode())
    file.write(b"\n]}\n")
    return count


def _write_lines(rows: Iterable[dict[str, Any]], file: BinaryIO) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - it is returned
        file.write(json.dumps(row, allow_nan=False).encode() + b"\n")
    return count


def _write_parquet(rows: Iterator[dict[str, Any]], file: BinaryIO) -> int:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    text, number, whole = pa.string(), pa.float64(), pa.int64()
    tag = pa.struct([("name", text), ("score", number), ("sure", pa.bool_())])
    thing = pa.struct([("label", text), ("score", number), ("box", pa.list_(number))])
    schema = pa.schema(
        [
            *(("path", text), ("copies", pa.list_(text)), ("width", whole), ("height", whole)),
            *(("format", text), ("taken", text), ("latitude", number), ("longitude", number)),
            *(("camera", text), ("taken_source", text), ("taken_precision", text)),
            *(("seconds", number), ("description", text)),
            *(("place_source", text), ("tags", pa.list_(tag)), ("objects", pa.list_(thing))),
            *(("kind", text), ("kind_score", number), ("quality", number), ("aesthetics", number)),
            *(
                ("print", text),
                ("text", text),
                ("mark", text),
                ("embedding", pa.list_(pa.float32())),
            ),
        ]
    )
    count = 0
    with ParquetWriter(file, schema) as writer:
        while batch := list(islice(rows, _BATCH)):
            writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))
            count += len(batch)
    return count


_WRITERS: dict[str, Callable[[Iterator[dict[str, Any]], BinaryIO], int]] = {
    ".json": _write_json,
    ".jsonl": _write_lines,
    ".parquet": _write_parquet,
}
