"""Reads the text of new pictures while a program goes on, for `ansa watch` and `ansa app`.

It has a thread and a library of its own, so that neither new photos nor searches wait for it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ansa.errors import AnsaError
from ansa.library.indexing.text_run import TextReport
from ansa.library.library import Library
from ansa.model.analyzer import Analyzer

if TYPE_CHECKING:
    from ansa.library.index_report import Progress

_WORKERS = 1  # beside other work


class _StoppedError(Exception):
    """The program ends."""


class BackgroundText:
    """Reads text whenever it is asked to; asked again meanwhile, it goes on with what is new.

    Args:
        folders: the folders whose pictures are read; None for all that are indexed.
        database: the library's file; None for the user's own.
        analyzer: the analyzer that indexed them.
        warn: called in the thread with each problem in one line.
        told: called in the thread after each run that read anything, with its report.
    """

    def __init__(
        self,
        folders: Sequence[str | os.PathLike[str] | None],
        database: str | os.PathLike[str] | None,
        analyzer: Analyzer | None,
        *,
        warn: Callable[[str], None],
        told: Callable[[TextReport], None] | None = None,
    ) -> None:
        self._folders, self._database, self._analyzer = folders, database, analyzer
        self._told, self._warn = told, warn
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ansa-text", daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Asks for the text of pictures that were not read yet."""
        self._wanted.set()

    def stop(self) -> None:
        """Ends the run that is at work; what it has read is kept."""
        self._stopping.set()
        self._wanted.set()
        self._thread.join(20.0)

    def _work(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            for folder in self._folders:
                if self._stopping.is_set():
                    return
                try:
                    self._read(folder)
                except _StoppedError:
                    return
                except (AnsaError, OSError) as error:
                    self._warn(f"text in pictures: {error}")

    def _read(self, folder: str | os.PathLike[str] | None) -> None:
        progress: Progress = self._go_on
        with Library(folder, database=self._database, analyzer=self._analyzer) as library:
            report = library.read_text(workers=_WORKERS, progress=progress)
        for problem in report.problems:
            self._warn(str(problem))
        if report.read and self._told:
            self._told(report)

    def _go_on(self, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise _StoppedError
