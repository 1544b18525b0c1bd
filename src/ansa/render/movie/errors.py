"""The error of films: it names the file, the reason and the remedy."""

from __future__ import annotations


class MovieError(Exception):
    """A film cannot be made.

    Attributes:
        file: the path of the file with the problem.
        reason: what is wrong with the file.
        remedy: how to fix it.
    """

    def __init__(self, file: str, reason: str, remedy: str) -> None:
        super().__init__(file, reason, remedy)
        self.file, self.reason, self.remedy = file, reason, remedy

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}; {self.remedy}"
