"""The child side of the worker pool: analyzes one photo after another in a process that may die.

The parent sends pickled jobs to its standard input, and reads pickled outcomes from its standard
output. The worker ends at once when its input closes, which also happens if the parent is killed.
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
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal, Protocol

from ansa.library.index_report import LIVE_FILM
from ansa.library.indexing.film_moments import film_scene, packed_moments, with_tags_of
from ansa.library.indexing.scan import Fingerprint
from ansa.library.storage.codec import encode
from ansa.library.storage.rows import EMBEDDING, PackedMoment
from ansa.names import printable
from ansa.photo.animation import telling_animation
from ansa.photo.file_kinds import FILM_SUFFIXES
from ansa.photo.film import read_film, read_header
from ansa.photo.formats import HEAD_BYTES, describe, identify, is_film
from ansa.photo.live_photo import is_live_film
from ansa.photo.metadata.external import with_external_facts
from ansa.photo.read import (
    MAX_FILE_BYTES,
    MissingDecoder,
    PhotoError,
    PhotoInColour,
    UnsupportedPhoto,
    read_facts,
)
from ansa.scene import Facts, Pixels, Scene

Keep = Callable[[PhotoInColour], None]
"""Called with a photo as it was read from the bytes of its file."""


class Analyze(Protocol):
    """Analyzes photos."""

    def __call__(self, data: bytes | Pixels, name: str, keep: Keep | None = None) -> Scene:
        """Returns the scene of a photo.

        Args:
            data: the bytes of its file, or its pixels.
            name: what errors call it.
            keep: may be called with the photo, so that it need not be read again to be shown.

        If the scene's embedding is empty, only its other signals are stored.
        """
        ...


Start = Callable[[], Analyze]
"""Called once in each worker; must be picklable: a function of a module, or an object."""

Known = Callable[[bytes], bool]
"""Whether the signals of the content with this digest are already stored; picklable too."""

Analyzed = Callable[[bytes, bytes, PhotoInColour | None], None]
"""Called with the digest and the bytes of each file that was analyzed, and with the photo as it was
read, if it was kept; picklable too."""

# Time stamps of file systems advance in steps of up to 10 ms. A younger file could change again
# without a new time stamp, so it is read only after that time.
_TICK_NS = 20_000_000

_PIECE, _PIECES = 2**20, 64  # bytes; what is read of a film that is too long to be read whole


@dataclass(frozen=True, slots=True)
class Job:
    """One file to analyze.

    Attributes:
        key: returned with the outcome.
        path: full path, as bytes of the file system.
        still: the full path of the photo that has the name of this film and lies beside it, so that
            the film may be that of a Live Photo; None if there is none, or it is no film.
    """

    key: int
    path: bytes
    still: bytes | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a job.

    Attributes:
        key: the job's key.
        status: "ok" (facts and signals are given), "known" (its content was analyzed before),
            "skipped" or "failed" (until the content changes), "unreadable" (now; the next run
            tries it again), or "quarantined" (it alone killed its worker).
        digest: sha256 of the content.
        fingerprint: the file's, taken before it was read.
        facts: the facts from the file and from what is beside it. For a known content, only time
            and place are used, and the value is None if they cannot be read.
        signals: the packed signals by head, including the embedding; empty bytes for a signal that
            cannot be stored.
        moments: the telling frames of a film or an animated picture.
        reason: what is wrong.
        remedy: what the user can do.
    """

    key: int
    status: Literal["ok", "known", "skipped", "failed", "unreadable", "quarantined"]
    digest: bytes | None = None
    fingerprint: Fingerprint | None = None
    facts: Facts | None = None
    signals: Mapping[str, bytes] = field(default_factory=dict)
    moments: tuple[PackedMoment, ...] = ()
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker has tried to load its networks. ``problem`` says why it failed, if it did."""

    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Loaded:
    job: Job
    data: bytes  # empty for a film, which is read from its file
    digest: bytes
    fingerprint: Fingerprint
    film: bool = False


def main() -> None:
    """Runs the worker. The parent sends (start, known, analyzed) first, then jobs."""
    source = sys.stdin.buffer
    answers = _claim_stdout()
    _no_core_dumps()
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
    try:
        start, known, analyzed = pickle.load(source)  # noqa: S301 - from the parent
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
        if isinstance(photo, Outcome):
            _send(answers, photo)
            continue
        read: list[PhotoInColour] = []
        outcome = _analyze(analyze, photo, read.append if analyzed else None)
        if analyzed and photo.data and outcome.status == "ok":
            analyzed(photo.digest, photo.data, read[0] if read else None)
        _send(answers, outcome)


def _listen(source: BinaryIO, jobs: queue.SimpleQueue[Job]) -> None:
    """Receives jobs until the parent closes the pipe or dies; then ends the process at once."""
    try:
        while True:
            jobs.put(pickle.load(source))  # noqa: S301
    finally:
        os._exit(0)


def _load_ahead(
    jobs: queue.SimpleQueue[Job], loaded: queue.Queue[_Loaded | Outcome], known: Known
) -> None:
    """Reads the next photo while this one is analyzed, so that a slow disk delays nothing."""
    while True:
        loaded.put(_load(jobs.get(), known))


def _load(job: Job, known: Known) -> _Loaded | Outcome:
    """Reads the file's bytes once; returns an outcome at once if nothing must be analyzed."""
    try:
        with open(job.path, "rb", buffering=0) as file:  # noqa: PTH123
            before = os.fstat(file.fileno())
            if 0 <= time.time_ns() - before.st_ctime_ns < _TICK_NS:
                time.sleep(_TICK_NS / 1e9)
                before = os.fstat(file.fileno())
            if _is_film(job, file):
                return _load_film(job, known, file, before)
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


