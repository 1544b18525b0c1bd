"""The canonical name of a folder or file, whatever links, ``..`` or letter case were used."""

from __future__ import annotations

import os
import unicodedata
from functools import partial
from pathlib import Path


def real_folder(folder: str | os.PathLike[str]) -> Path:
    """Returns the absolute path without links and ``..``, spelled as the file system spells it.

    Some file systems accept several spellings of a name: in another letter case (those of most
    cameras, memory sticks, macOS and Windows), or in another Unicode normal form. Such a part is
    looked up in its folder.
    """
    path = Path(os.path.realpath(Path(folder).expanduser()))
    real = Path(path.anchor)
    for name in path.parts[1:]:
        real /= _spelled(real, name)
    return real


def real_file(file: str | os.PathLike[str]) -> Path:
    """Returns the canonical path of a file. If the file itself is a link, it stays the link."""
    file = Path(file).expanduser()
    parent = real_folder(file.parent)
    return parent / _spelled(parent, file.name)


def _spelled(parent: Path, name: str) -> str:
    try:
        here = (parent / name).lstat()
        if not any(_is_at(parent / other, here) for other in _others(name)):
            return name
        with os.scandir(parent) as entries:
            found = {entry.name: entry for entry in entries}
        if name in found:
            return name
        same = (e.name for e in found.values() if e.inode() == here.st_ino and _is_at(e, here))
        return next(same, name)
    except OSError:
        return name  # it is gone or cannot be accessed


def _others(name: str) -> set[str]:
    forms = (partial(unicodedata.normalize, form) for form in ("NFC", "NFD"))
    return {name.swapcase(), *(form(name) for form in forms)} - {name}


def _is_at(path: str | os.PathLike[str], status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.lstat(path), status)
    except (OSError, ValueError):
        return False
