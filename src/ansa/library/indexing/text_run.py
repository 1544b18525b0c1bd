"""Reads the text in the pictures of a library that call for it, and stores it beside their signals.

Each picture is read once, in the worker processes that index photos, so that one that crashes or
hangs its reader stops nothing. What was read is stored every few seconds, and a run that was
stopped goes on where it was.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ansa.library.index_report import Kind, LibraryError, Problem, Progress
from ansa.library.indexing.pool import Pool, PoolError
from ansa.library.indexing.text_candidates import text_candidates
from ansa.library.indexing.worker import Analyze, Job, Keep, Outcome
from ansa.library.storage.database import index_lock
from ansa.library.storage.rows import Signal
from ansa.library.storage.text_index import TEXT, stored_text
from ansa.photo.read import read_photo
from ansa.processors import processor_count
from ansa.scene import Pixels, Scene

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession
    from ansa.library.storage.store import Store
    from ansa.model.text_reader import TextReader

VERSION = 1
"""The version of what is stored of a text."""

_MOST_WORKERS = 4  # each takes up to a gigabyte
_SECONDS = 300.0  # for one picture
_MEASURED = 5  # pictures, after which it is known how long one takes
_BATCH, _BATCH_SECONDS = 32, 5.0
_LEAST_SIDE = 1200  # pixels that the shorter side of a large JPEG keeps when it is decoded
_CHANGED = "changed since it was indexed"

Expect = Callable[[float, int], None]
"""Called once as ``expect(seconds, pictures)``: how long so many pictures will take."""


@dataclass(frozen=True, slots=True)
class TextReport:
    """The counts of one run. Each picture that calls for it is in exactly one of three counters.

    Attributes:
        pictures: the pictures in the folder that call for reading their text: before + read +
            failed.
        before: those that were read in a run before.
        read: those that were read now.
        found: those of them with any text.
        failed: those that could not be read now.
        seconds: how long the run took.
        problems: every picture that failed.
    """

    pictures: int = 0
    before: int = 0
    read: int = 0
    found: int = 0
    failed: int = 0
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns the report as JSON-ready values."""
        return {**asdict(self), "problems": [each.to_dict() for each in self.problems]}


@dataclass(frozen=True, slots=True)
class StartTextReader:
    """Loads what reads text in a worker process, which cannot open a socket from then on."""

    def __call__(self) -> Analyze:
        """Raises the errors of :class:`~ansa.model.text_reader.TextReader`."""
        from ansa.model.text_reader import TextReader, refuse_sockets

        refuse_sockets()
        return _ReadText(TextReader())


@dataclass(frozen=True, slots=True)
class _ReadText:
    reader: TextReader

    def __call__(self, data: bytes | Pixels, name: str, keep: Keep | None = None) -> Scene:
        pixels, facts = read_photo(data, min_side=_LEAST_SIDE, name=name)
        return Scene(facts, np.zeros(0, np.float32), {TEXT: self.reader(pixels)})


def read_text(
    session: LibrarySession,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    expect: Expect | None = None,
) -> TextReport:
    """Reads the text in the pictures of a library's folder that call for it and were not read yet.

    Args:
        session: the library.
        workers: the number of processes; by default one for each core, and at most 4.
        progress: called after each picture.
        expect: called after the first few pictures, if some are left then.

    Raises:
        ModuleNotFoundError: RapidOCR is not installed.
        LibraryError: the library cannot be written, the workers cannot start, or another such run
            is at work.
    """
    from ansa.model.text_reader import reader_id, same_models

    began = time.monotonic()
    reader, store = reader_id(), session.store
    store.require_writable()
    with index_lock(store.path, "text"):
        wanted, read_by = text_candidates(session), store.text_readers()
        todo = [photo for photo in wanted if not same_models(read_by.get(photo, ""))]
        run = _Run(store, store.bundle(reader) or store.add_bundle(reader), todo, session)
        if run.photos:
            count = workers or min(processor_count(), _MOST_WORKERS)
            run.read(min(count, len(run.photos)), progress, expect)
    counts, problems = run.counts, run.problems
    before = len(wanted) - len(todo)
    return TextReport(
        pictures=before + len(run.photos),
        before=before,
        read=counts["read"],
        found=counts["found"],
        failed=len(problems),
        seconds=time.monotonic() - began,
        problems=tuple(sorted(problems, key=lambda problem: problem.file)),
    )


