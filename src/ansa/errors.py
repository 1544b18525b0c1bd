"""The base of every error that a user can fix: what is affected, what is wrong, and what helps."""

from __future__ import annotations

from ansa.names import printable


class AnsaError(Exception):
    """An error that a user can fix.

    Catch this class to handle every such error of ANSA. Operating systems raise ``OSError`` beside
    it, for example when a disk is full.

    Attributes:
        file: the file or folder with the problem; None if the error is not about one.
        reason: what is wrong.
        remedy: how to fix it; empty if the reason says it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.file: str | None = None
        self.reason = reason
        self.remedy = ""


class FileError(AnsaError):
    """An error about one file or folder; its message is "FILE: REASON; REMEDY"."""

    file: str

    def __init__(self, file: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.args = file, reason, remedy  # so that the error survives the way between processes
        self.file = file
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{printable(self.file)}: {self.reason}; {self.remedy}"
