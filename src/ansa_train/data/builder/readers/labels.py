"""Label folders: every photo below FOLDER/NAME shows NAME."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ansa_train.data.builder.readers.source_paths import SourceFolder, photos_below
from ansa_train.data.builder.records import FoundPhoto, PhotoLocation, Record, Refusal, said


def read(source: SourceFolder) -> Iterator[Record]:
    """Every photo of the folder; underscores in names stand for spaces."""
    root = os.path.realpath(source.path)
    for photo in photos_below(source.path):
        name = photo.relative_to(source.path)
        key = source.key(name.as_posix())
        if len(name.parts) == 1:
            yield Refusal(key, "no label", "it is in no folder that says what it shows")
            continue
        yield FoundPhoto(key, PhotoLocation(f"{root}/{name}", root), source.name)
        yield from said(key, key, labels=[name.parts[0].replace("_", " ")])
