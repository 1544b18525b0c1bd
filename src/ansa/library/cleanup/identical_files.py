"""Decides which of several files with the same bytes to keep."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ansa.library.cleanup.companions import Companions
from ansa.library.indexing.system_folders import lies_in_system_folder


def each_once(files: Iterable[Path], companions: Companions) -> tuple[Path, ...]:
    """Returns the files of one content. The one to keep comes first: a file with its RAW or film
    beside it, then by name.

    A file with several names (a link, a drive mounted twice) is listed once, because moving one
    name may move the others too. Files in a bin or in another system folder are left out, because
    they may soon be deleted.
    """
    named = [file for file in set(files) if not lies_in_system_folder(file)]
    named.sort(key=by_name)
    if len(named) < 2:
        return tuple(named)
    named.sort(key=companions.works, reverse=True)
    once: dict[tuple[int, int], Path] = {}
    for file in named:
        try:
            status = os.lstat(file)
        except OSError:  # it has just been deleted
            continue
        once.setdefault((status.st_dev, status.st_ino), file)
    return tuple(once.values())


def by_name(path: Path) -> tuple[int, bytes]:
    """Sorts shorter names first, because copies are called "photo (1).jpg"."""
    return len(os.fsencode(path.name)), os.fsencode(path)
