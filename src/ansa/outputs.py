"""Writes output files completely or not at all, and replaces only files that ANSA made.

A file that ANSA may replace ends in a mark with the digest of all bytes before it. Only a file with
such a mark that was not changed since is ever replaced.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ansa.atomic_write import open_atomic

_MARK = re.compile(rb"Made by ANSA: ([0-9a-f]{64})(?: -->\n)?\Z")
_LONGEST = 100
_CHUNK = 2**20


def check_free(out: Path, *, or_ours: bool = False) -> None:
    """Checks that an output file may be written, before the work for it is done.

    Args:
        out: the path of the file.
        or_ours: whether an existing file is accepted if ANSA made it and nobody changed it since.

    Raises:
        FileExistsError: the file exists and is not accepted.
    """
    if not os.path.lexists(out):
        return
    if not or_ours:
        raise FileExistsError(f"{out}: it is there already; name another file")
    if not is_ours(out):
        raise FileExistsError(
            f"{out}: it is there already, and not as ANSA made it; name another file"
        )


@contextmanager
def writing(out: Path, *, over_ours: bool = False) -> Iterator[BinaryIO]:
    """A context that gives an open file, which gets its name after it was written completely.

    Args:
        out: the path of the file. If it is a link to a file that ANSA made, that file is replaced.
        over_ours: whether to replace an existing file if ANSA made it and nobody changed it since.

    Raises:
        FileExistsError: the file exists, or was created meanwhile.
        OSError: the file cannot be written.
    """
    check_free(out, or_ours=over_ours)
    out = Path(os.path.realpath(out))

    def may_replace() -> bool:
        if over_ours and os.path.lexists(out):
            check_free(out, or_ours=True)
            return True
        return False

    with open_atomic(out, may_replace=may_replace) as file:
        yield file


def write_page(out: Path, html: str) -> None:
    """Writes an HTML page with ANSA's mark, so that it may be replaced later.

    Raises:
        FileExistsError: the file exists, and ANSA did not make it or it was changed since.
    """
    with writing(out, over_ours=True) as file:
        page = html.encode() + b"<!-- "
        file.write(page + mark(hashlib.sha256(page).hexdigest()) + b" -->\n")


def mark_movie(file: BinaryIO) -> None:
    """Adds ANSA's mark to the end of an MP4, as a box that players skip."""
    head = (8 + len(mark("0" * 64))).to_bytes(4, "big") + b"free"
    file.seek(0, os.SEEK_END)
    file.write(head)
    file.write(mark(_digest(file, file.tell())))


def mark(digest: str) -> bytes:
    """The mark for bytes with this sha256, which is given in hex."""
    return f"Made by ANSA: {digest}".encode()


def is_ours(path: Path) -> bool:
    """Whether ANSA made a file and no byte of it was changed since."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            return False
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - _LONGEST)
            file.seek(start)
            found = _MARK.search(file.read(_LONGEST))
            if found is None:
                return False
            return _digest(file, start + found.start()).encode() == found[1]
    except OSError:
        return False


def _digest(file: BinaryIO, length: int) -> str:
    """The sha256 of the first bytes of a file in hex. The file is then positioned after them."""
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(min(length, _CHUNK)):
        digest.update(chunk)
        length -= len(chunk)
    return digest.hexdigest()
