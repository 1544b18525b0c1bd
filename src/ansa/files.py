"""Opens plain files only, because opening a pipe, a socket or a device may block forever."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_plain(path: Path, *, write: bool = False, follow: bool = True) -> BinaryIO:
    """Opens a file for reading.

    Args:
        path: the path of the file.
        write: whether to open the file for writing too, and create it if it is missing.
        follow: whether to follow a link.

    Raises:
        OSError: the file is not a plain file, or cannot be opened.
    """
    flags = os.O_RDWR | os.O_CREAT if write else os.O_RDONLY
    flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    flags |= 0 if follow else getattr(os, "O_NOFOLLOW", 0)
    try:
        status = path.stat(follow_symlinks=follow)
    except FileNotFoundError:
        if not write:
            raise
    else:
        _check(status.st_mode, path)  # before it is opened: that alone does something to a device
    file = open(os.open(path, flags, 0o666), "r+b" if write else "rb")  # noqa: PTH123, SIM115
    try:
        _check(os.fstat(file.fileno()).st_mode, path)
    except BaseException:
        file.close()
        raise
    return file


def _check(mode: int, path: Path) -> None:
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, "it is a link", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is no plain file", str(path))
