"""Which of several files of the very same bytes is the one to keep."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ansa.library.cleanup.companions import Companions
from ansa.library.indexing.system_folders import lies_in_system_folder


def each_once(files: Iterable[Path], companions: Companions) -> tuple[Path, ...]:
    """Files of one content, the one to keep first: with its RAW or film beside it, by name.

    A file with several names (a link, a drive mounted twice) is there once, as moving one name away
    may take the others with it. What lies in a bin or in another folder of a system is left out: it
    is as good as gone.
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
        except OSError:  # gone just now
            continue
        once.setdefault((status.st_dev, status.st_ino), file)
    return tuple(once.values())


def by_name(path: Path) -> tuple[int, bytes]:
    """The shorter name first, as copies are called "photo (1).jpg"."""
    return len(os.fsencode(path.name)), os.fsencode(path)