class _Run:
    """One run over some photos.

    Args:
        store: the library.
        reader: the row of what reads.
        photos: the photos to be read.
        session: limits the files that are opened.

    Attributes:
        photos: those of them whose files are there.
        counts: "read" and "found", as in the report.
        problems: the files that failed.
    """

    def __init__(
        self, store: Store, reader: int, photos: list[int], session: LibrarySession
    ) -> None:
        self._store = store
        self._reader = reader
        self._digests = store.digests(photos)
        paths = store.paths([photo for photo in photos if photo in self._digests], session.scope())
        self._paths = {photo: files[0] for photo, files in paths.items() if _is_there(files)}
        self.photos = list(self._paths)
        self.counts: Counter[str] = Counter()
        self.problems: list[Problem] = []

    def read(self, workers: int, progress: Progress | None, expect: Expect | None) -> None:
        """Reads the photos, and stores the results in batches."""
        pool = Pool(StartTextReader(), _nothing_known, workers=workers, timeout=_SECONDS)
        jobs = (Job(photo, os.fsencode(path)) for photo, path in self._paths.items())
        batch: list[tuple[bytes, Signal]] = []
        first = stored = time.monotonic()
        total = len(self.photos)
        try:
            with closing(pool.run(jobs)) as outcomes:
                for done, outcome in enumerate(outcomes, start=1):
                    batch += self._take(outcome)
                    now = time.monotonic()
                    first = now if done == 1 else first
                    if len(batch) >= _BATCH or now - stored > _BATCH_SECONDS:
                        self._save(batch)
                        batch, stored = [], now
                    if progress:
                        progress(done, total)
                    if expect and done == _MEASURED < total:
                        expect((now - first) / (done - 1) * (total - done), total - done)
        except PoolError as error:
            raise LibraryError(
                str(self._store.path),
                f"no text can be read in pictures ({error})",
                "free some memory, or pip install 'ansa[ocr]' again",
            ) from error
        finally:
            self._save(batch)  # also if the run is interrupted, so that nothing is read twice

    def _take(self, outcome: Outcome) -> list[tuple[bytes, Signal]]:
        """Counts the outcome of a photo; returns what to store, if anything."""
        photo, digest = outcome.key, self._digests[outcome.key]
        status, reason, remedy = outcome.status, outcome.reason, outcome.remedy
        if outcome.digest not in (None, digest):
            status, reason, remedy = "unreadable", _CHANGED, "run `ansa index` again"
        if status == "ok":
            data = outcome.signals.get(TEXT, b"")
            text = stored_text(data)
            self.counts["read"] += 1
            self.counts["found"] += bool(text and text.lines)
            return [(digest, Signal(TEXT, VERSION, data))]
        kind = "quarantined" if status == "quarantined" else "failed"
        name = str(self._paths[photo])
        self.problems.append(Problem(name, cast(Kind, kind), reason, remedy))
        if status == "unreadable":
            return []  # it is tried again in the next run
        # One that cannot be read, or crashed its reader, is not tried again until it changes.
        return [(digest, Signal(TEXT, VERSION, b""))]

    def _save(self, batch: list[tuple[bytes, Signal]]) -> None:
        if batch:
            self._store.add_signals(self._reader, batch)
            self._store.update_texts()


def _is_there(files: list[Path]) -> bool:
    return bool(files) and os.path.exists(files[0])  # noqa: PTH110 - it never raises


def _nothing_known(_: bytes) -> bool:
    return False
