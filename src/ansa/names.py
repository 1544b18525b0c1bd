"""File names as people can read them: any name a disk can hold, on one line of valid text."""

from __future__ import annotations


def printable(name: str) -> str:
    """The name with control characters, line breaks and undecodable bytes written as escapes.

    Names on disk may hold a newline, a terminal's control sequence or bytes that are no text at
    all; what this returns can be printed, logged and encoded as UTF-8.
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in name
    )
