"""Rows of the library's tables: what is known of a file, and what is to be stored of one."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansa.library.indexing.scan import Fingerprint
from ansa.scene import Facts

EMBEDDING = "embedding"
STATUSES = "ok", "skipped", "failed", "quarantined"


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What is stored of a file.

    Attributes:
        id: its row.
        fingerprint: as it was when it was read.
        status: "ok", "skipped", "failed" or "quarantined".
        photo: the row of its content; None unless "ok".
        digest: sha256 of its content; None unless "ok".
        reader: versions of what read it.
        reason: what is wrong, unless "ok".
        remedy: what helps, unless "ok".
        missing: it was gone in the last run.
        analyzed: all of the current bundle's signals of its content stand, and are sound.
        damaged: something that is stored of it is not what was stored once.
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
    """What one head gave for one photo, packed for storing; no bytes if it gave nothing."""

    head: str
    version: int
    data: bytes


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What is to be stored of a file.

    Attributes:
        path: relative to the root.
        fingerprint: when it was read.
        status: "ok", "skipped", "failed" or "quarantined".
        reader: versions of what read it.
        digest: of its content, if "ok".
        facts: of its content; if it was not analyzed, only what says when and where better than
            what is stored.
        signals: of its content, if it was analyzed.
        reason: what is wrong, unless "ok".
        remedy: what helps, unless "ok".
        replaces: the row of the file that was moved here.
    """

    path: bytes
    fingerprint: Fingerprint
    status: str
    reader: str
    digest: bytes | None = None
    facts: Facts | None = None
    signals: tuple[Signal, ...] = field(default=())
    reason: str = ""
    remedy: str = ""
    replaces: int | None = None
