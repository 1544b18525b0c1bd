"""What an index run says at its end, and the error that stops one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from ansa.errors import FileError
from ansa.names import printable

Kind = Literal["skipped", "failed", "quarantined", "folder", "away"]

Progress = Callable[[int, int], None]
"""Called as ``progress(done, total)`` with the photos to analyze in this run."""


class LibraryError(FileError):
    """A library or a folder of photos cannot be used; nothing stored is lost.

    ``file`` is the database or the folder.
    """


class DamagedLibraryError(LibraryError):
    """A library file whose content is damaged, or that is none."""


class LibraryWarning(UserWarning):
    """Something in a library's files is damaged or was made anew; answers go on without it.

    The message names the file and says what helps.
    """


@dataclass(frozen=True, slots=True)
class Problem:
    """One file or folder that could not be taken in.

    Attributes:
        file: its full path.
        kind: the counter it is in: "skipped", "failed" or "quarantined"; "folder" if it is a folder
            that could not be listed, "away" if it is one whose photos are not there, though they
            may well be somewhere.
        reason: what is wrong.
        remedy: what helps.
    """

    file: str
    kind: Kind
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{printable(self.file)}: {self.reason}; {self.remedy}"

    def to_dict(self) -> dict[str, str]:
        """The problem as every ``--json`` tells it."""
        return {"file": self.file, "reason": self.reason, "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class IndexReport:
    """The counts of one index run. Each photo found is in exactly one of the seven counters.

    Attributes:
        found: photo files and links seen: new + changed + moved + unchanged + skipped + failed +
            quarantined.
        new: photos that were not in the library (copies of known ones too).
        changed: photos whose content is another than before.
        moved: known photos under a new name or in a new folder; they keep their signals.
        unchanged: photos as they were.
        skipped: photos ANSA does not open (RAW, a decoder that is not installed, links it does not
            follow).
        failed: photos that are damaged or could not be read.
        quarantined: photos that crashed or hung the decoder; not opened again until they change.
        missing: photos that were there in the last run and are gone.
        ignored: other files seen, which are not photos (videos, documents, hidden files).
        unreadable: folders that could not be listed; what is known of them is kept.
        no_time: photos in the folder after this run that nothing says the time of.
        no_place: the same of the place.
        weak_times: photos in the folder whose time is not from EXIF, but from a weaker source; see
            :attr:`ansa.scene.Facts.taken_source`.
        away: photos in folders that are perhaps not connected; what is known of them is kept.
        dropped: known files that are of the library no more, as they lie in folders that a system
            made for itself, such as a recycle bin.
        analyzed: photos the network looked at in this run.
        repaired: files that were read again, as what the library kept of them was damaged.
        seconds: how long the run took.
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
        """Photos that are in the library after this run."""
        return self.new + self.changed + self.moved + self.unchanged

    @property
    def rate(self) -> float:
        """Photos analyzed per second; 0 if there were none."""
        return self.analyzed / self.seconds if self.analyzed else 0.0

    def __add__(self, other: IndexReport) -> IndexReport:
        return IndexReport(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values, with ``done`` and ``rate``."""
        return {**asdict(self), "done": self.done, "rate": round(self.rate, 2)}
