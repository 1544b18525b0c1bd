"""The local engine: photos prepared in processes, one for each core, that may die."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from ansa_train.data.builder.photo import Encoding, Job, Outcome, RefusedPhoto, prepare_all
from ansa_train.data.builder.records import Refusal
from ansa_train.errors import TrainingError

_AHEAD = 3
"""Batches in hand for each process; memory does not grow with the corpus."""


def run_local(
    batches: Iterable[list[Job]], encoding: Encoding, workers: int
) -> Iterator[list[Outcome]]:
    """The outcomes of each batch, in their order.

    A photo that kills its process is refused; the others lose nothing.

    Raises:
        TrainingError: processes cannot be started.
    """
    pool = _start(workers)
    waiting = iter(batches)
    in_hand: deque[tuple[list[Job], Future[list[Outcome]]]] = deque()
    try:
        while True:
            while len(in_hand) < workers * _AHEAD and (batch := next(waiting, None)):
                in_hand.append((batch, _submit(pool, batch, encoding)))
            if not in_hand:
                return
            batch, future = in_hand.popleft()
            try:
                outcomes = future.result()
            except BrokenProcessPool:
                outcomes = [outcome for job in batch for outcome in _alone(job, encoding)]
                pool.shutdown(cancel_futures=True)
                pool = _start(workers)
                again = [jobs for jobs, _ in in_hand]
                in_hand = deque((jobs, _submit(pool, jobs, encoding)) for jobs in again)
            yield outcomes
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _submit(
    pool: ProcessPoolExecutor, batch: list[Job], encoding: Encoding
) -> Future[list[Outcome]]:
    try:
        return pool.submit(prepare_all, batch, encoding)
    except BrokenProcessPool as error:
        broken: Future[list[Outcome]] = Future()
        broken.set_exception(error)
        return broken


def _alone(job: Job, encoding: Encoding) -> list[Outcome]:
    pool = _start(1)
    try:
        return pool.submit(prepare_all, [job], encoding).result()
    except BrokenProcessPool:
        reason = "it crashed the decoder; save it again in another program"
        return [RefusedPhoto(job.number, Refusal(job.key, "crashed the decoder", reason))]
    finally:
        pool.shutdown()


def _start(workers: int) -> ProcessPoolExecutor:
    # Spawned, not forked: a fork of a process with threads may hang.
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_quietly_until_orphaned
    )
    try:
        pool.submit(os.getpid).result()
    except BrokenProcessPool as error:
        raise TrainingError(
            "worker processes do not start; see whether the machine has memory left"
        ) from error
    return pool


def _quietly_until_orphaned() -> None:
    """Ctrl-C is for the parent, which ends its workers in order; if it is killed, they end too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        sentinel = parent.sentinel
        threading.Thread(target=_end_with, args=(sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    from multiprocessing.connection import wait

    wait([sentinel])
    os._exit(1)
