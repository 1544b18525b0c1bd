"""The parent side of the worker pool, which keeps workers busy and survives their crashes.

If a worker dies or hangs, its jobs are tried again, each alone in a new worker. Only a photo that
kills that worker too is quarantined. Workers are plain child processes with pipes: they need no
sockets, and do not import the caller's script again as multiprocessing does.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from ansa.errors import AnsaError
from ansa.library.indexing.worker import Analyzed, Job, Known, Outcome, Ready, Start

# A second job waits in each worker, so that no worker idles while the parent writes a batch.
_IN_HAND = 2
_START_SECONDS = 300.0
_STOP_SECONDS = 5.0
# The worker must find its modules where the parent does, before any of them is imported.
_BOOT = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from ansa.library.indexing.worker import main; main()"
)
# One photo uses one core. More threads in a worker would only compete for the cores.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

_Inbox = SimpleQueue[tuple["_Worker", Any]]


class PoolError(AnsaError):
    """Workers cannot start, so no photo can be analyzed."""


@dataclass(frozen=True, slots=True)
class _Lost:
    """A job whose worker died or hung."""

    job: Job
    how: str


class Pool:
    """Analyzes files in worker processes.

    Args:
        start: called in each worker; returns the function that analyzes photos.
        known: tells each worker which contents need no analysis.
        workers: the number of processes, at least 1.
        timeout: seconds without an answer after which a worker counts as hung.
        analyzed: called in the worker with each file that was analyzed.
    """

    def __init__(
        self,
        start: Start,
        known: Known,
        *,
        workers: int,
        timeout: float = 120.0,
        analyzed: Analyzed | None = None,
    ) -> None:
        self._setup = (start, known, analyzed)
        self._workers = workers
        self._timeout = timeout

    def run(self, jobs: Iterable[Job]) -> Generator[Outcome, None, None]:
        """Yields one outcome for each job, in the order in which they finish.

        Jobs are taken when workers become free, so memory use does not grow with their number.
        Closing the iterator ends the workers.

        Raises:
            PoolError: a worker could not start.
        """
        suspects = []
        for event in self._drive(iter(jobs), self._workers, _IN_HAND):
            if isinstance(event, _Lost):
                suspects.append(event.job)
            else:
                yield event
        for job in suspects:
            for event in self._drive(iter((job,)), 1, 1):
                yield _quarantined(event) if isinstance(event, _Lost) else event

    def _drive(self, jobs: Iterator[Job], size: int, depth: int) -> Iterator[Outcome | _Lost]:
        """Runs the jobs on up to ``size`` workers with up to ``depth`` jobs each."""
        inbox: _Inbox = SimpleQueue()
        crew: list[_Worker] = []
        waiting = next(jobs, None)
        try:
            while waiting or any(worker.jobs for worker in crew):
                while waiting:
                    worker = min(crew, key=lambda worker: len(worker.jobs), default=None)
                    if (worker is None or worker.jobs) and len(crew) < size:
                        worker = _Worker(self._setup, inbox)
                        crew.append(worker)
                    if worker is None or len(worker.jobs) >= depth:
                        break
                    worker.give(waiting)
                    waiting = next(jobs, None)
                yield from self._next(inbox, crew)
        finally:
            for worker in crew:
                worker.stop()

    def _next(self, inbox: _Inbox, crew: list[_Worker]) -> Iterator[Outcome | _Lost]:
        """Waits for the next message of any worker; removes a worker that died or hangs."""
        deadline = min(worker.deadline(self._timeout) for worker in crew)
        try:
            worker, message = inbox.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            for worker in [w for w in crew if w.deadline(self._timeout) <= time.monotonic()]:
                yield from self._bury(worker, crew, f"took longer than {self._timeout:g} s")
            return
        if worker not in crew:
            return  # the last message of a worker that was ended as hung
        if isinstance(message, Outcome):
            worker.jobs.popleft()
            worker.since = time.monotonic()
            yield message
        elif isinstance(message, Ready) and message.problem is None:
            worker.ready = True
            worker.since = time.monotonic()
        else:
            problem = message.problem if isinstance(message, Ready) else None
            if problem:
                raise PoolError(problem)
            yield from self._bury(worker, crew, None)

    def _bury(self, worker: _Worker, crew: list[_Worker], how: str | None) -> Iterator[_Lost]:
        crew.remove(worker)
        how = how or f"crashed the decoder ({worker.end()})"
        worker.kill()
        if not worker.ready:
            raise PoolError(f"a worker process did not start: it {how}")
        for job in worker.jobs:
            yield _Lost(job, how)


class _Worker:
    """One child process and its jobs; it works on the first of them."""

    def __init__(self, setup: tuple[Start, Known, Analyzed | None], inbox: _Inbox) -> None:
        self.jobs: deque[Job] = deque()
        self.ready = False
        self.since = time.monotonic()
        self._inbox = inbox
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-P", "-c", _BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _ONE_THREAD,
            # The worker is not in the terminal's process group, so Ctrl-C reaches only the parent,
            # which ends the workers in order.
            process_group=0 if os.name == "posix" else None,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._send(sys.path)
        self._send(setup)

    def give(self, job: Job) -> None:
        if not self.jobs and self.ready:
            self.since = time.monotonic()
        self.jobs.append(job)
        self._send(job)

    def deadline(self, timeout: float) -> float:
        """Returns when it counts as hung, by ``time.monotonic``; never if it has no job."""
        if not self.ready:
            return self.since + _START_SECONDS
        return self.since + timeout if self.jobs else float("inf")

    def end(self) -> str:
        """Returns how the process ended, in words."""
        try:
            code = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            return "it speaks no more"
        if code >= 0:
            return f"exit code {code}"
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"

    def kill(self) -> None:
        """Ends the process at once, if it still runs."""
        self._process.kill()
        self._close()

    def stop(self) -> None:
        """Ends the process by closing its input; it has no data that could be lost."""
        with suppress(OSError):
            self._stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        self._process.kill()
        self._close()

    def _close(self) -> None:
        # A process that is stuck in the kernel cannot even be killed, so do not wait for it
        # forever.
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        with suppress(OSError):
            self._stdin.close()
        self._listener.join(_STOP_SECONDS)
        if not self._listener.is_alive():
            self._stdout.close()

    @property
    def _stdin(self) -> Any:
        return self._process.stdin

    @property
    def _stdout(self) -> Any:
        return self._process.stdout

    def _send(self, message: Any) -> None:
        # If the worker has died, its listener reports that.
        with suppress(OSError):
            pickle.dump(message, self._stdin)
            self._stdin.flush()

    def _listen(self) -> None:
        try:
            while True:
                self._inbox.put((self, pickle.load(self._stdout)))  # noqa: S301 - our own child
        except Exception:
            # The pipe was closed, or a dying worker left half a message.
            self._inbox.put((self, None))


def _quarantined(lost: _Lost) -> Outcome:
    return Outcome(
        lost.job.key,
        "quarantined",
        reason=lost.how,
        remedy="save it again in another program; it is not opened until it changes",
    )
