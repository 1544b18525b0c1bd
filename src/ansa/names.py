"""File names as people can read them: any name a disk can hold, on one line of valid text."""

from __future__ import annotations

import os

MAX_NAME_BYTES = 255
"""What file systems allow a name to have."""


def printable(name: str) -> str:
    """The name with control characters, line breaks and undecodable bytes written as escapes.

    Names on disk may hold a newline, a terminal's control sequence or bytes that are no text at
    all; what this returns can be printed, logged and encoded as UTF-8.
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in name
    )


def fitting(stem: str, rest: str) -> str:
    """A name of a stem and what follows it, the stem cut so that disks can hold the name.

    Args:
        stem: of a name that there is.
        rest: at most some 200 bytes, such as " (2).jpg".
    """
    room = MAX_NAME_BYTES - len(os.fsencode(rest))
    while stem and len(os.fsencode(stem)) > room:
        stem = stem[:-1]
    return stem + rest
