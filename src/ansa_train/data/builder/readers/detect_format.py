"""Which reader a file or folder needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ansa.names import printable
from ansa_train.data.builder.readers import coco, labels, sidecar, table, tars
from ansa_train.data.builder.readers.source_paths import SourceFolder, photos_below
from ansa_train.data.builder.records import Record
from ansa_train.errors import TrainingError

_READERS = {
    "coco": coco.read,
    "table": table.read,
    "sidecar": sidecar.read,
    "tars": tars.read,
    "labels": labels.read,
}


def read_source(source: SourceFolder, name: str) -> Iterator[Record]:
    """Everything in a source.

    Args:
        source: the source.
        name: a name of :data:`~ansa_train.data.builder.settings.FORMATS`.

    Raises:
        TrainingError: it is of no known format, or too damaged to be read on.
    """
    return _READERS[detect(source.path) if name == "auto" else name](source)


def detect(path: Path) -> str:
    """The format of a file by its suffix, of a folder by what lies in it."""
    if path.is_file():
        suffixes = {".json": "coco", ".csv": "table", ".tsv": "table"}
        suffixes |= {".parquet": "table", ".tar": "tars"}
        name = suffixes.get(path.suffix.lower())
        if name is None:
            raise TrainingError(
                f"{printable(str(path))} is no .json, .csv, .tsv, .parquet or .tar; "
                "see --format and docs/data.md"
            )
        return name
    if any(path.glob("*.tar")):
        return "tars"
    empty = True
    for photo in photos_below(path):
        empty = False
        if photo.with_suffix(".txt").exists():
            return "sidecar"
    if empty:
        raise TrainingError(f"{printable(str(path))} holds no photos and no .tar")
    return "labels"