def _is_film(job: Job, file: BinaryIO) -> bool:
    """Whether a file is read as a film: by its content, and by its name if that tells nothing."""
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if is_film(head) or identify(head):
        return is_film(head)
    named = os.path.splitext(os.fsdecode(job.path))[1].lower() in FILM_SUFFIXES  # noqa: PTH122
    return named and bool(head.strip(b"\0")) and describe(head) is None


def _load_film(job: Job, known: Known, file: BinaryIO, before: os.stat_result) -> _Loaded | Outcome:
    """Reads a film only as far as it takes to know its content again."""
    name, fingerprint = os.fsdecode(job.path), Fingerprint.of(before)
    header = None
    with suppress(PhotoError, MemoryError):  # which is told when the film is analyzed
        header = read_header(name)
    if job.still and header and is_live_film(header, os.fsdecode(job.still)):
        return Outcome(job.key, "skipped", fingerprint=fingerprint, reason=LIVE_FILM)
    digest = _film_digest(file, before.st_size)
    if fingerprint != Fingerprint.of(os.fstat(file.fileno())):
        return Outcome(
            job.key,
            "unreadable",
            reason="changed while it was being read",
            remedy="index again when it is complete",
        )
    if known(digest):
        facts = with_external_facts(header.facts, name) if header else None
        return Outcome(job.key, "known", digest, fingerprint, facts)
    return _Loaded(job, b"", digest, fingerprint, film=True)


def _film_digest(file: BinaryIO, size: int) -> bytes:
    """The sha256 of a film; of one that is longer than any photo, of pieces all over it.

    Such a digest differs from that of the whole file, so that the film is never taken for proven to
    be a copy, and is never moved as one.
    """
    if size <= MAX_FILE_BYTES:
        whole = hashlib.sha256()
        while piece := file.read(_PIECE):
            whole.update(piece)
        return whole.digest()
    found = hashlib.sha256(f"film of {size} bytes".encode())
    for place in range(_PIECES):
        file.seek((size - _PIECE) * place // (_PIECES - 1))
        found.update(file.read(_PIECE))
    return found.digest()


def _facts(job: Job, data: bytes) -> Facts | None:
    """Returns facts of a known content: another file or a newer version may know more."""
    try:
        return with_external_facts(read_facts(data), os.fsdecode(job.path))
    except (PhotoError, MemoryError):
        return None


def _analyze(analyze: Analyze, photo: _Loaded, keep: Keep | None) -> Outcome:
    key = photo.job.key
    name = printable(os.fsdecode(photo.job.path))
    moments: tuple[PackedMoment, ...] = ()
    try:
        if photo.film:
            film = read_film(os.fsdecode(photo.job.path), name=name)
            scenes = [analyze(frame.pixels, name) for frame in film.frames]
            scene = film_scene(film, scenes)
            moments = packed_moments(film.frames, scenes)
        else:
            scene = analyze(photo.data, name, keep)
            if len(scene.embedding) and (frames := telling_animation(photo.data)):
                scenes = [analyze(frame.pixels, name) for frame in frames]
                scene = with_tags_of(scene, scenes)
                moments = packed_moments(frames, scenes)
        given = {EMBEDDING: scene.embedding} if len(scene.embedding) else {}
        given |= scene.signals
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
        # No error of one photo may end the run, because the next photo may be fine.
        reason = f"could not be analyzed ({type(error).__name__}: {error})"
        remedy = "open it in another program and save it again"
        return Outcome(key, "failed", photo.digest, photo.fingerprint, reason=reason, remedy=remedy)
    facts = with_external_facts(scene.facts, os.fsdecode(photo.job.path))
    return Outcome(key, "ok", photo.digest, photo.fingerprint, facts, signals, moments)


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
    """Takes the pipe to the parent away from decoders that print to standard output."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _no_core_dumps() -> None:
    """Disables core dumps: decoder crashes are expected and reported, and need no disk space."""
    try:
        import resource
    except ImportError:  # not on Unix
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
