"""Work that takes minutes, one piece at a time: how far each is, and the files it made."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansa.app.operations import RequestError
from ansa.errors import AnsaError
from ansa.library.library import Library
from ansa.names import printable

Work = Callable[[Library, Callable[[int, int], None]], Path]
"""Called with a library and ``progress(done, total)``; returns the file that it made."""

_MOST = 50


@dataclass(slots=True)
class _Job:
    kind: str
    done: int = 0
    total: int = 0
    file: Path | None = None
    problem: str = ""
    stop: threading.Event = field(default_factory=threading.Event)


class _StoppedError(Exception):
    """The app ends."""


class Jobs:
    """The jobs of an app, and a folder for their files, which is deleted at its end.

    Args:
        open_library: opens the library for the thread of a job.
    """

    def __init__(self, open_library: Callable[[], Library]) -> None:
        self._open_library = open_library
        self._jobs: dict[int, _Job] = {}
        self._folder: Path | None = None
        self._one = threading.Lock()
        self._threads: list[threading.Thread] = []

    def folder(self) -> Path:
        """Returns a new folder for the files of one job."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="ansa-app-"))
        return Path(tempfile.mkdtemp(dir=self._folder))

    def add(self, kind: str, file: Path) -> int:
        """Returns the number of a job that consists of a file."""
        return self._number(_Job(kind, 1, 1, file))

    def start(self, kind: str, work: Work) -> int:
        """Starts a job in a thread of its own; jobs wait for each other. Returns its number."""
        job = _Job(kind)
        number = self._number(job)
        thread = threading.Thread(target=self._run, args=(job, work), daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()
        return number

    def state(self, number: int) -> dict[str, Any]:
        """Returns how far a job is.

        Raises:
            RequestError: there is no such job.
        """
        job = self._job(number)
        return {
            "kind": job.kind,
            "done": job.done,
            "total": job.total,
            "finished": job.file is not None,
            "problem": job.problem,
        }

    def file(self, number: int, kind: str) -> Path:
        """Returns the file that a finished job made.

        Raises:
            RequestError: there is no such job, or it is not finished.
        """
        job = self._job(number)
        if job.kind != kind or job.file is None:
            raise RequestError(404, f"there is no {kind} {number}", "perhaps it is not finished")
        return job.file

    def close(self) -> None:
        """Stops all jobs, and deletes their files."""
        for job in self._jobs.values():
            job.stop.set()
        for thread in self._threads:
            thread.join(20.0)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, job: _Job, work: Work) -> None:
        def progress(done: int, total: int) -> None:
            if job.stop.is_set():
                raise _StoppedError
            job.done, job.total = done, total

        try:
            with self._one, self._open_library() as library:
                job.file = work(library, progress)
        except _StoppedError:
            job.problem = "the app ended"
        except RequestError as error:
            job.problem = error.reason
        except ModuleNotFoundError as error:
            job.problem = f"{error.name} is not installed; run pip install 'ansa[movie]'"
        except (AnsaError, OSError) as error:
            job.problem = printable(str(error))

    def _number(self, job: _Job) -> int:
        number = max(self._jobs, default=0) + 1
        self._jobs[number] = job
        for old in sorted(self._jobs)[:-_MOST]:
            if self._jobs[old].file or self._jobs[old].problem:
                del self._jobs[old]
        return number

    def _job(self, number: int) -> _Job:
        if number not in self._jobs:
            raise RequestError(404, f"there is no job {number}")
        return self._jobs[number]
