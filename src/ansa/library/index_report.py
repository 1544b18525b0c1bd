"""The report of an index run, and the errors and warnings of a library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from ansa.errors import FileError
from ansa.names import printable

Kind = Literal["skipped", "failed", "quarantined", "folder", "away"]

LIVE_FILM = "the film of the Live Photo beside it"
"""The reason for which a film is not in the library by itself: it is one with its still."""

Progress = Callable[[int, int], None]
"""Called as ``progress(done, total)``; both count the photos to analyze in this run."""


class LibraryError(FileError):
    """A library or a folder of photos cannot be used. Stored data is not lost.

    ``file`` is the database or the folder.
    """


class LibraryBusyError(LibraryError):
    """Another index run is at work on the library; trying again later helps."""


class DamagedLibraryError(LibraryError):
    """The content of a library file is damaged, or the file is no library."""


class LibraryWarning(UserWarning):
    """Something in a library's files is damaged or was created anew; the library still works.

    The message names the file and the remedy.
    """


@dataclass(frozen=True, slots=True)
class Problem:
    """One file or folder that could not be indexed.

    Attributes:
        file: its full path.
        kind: its counter: "skipped", "failed" or "quarantined"; "folder" for a folder that could
            not be listed, "away" for a folder whose photos are not there but may still exist.
        reason: what is wrong.
        remedy: what the user can do.
    """

    file: str
    kind: Kind
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{printable(self.file)}: {self.reason}; {self.remedy}"

    def to_dict(self) -> dict[str, str]:
        """Returns the problem in the form that it has in every ``--json``."""
        return {"file": self.file, "reason": self.reason, "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class IndexReport:
    """The counts of one index run. Each photo found is in exactly one of the seven counters.

    Attributes:
        found: photo files and links found: new + changed + moved + unchanged + skipped + failed +
            quarantined.
        new: photos that were not in the library, including copies of known ones.
        changed: photos with another content than before.
        moved: known photos with a new name or in a new folder; their signals are kept.
        unchanged: photos that are as they were.
        skipped: photos that ANSA does not open (RAW, formats without an installed decoder, links
            that are not followed).
        failed: photos that are damaged or could not be read.
        quarantined: photos that crashed the decoder or made it hang; they are not opened again
            until they change.
        missing: photos that existed in the last run and are gone now.
        ignored: other files, which are not photos (documents, hidden files).
        paired: RAW photos and films of Live Photos beside the photo with which they are one.
        unread: how many files of each kind of :mod:`ansa.photo.file_kinds` are not read; these are
            the ignored ones, and the skipped ones of formats that are not read.
        unreadable: folders that could not be listed; the data of their photos is kept.
        no_time: photos in the folder that have no time after this run.
        no_place: photos in the folder that have no place after this run.
        weak_times: photos in the folder whose time comes from a weaker source than EXIF; see
            :attr:`ansa.scene.Facts.taken_source`.
        away: photos in folders that may be disconnected; their data is kept.
        dropped: known files that were removed from the library because they are in folders that
            a system made for itself, such as a recycle bin.
        analyzed: photos that the network analyzed in this run.
        repaired: files that were read again because their data in the library was damaged.
        seconds: the duration of the run.
        problems: every file that was skipped, failed or quarantined, and every unreadable folder.
    """

    found: int = 0
    new: int = 0
    changed: int = 0
    moved: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    quarantined: int = 0
    missing: int = 0
    ignored: int = 0
    paired: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    no_time: int = 0
    no_place: int = 0
    weak_times: int = 0
    away: int = 0
    dropped: int = 0
    analyzed: int = 0
    repaired: tuple[str, ...] = ()
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()

    @property
    def done(self) -> int:
        """The number of photos that are in the library after this run."""
        return self.new + self.changed + self.moved + self.unchanged

    @property
    def rate(self) -> float:
        """The number of photos analyzed per second; 0 if none were analyzed."""
        return self.analyzed / self.seconds if self.analyzed else 0.0

    def __add__(self, other: IndexReport) -> IndexReport:
        return IndexReport(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def to_dict(self) -> dict[str, Any]:
        """Returns the report as JSON-ready values, with ``done`` and ``rate``."""
        report = {each.name: getattr(self, each.name) for each in fields(self)}
        report["problems"] = [asdict(problem) for problem in self.problems]
        report["unread"] = dict(self.unread.most_common())
        return {**report, "done": self.done, "rate": round(self.rate, 2)}
