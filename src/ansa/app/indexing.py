"""Indexes in the background while the app is used, and tells how far it is."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansa.errors import AnsaError
from ansa.library.index_report import IndexReport, LibraryError, Problem
from ansa.library.library import Library
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library.indexing.text_in_background import BackgroundText
    from ansa.model.analyzer import Analyzer

_LOG = logging.getLogger(__name__)
_RETRY_SECONDS = 5.0
_MOST_PROBLEMS = 500


@dataclass(frozen=True, slots=True)
class IndexState:
    """How far indexing is.

    Attributes:
        phase: "idle", "scanning", "indexing", "waiting" (for another program that indexes), "done"
            or "failed".
        done: how many photos of this run were analyzed.
        total: how many there are to analyze.
        rate: photos a second, lately.
        message: why it failed, or on what it waits.
        problems: files that could not be indexed, at most 500.
        report: the counts of the last finished run.
    """

    phase: str = "idle"
    done: int = 0
    total: int = 0
    rate: float = 0.0
    message: str = ""
    problems: tuple[Problem, ...] = field(default=())
    report: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns the state as JSON-ready values."""
        left = self.total - self.done
        return {
            "phase": self.phase,
            "done": self.done,
            "total": self.total,
            "rate": round(self.rate, 1),
            "seconds_left": round(left / self.rate) if self.rate > 0 and left > 0 else None,
            "message": self.message,
            "problems": len(self.problems),
        }


class _StoppedError(Exception):
    """The app ends."""


class BackgroundIndexing:
    """Runs one index run after another in a thread, each when it is asked for.

    Args:
        folder: limits the library; None for all indexed folders.
        database: the library's file.
        analyzer: the analyzer, whose bundle the workers load.
        text: whether the text in pictures is read, too, after each run.
    """

    def __init__(
        self, folder: Path | None, database: Path, analyzer: Analyzer, *, text: bool = False
    ) -> None:
        self._folder, self._database, self._analyzer = folder, database, analyzer
        self.state = IndexState()
        self._folders: deque[Path | None] = deque()
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ansa-index", daemon=True)
        self._began = 0.0
        self._text: BackgroundText | None = None
        if text:
            from ansa.library.indexing.text_in_background import BackgroundText

            self._text = BackgroundText([folder], database, analyzer, warn=_LOG.warning)

    def start(self) -> None:
        """Starts the thread, which waits until :meth:`ask` is called."""
        self._thread.start()

    def ask(self, folder: Path | None = None) -> None:
        """Asks for a run; one that is at work is followed by another.

        Args:
            folder: a folder to add to the library; by default, all that belong to it are updated.
        """
        self._folders.append(folder or self._folder)
        self._wanted.set()

    def stop(self) -> None:
        """Ends the run that is at work; what it has analyzed is kept."""
        self._stopping.set()
        self._wanted.set()
        if self._text:
            self._text.stop()
        if self._thread.is_alive():
            self._thread.join(20.0)

    def _work(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            while self._folders and not self._stopping.is_set():
                folder = self._folders.popleft()
                if folder in self._folders:
                    continue  # it was asked for again meanwhile
                try:
                    self._run(folder)
                except _StoppedError:
                    return
            if self._stopping.is_set():
                return

    def _run(self, folder: Path | None) -> None:
        self.state = IndexState("scanning", report=self.state.report)
        self._began = time.monotonic()
        try:
            with Library(folder, database=self._database, analyzer=self._analyzer) as library:
                report = library.index(self._progress, thumbnails=True)
        except LibraryError as error:
            if "another index run" in error.reason:
                self.state = replace(self.state, phase="waiting", message=error.reason)
                if not self._stopping.wait(_RETRY_SECONDS):
                    self._folders.append(folder)
            else:
                self._fail(error)
        except (AnsaError, OSError) as error:
            self._fail(error)
        else:
            self._finish(report)
            if self._text:
                self._text.ask()

    def _progress(self, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise _StoppedError
        if self.state.phase != "indexing" or self.state.total != total:
            self._began = time.monotonic()  # each folder has a count of its own
        rate = done / max(0.5, time.monotonic() - self._began)
        self.state = replace(self.state, phase="indexing", done=done, total=total, rate=rate)

    def _finish(self, report: IndexReport) -> None:
        problems = report.problems[:_MOST_PROBLEMS]
        self.state = replace(
            self.state, phase="done", message="", problems=problems, report=report.to_dict()
        )

    def _fail(self, error: Exception) -> None:
        self.state = replace(self.state, phase="failed", message=printable(str(error)))
