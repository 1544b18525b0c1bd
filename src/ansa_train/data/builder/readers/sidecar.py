"""A folder of photos, each with its captions beside it: PHOTO.jpg and PHOTO.txt, one a line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ansa_train.data.builder.readers.source_paths import SourceFolder, below, photos_below
from ansa_train.data.builder.readers.text_encoding import open_text
from ansa_train.data.builder.records import (
    MAX_TEXT_BYTES,
    FoundPhoto,
    PhotoLocation,
    Record,
    Refusal,
    said,
)


def read(source: SourceFolder) -> Iterator[Record]:
    """Every photo of the folder and its folders."""
    root = os.path.realpath(source.path)
    for photo in photos_below(source.path):
        name = photo.relative_to(source.path)
        key = source.key(name.as_posix())
        yield FoundPhoto(key, PhotoLocation(f"{root}/{name}", root), source.name)
        lines = _lines(root, Path(root, name).with_suffix(".txt"), key)
        if isinstance(lines, Refusal):
            yield lines
        else:
            yield from said(key, key, captions=lines)


def _lines(root: str, path: Path, key: str) -> list[str] | Refusal:
    """The lines that are not blank; undecodable bytes stay visible to who checks them."""
    if not below(root, os.path.realpath(path)):
        return Refusal(key, "outside", "its captions are a link out of the folder")
    if not path.is_file():
        return []
    try:
        with open_text(path) as file:
            text = file.read(MAX_TEXT_BYTES + 1)
    except OSError as error:
        return Refusal(key, "unreadable", f"its captions cannot be read ({error.strerror})")
    except UnicodeDecodeError as error:
        return Refusal(key, "unreadable", f"its captions are no text ({error.reason})")
    if len(text) > MAX_TEXT_BYTES:
        return Refusal(key, "long caption", f"its captions exceed {MAX_TEXT_BYTES:,} bytes")
    return [line for line in text.splitlines() if line.strip()]
