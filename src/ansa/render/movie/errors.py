"""What keeps a movie from being made, with the file and what helps."""

from __future__ import annotations


class MovieError(Exception):
    """A movie that cannot be made.

    Attributes:
        file: which file is to blame.
        reason: what is wrong with it.
        remedy: what helps.
    """

    def __init__(self, file: str, reason: str, remedy: str) -> None:
        super().__init__(file, reason, remedy)
        self.file, self.reason, self.remedy = file, reason, remedy

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}; {self.remedy}"
