"""Rows of the library's tables: what is known about a file, and what to store about one."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansa.library.indexing.scan import Fingerprint
from ansa.scene import Facts

EMBEDDING = "embedding"
STATUSES = "ok", "skipped", "failed", "quarantined"


@dataclass(frozen=True, slots=True)
class KnownFile:
    """The stored facts of a file.

    Attributes:
        id: its row.
        fingerprint: the fingerprint when it was read.
        status: "ok", "skipped", "failed" or "quarantined".
        photo: the row of its content; None unless "ok".
        digest: sha256 of its content; None unless "ok".
        reader: the versions of the software that read it.
        reason: what is wrong, unless "ok".
        remedy: what the user can do, unless "ok".
        missing: whether it was gone in the last run.
        analyzed: whether all signals of the current bundle are stored and undamaged.
        damaged: whether some stored value is damaged.
    """

    id: int
    fingerprint: Fingerprint
    status: str
    photo: int | None
    digest: bytes | None
    reader: str
    reason: str
    remedy: str
    missing: bool
    analyzed: bool
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Signal:
    """One head's signal for one photo, packed; empty bytes if the head gave nothing."""

    head: str
    version: int
    data: bytes


@dataclass(frozen=True, slots=True)
class PackedMoment:
    """What is stored about one telling frame of a film.

    Attributes:
        second: when it is shown, in seconds from the start of the film.
        embedding: its packed embedding.
        tags: its packed tags; empty if the bundle gives none.
    """

    second: float
    embedding: bytes
    tags: bytes


@dataclass(frozen=True, slots=True)
class FileRecord:
    """The facts and signals of a file that are to be stored.

    Attributes:
        path: relative to the root.
        fingerprint: the fingerprint when it was read.
        status: "ok", "skipped", "failed" or "quarantined".
        reader: the versions of the software that read it.
        digest: sha256 of its content, if "ok".
        facts: the facts of its content; if it was not analyzed, only a time and a place that are
            more reliable than the stored ones.
        signals: the signals of its content, if it was analyzed; of a film, those of its poster.
        moments: the telling frames, if it is a film that was analyzed.
        reason: what is wrong, unless "ok".
        remedy: what the user can do, unless "ok".
        replaces: the row of the file that was moved here.
    """

    path: bytes
    fingerprint: Fingerprint
    status: str
    reader: str
    digest: bytes | None = None
    facts: Facts | None = None
    signals: tuple[Signal, ...] = field(default=())
    moments: tuple[PackedMoment, ...] = ()
    reason: str = ""
    remedy: str = ""
    replaces: int | None = None
