"""Text files as people's programs save them: UTF-8 or UTF-16, with a mark or without."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TextIO

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The longer marks first, as one begins like another."""

_HEAD = 400


def open_text(path: Path, newline: str | None = None) -> TextIO:
    """A text file, open for reading.

    What cannot be decoded comes as lone surrogates, for the reader to refuse where it stands.

    Args:
        path: the file.
        newline: see :func:`open`.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        encoding = _encoding(file.read(_HEAD))
    errors = "surrogateescape" if encoding.startswith("utf-8") else "surrogatepass"
    return path.open(newline=newline, encoding=encoding, errors=errors)


def _encoding(head: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    # Without a mark, the zeros in what is mostly Latin letters tell; no other text has any.
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, letters = head[first::2], head[1 - first :: 2]
        if len(head) > 3 and zeros.count(0) > 0.8 * len(zeros) and not letters.count(0):
            return encoding
    return "utf-8-sig"
