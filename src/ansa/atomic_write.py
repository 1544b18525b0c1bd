"""The one way in which this project writes files: completely, or not at all.

A file is written under a hidden name in the same folder, synced to disk, and only then gets its
name. Whoever reads it meanwhile, and whoever looks after a crash, finds the old file or the new
one, never a part of it.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_PART = re.compile(r"\.ansa-[0-9a-f]{16}\.part")
_STALE_SECONDS = 3600
_swept: set[Path] = set()


def _always() -> bool:
    return True


@contextmanager
def open_atomic(
    file: Path, *, may_replace: Callable[[], bool] = _always, keep: Path | None = None
) -> Iterator[BinaryIO]:
    """A context that gives an open file, which gets its name when the context ends without error.

    If the context ends with an error, the new file is deleted, and the old one stays.

    Args:
        file: the path of the file, in a folder that exists. A link of this name is itself replaced.
        may_replace: is called when everything is written. It returns whether the new file may
            replace another one, and may raise an error.
        keep: the path, in the same folder, that the old file gets. If None, the old file is lost.

    Raises:
        FileExistsError: the file exists, and ``may_replace`` said no.
        OSError: the file cannot be written.
    """
    fresh = _new_part(file.parent)
    try:
        with _create(fresh, file) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if not may_replace():
            _name(fresh, file)
            return
        if keep is not None and file.exists():
            file.replace(keep)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def write_atomically(file: Path, content: bytes | str) -> None:
    """Writes a whole file, text as UTF-8, in the place of what has its name.

    Raises:
        OSError: the file cannot be written. Then the old one stays.
    """
    with open_atomic(file) as stream:
        stream.write(content.encode("utf-8") if isinstance(content, str) else content)


def _new_part(folder: Path) -> Path:
    """A new hidden path in a folder, for a file that has no name until it is complete.

    A process that was killed leaves such a file behind. The first call of a process for a folder
    removes those that nobody wrote to for an hour.
    """
    if folder not in _swept:
        _swept.add(folder)
        for path in folder.glob(".ansa-*.part"):
            with suppress(OSError):  # another process was quicker, or the folder is read-only
                status = path.lstat()
                stale = time.time() - status.st_mtime > _STALE_SECONDS
                if _PART.fullmatch(path.name) and stat.S_ISREG(status.st_mode) and stale:
                    path.unlink()
    return folder / f".ansa-{secrets.token_hex(8)}.part"


def remove_parts(folder: Path) -> None:
    """Removes what killed processes left unfinished in a folder that no other process writes to."""
    for path in folder.glob(".ansa-*.part"):
        if _PART.fullmatch(path.name) and stat.S_ISREG(path.lstat().st_mode):
            path.unlink()


def _create(fresh: Path, file: Path) -> BinaryIO:
    try:
        return fresh.open("xb+")
    except OSError as error:  # the user knows the file by its name
        raise OSError(error.errno, error.strerror, str(file)) from error


def _name(fresh: Path, file: Path) -> None:
    """Renames a file to a name that must not exist."""
    taken = f"{file}: it is there already; name another file"
    try:
        os.link(fresh, file)  # fails if the name is taken, unlike a rename
    except FileExistsError:
        raise FileExistsError(taken) from None
    except OSError:  # a file system without links
        if os.path.lexists(file):
            raise FileExistsError(taken) from None
        fresh.rename(file)
