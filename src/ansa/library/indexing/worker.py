"""The child side of the pool: looks at photo after photo, in a process that may die.

Its parent sends pickled jobs to its standard input and reads pickled outcomes from its standard
output. It ends at once when its input closes, which also happens when the parent is killed.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

from ansa.library.indexing.scan import Fingerprint
from ansa.library.storage.codec import encode
from ansa.library.storage.rows import EMBEDDING
from ansa.names import printable
from ansa.photo.metadata.external import with_external_facts
from ansa.photo.read import MAX_FILE_BYTES, MissingDecoder, PhotoError, UnsupportedPhoto, read_facts
from ansa.scene import Facts, Scene

Analyze = Callable[[bytes, str], Scene]
"""The bytes of a file and its name -> its scene."""

Start = Callable[[], Analyze]
"""Called once in each worker; a picklable callable, so a function of a module or an object."""

Known = Callable[[bytes], bool]
"""Whether the signals of the content with this digest stand already; picklable too."""

# Time stamps of file systems advance in ticks of up to 10 ms. A file younger than a tick could
# change again and keep its time stamp, so it is read only when the tick is over.
_TICK_NS = 20_000_000


@dataclass(frozen=True, slots=True)
class Job:
    """One file to analyze.

    Attributes:
        key: what the outcome will carry.
        path: full path, as the file system's bytes.
    """

    key: int
    path: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job.

    Attributes:
        key: the job's.
        status: "ok" (facts and signals are given), "known" (its content has been analyzed
            before), "skipped" or "failed" (as the content is now), "unreadable" (this time; to be
            tried again in the next run), or "quarantined" (it alone killed its worker).
        digest: sha256 of the content.
        fingerprint: the file's, taken before it was read.
        facts: what the file, and what lies beside it, says of the photo; of a known content only
            when and where it was taken count, and None if that cannot be read.
        signals: what the networks gave by their heads, the embedding too, packed; empty bytes for
            what cannot be stored.
        reason: what is wrong.
        remedy: what helps.
    """

    key: int
    status: Literal["ok", "known", "skipped", "failed", "unreadable", "quarantined"]
    digest: bytes | None = None
    fingerprint: Fingerprint | None = None
    facts: Facts | None = None
    signals: Mapping[str, bytes] = field(default_factory=dict)
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker has loaded its networks. ``problem`` says why it could not, if so."""

    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Loaded:
    job: Job
    data: bytes
    digest: bytes
    fingerprint: Fingerprint


def main() -> None:
    """Runs the worker. The parent sends (start, known) first, then jobs."""
    source = sys.stdin.buffer
    answers = _claim_stdout()
    _no_core_dumps()
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
    try:
        start, known = pickle.load(source)  # noqa: S301 - from the parent
        threading.Thread(target=_listen, args=(source, jobs), daemon=True).start()
        analyze: Analyze = start()
    except Exception as error:
        _send(answers, Ready(f"{type(error).__name__}: {error}"))
        return
    _send(answers, Ready())
    loaded: queue.Queue[_Loaded | Outcome] = queue.Queue(maxsize=1)
    threading.Thread(target=_load_ahead, args=(jobs, loaded, known), daemon=True).start()
    while True:
        photo = loaded.get()
        _send(answers, photo if isinstance(photo, Outcome) else _analyze(analyze, photo))


def _listen(source: BinaryIO, jobs: queue.SimpleQueue[Job]) -> None:
    """Takes jobs until the parent closes the pipe or dies; then ends the process at once."""
    try:
        while True:
            jobs.put(pickle.load(source))  # noqa: S301
    finally:
        os._exit(0)


def _load_ahead(
    jobs: queue.SimpleQueue[Job], loaded: queue.Queue[_Loaded | Outcome], known: Known
) -> None:
    """Reads the next photo while this one is analyzed: a slow disk must not idle the core."""
    while True:
        loaded.put(_load(jobs.get(), known))


def _load(job: Job, known: Known) -> _Loaded | Outcome:
    """The file's bytes, read once; an outcome at once if there is nothing to analyze."""
    try:
        with open(job.path, "rb", buffering=0) as file:  # noqa: PTH123
            before = os.fstat(file.fileno())
            if 0 <= time.time_ns() - before.st_ctime_ns < _TICK_NS:
                time.sleep(_TICK_NS / 1e9)
                before = os.fstat(file.fileno())
            if before.st_size > MAX_FILE_BYTES:
                return Outcome(
                    job.key,
                    "failed",
                    fingerprint=Fingerprint.of(before),
                    reason=f"larger than {MAX_FILE_BYTES:,} bytes",
                    remedy="save it smaller",
                )
            data = file.read(before.st_size + 1)
            while len(data) < before.st_size and (more := file.read(before.st_size - len(data))):
                data += more
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        return Outcome(job.key, "unreadable", reason="vanished", remedy="nothing to do")
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        return Outcome(
            job.key, "unreadable", reason=reason, remedy="check its permissions and the disk"
        )
    except MemoryError:
        return _out_of_memory(job)
    fingerprint = Fingerprint.of(before)
    if fingerprint != Fingerprint.of(after) or len(data) != before.st_size:
        return Outcome(
            job.key,
            "unreadable",
            reason="changed while it was being read",
            remedy="index again when it is complete",
        )
    digest = hashlib.sha256(data).digest()
    if known(digest):
        return Outcome(job.key, "known", digest, fingerprint, _facts(job, data))
    return _Loaded(job, data, digest, fingerprint)


def _facts(job: Job, data: bytes) -> Facts | None:
    """Of a known content: another file with it may tell more, as may this version of ansa."""
    try:
        return with_external_facts(read_facts(data), os.fsdecode(job.path))
    except (PhotoError, MemoryError):
        return None


def _analyze(analyze: Analyze, photo: _Loaded) -> Outcome:
    key = photo.job.key
    name = printable(os.fsdecode(photo.job.path))
    try:
        scene = analyze(photo.data, name)
        given = {EMBEDDING: scene.embedding, **scene.signals}
        signals = {head: encode(head, signal) for head, signal in given.items()}
    except MemoryError:
        return _out_of_memory(photo.job)
    except PhotoError as error:
        skipped = isinstance(error, (UnsupportedPhoto, MissingDecoder))
        return Outcome(
            key,
            "skipped" if skipped else "failed",
            photo.digest,
            photo.fingerprint,
            reason=error.reason,
            remedy=error.remedy,
        )
    except Exception as error:
        # Whatever one photo brings up must not end the run; the next one may be fine.
        reason = f"could not be analyzed ({type(error).__name__}: {error})"
        remedy = "open it in another program and save it again"
        return Outcome(key, "failed", photo.digest, photo.fingerprint, reason=reason, remedy=remedy)
    facts = with_external_facts(scene.facts, os.fsdecode(photo.job.path))
    return Outcome(key, "ok", photo.digest, photo.fingerprint, facts, signals)


def _out_of_memory(job: Job) -> Outcome:
    return Outcome(
        job.key,
        "unreadable",
        reason="not enough memory for it",
        remedy="close other programs and index again",
    )


def _send(answers: BinaryIO, message: Any) -> None:
    try:
        pickle.dump(message, answers)
        answers.flush()
    except BrokenPipeError:  # the parent is gone
        os._exit(0)


def _claim_stdout() -> BinaryIO:
    """The pipe to the parent, out of reach of decoders that print to standard output."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _no_core_dumps() -> None:
    """A crash of a decoder is expected here and reported; it need not fill the disk."""
    try:
        import resource
    except ImportError:  # not a Unix system
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
