"""Checks whether a file is as it was indexed, and whether two names are the same file."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path


class DigestCheck:
    """Checks files by their content. Each file is read once, as long as it does not change.

    Args:
        digests: the required sha256 of each file.
    """

    def __init__(self, digests: Mapping[Path, bytes]) -> None:
        self._digests = digests
        self._known: dict[Path, tuple[int, ...]] = {}

    def check(self, file: Path) -> None:
        """Reads a file and compares its sha256.

        Raises:
            OSError: it is gone, is no plain file, cannot be read, or has another content.
        """
        if self.stands(file):
            return
        status = os.lstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, f"{file} is not a plain file any more")
        with file.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").digest()
        if found != self._digests.get(file):
            raise OSError(errno.EINVAL, f"{file} has changed since it was indexed")
        self._known[file] = _identity(status)

    def stands(self, file: Path) -> bool:
        """Whether the file still exists and is unchanged since it was read."""
        try:
            return self._known.get(file) == _identity(os.lstat(file))
        except OSError:
            return False


def same_file(one: Path, two: Path) -> bool:
    """Whether two names are one file or one folder, even on a drive that is mounted twice.

    Raises:
        OSError: one of them does not exist.
    """
    a, b = one.stat(), two.stat()
    if (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino):
        return True
    # A file on a network drive that is mounted twice has two devices. The server's times tell.
    return a.st_ino == b.st_ino and (a.st_ctime_ns, *_state(a)) == (b.st_ctime_ns, *_state(b))


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, *_state(status))


def _state(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
