"""Whether a file is still there as it was indexed, and whether two names are one file."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path


class DigestCheck:
    """Checks files by their content; each is read once, as long as nothing changes.

    Args:
        digests: the sha256 that each file has to have.
    """

    def __init__(self, digests: Mapping[Path, bytes]) -> None:
        self._digests = digests
        self._known: dict[Path, tuple[int, ...]] = {}

    def check(self, file: Path) -> None:
        """Reads a file.

        Raises:
            OSError: it is gone, is no plain file, cannot be read, or holds something else.
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
        """Whether it is there and unchanged since it was read."""
        try:
            return self._known.get(file) == _identity(os.lstat(file))
        except OSError:
            return False


def same_file(one: Path, two: Path) -> bool:
    """Whether two names stand for one file, or one folder: also of a drive that is mounted twice.

    Raises:
        OSError: one is not there.
    """
    a, b = one.stat(), two.stat()
    if (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino):
        return True
    # Mounted twice over a network, a file has two devices; the clock of its server tells.
    return a.st_ino == b.st_ino and (a.st_ctime_ns, *_state(a)) == (b.st_ctime_ns, *_state(b))


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, *_state(status))


def _state(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
