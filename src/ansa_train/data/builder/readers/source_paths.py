"""One source: what it is called, and which of its paths may be followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ansa.names import printable
from ansa.photo.formats import SUFFIXES
from ansa_train.data.builder.records import MAX_NAME, PhotoLocation, Refusal
from ansa_train.errors import TrainingError


@dataclass(frozen=True, slots=True)
class SourceFolder:
    """A file or folder to read.

    Attributes:
        path: it.
        name: of the set, the first part of every key.
        photos: the folder that paths in it start from, and must not leave.
        photo_column, text_column, label_column: columns of a table; "" to go by the usual names.
    """

    path: Path
    name: str
    photos: Path
    photo_column: str = ""
    text_column: str = ""
    label_column: str = ""

    def key(self, name: str) -> str:
        """The key of a photo called ``name``."""
        return f"{self.name}/{printable(name)}"[:MAX_NAME]

    def place(self, name: str) -> PhotoLocation | Refusal:
        """The photo file of that name below :attr:`photos`."""
        if "://" in name:
            return Refusal(name, "URL", "it is a URL; download the photos first")
        if "\0" in name:
            return Refusal(name, "damaged name", "its name holds a zero byte")
        root = os.path.realpath(self.photos)
        path = os.path.normpath(Path(root, name))
        if not below(root, path):
            return Refusal(
                name, "outside", f"it is outside of {printable(root)}; see --photos FOLDER"
            )
        return PhotoLocation(path, root)


def below(root: str, path: str) -> bool:
    """Whether a path lies in a folder; both are taken literally."""
    return path.startswith(root.rstrip(os.sep) + os.sep)


def photos_below(folder: Path) -> Iterator[Path]:
    """The photo files of a folder and its folders, by name; hidden ones and links to folders not.

    Raises:
        TrainingError: a folder cannot be listed.
    """
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        raise TrainingError(
            f"{printable(str(folder))} cannot be listed ({error.strerror})"
        ) from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from photos_below(Path(entry.path))
        elif Path(entry.name).suffix.lower() in SUFFIXES:
            yield Path(entry.path)
