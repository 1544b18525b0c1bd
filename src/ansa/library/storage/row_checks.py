"""Finds damaged rows, which are treated as if they were missing.

A library file is not trusted: any row may be damaged while the rest is intact. The photo of such a
row is reported, counts as waiting, and is read again by the next index run.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansa.library.indexing.scan import Fingerprint
from ansa.library.storage.codec import is_sound
from ansa.library.storage.facts import LIKELY_SOUND, SELECT, are_sound
from ansa.library.storage.rows import EMBEDDING, STATUSES, KnownFile
from ansa.library.storage.user_data import is_digest
from ansa.library.storage.vectors import unpack

_CHUNK = 4096
_SLASH = os.fsencode(os.sep).hex()
_UP = b"..".hex()

SOUND_ROOT = (
    "typeof(roots.path) = 'blob' AND length(roots.path) > 0 AND NOT instr(roots.path, x'00')"
)
"""The condition on a row of ``roots``."""

SOUND_FILE = f"""
    typeof(files.path) = 'blob' AND length(files.path) > 0 AND NOT instr(files.path, x'00')
    AND substr(files.path, 1, 1) <> x'{_SLASH}' AND files.path <> x'{_UP}'
    AND substr(files.path, 1, 3) <> x'{_UP}{_SLASH}' AND substr(files.path, -3) <> x'{_SLASH}{_UP}'
    AND NOT instr(files.path, x'{_SLASH}{_UP}{_SLASH}')
    AND +root IN (SELECT id FROM roots WHERE {SOUND_ROOT})
"""  # noqa: S608 - values of ours
"""The condition on a row of ``files``: a path that lies in its folder.

The plus keeps SQLite from reading whole folders by this condition, where a few photos are wanted.
"""

THERE = f"typeof(files.photo) = 'integer' AND missing_since IS NULL AND {SOUND_FILE}"
"""The condition on a row of ``files``: it holds a photo that was there in the last run."""

LOST = f"""
    missing_since IS NULL AND NOT (
        status = 'ok' AND {THERE}
        OR status IN ('skipped', 'failed', 'quarantined') AND files.photo IS NULL AND {SOUND_FILE}
    )
"""
"""The condition on a row of ``files``: what became of the file is damaged."""


@dataclass(frozen=True, slots=True)
class ExpectedSignals:
    """The signals that each photo should have.

    Attributes:
        bundle: the row of the bundle; None if nothing of it was ever stored.
        heads: the version of each of its heads.
        dim: the length of its vectors.
        sizes: the number of bytes of each head's signal, for signals of a fixed size.
    """

    bundle: int | None
    heads: Mapping[str, int]
    dim: int
    sizes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredSignals:
    """The state of the stored signals of some photos.

    Attributes:
        whole: photos whose signals are complete and undamaged.
        damaged: photos with damaged signals.
    """

    whole: frozenset[int]
    damaged: frozenset[int]


def find_stored_signals(
    connection: sqlite3.Connection, photos: str, wanted: ExpectedSignals
) -> StoredSignals:
    """Reads the signals of the photos of a query, and checks every value."""
    asked = {photo for (photo,) in connection.execute(photos)}
    found = dict.fromkeys(asked, 0)
    damaged: set[int] = set()
    vectors: list[tuple[int, Any]] = []
    heads, sizes = wanted.heads, wanted.sizes

    def check_vectors() -> None:
        _, sound = unpack([data for _, data in vectors], wanted.dim)
        good = {vectors[place][0] for place in sound.tolist()}
        for photo in good:
            found[photo] += 1
        damaged.update(photo for photo, _ in vectors if photo not in good)
        vectors.clear()

    rows = connection.execute(
        "SELECT photo, head, version, data FROM signals"  # noqa: S608
        f" WHERE bundle = ? AND photo IN ({photos})",
        (wanted.bundle,),
    )
    for photo, head, version, data in rows:
        if head not in heads:
            continue
        if version != heads[head]:
            damaged.add(photo)
        elif head == EMBEDDING:
            vectors.append((photo, data))
            if len(vectors) == _CHUNK:
                check_vectors()
        elif is_sound(head, data) and (head not in sizes or len(data) in (0, sizes[head])):
            found[photo] += 1
        else:
            damaged.add(photo)
    check_vectors()
    damaged |= damaged_facts(connection, photos)
    whole = (photo for photo, count in found.items() if count == len(heads))
    return StoredSignals(frozenset(whole) - damaged, frozenset(damaged))


def damaged_facts(connection: sqlite3.Connection, photos: str) -> set[int]:
    """Returns the photos of a query whose facts are damaged or lost."""
    suspects = {photo for (photo,) in connection.execute(f"{photos} EXCEPT {LIKELY_SOUND}")}
    if not suspects:
        return suspects
    rows = connection.execute(f"{SELECT} WHERE photos.id IN ({photos} EXCEPT {LIKELY_SOUND})")
    return suspects - {photo for photo, *row in rows if are_sound(tuple(row))}


def known_file(
    id_: int,
    fingerprint: Fingerprint,
    about: tuple[Any, Any, Any, Any, Any, Any],
    missing: bool,
    stand: StoredSignals,
) -> KnownFile:
    """Returns the facts of a file without damaged values.

    Args:
        id_: its row.
        fingerprint: as it is stored; one that is damaged is like no other.
        about: its status, photo, digest of that, reader, reason and remedy.
        missing: it was gone in the last run.
        stand: of the photos of its folder.
    """
    status, photo, digest, reader, reason, remedy = about
    held = photo if type(photo) is int else None
    texts = all(type(text) is str for text in (reader, reason, remedy))
    sound = texts and status in STATUSES and (held is not None) == (status == "ok")
    if not sound:
        status, reader, reason, remedy = "failed" if held is None else "ok", "", "", ""
    return KnownFile(
        id_, fingerprint, status, held, digest if is_digest(digest) else None, reader, reason,
        remedy, missing, sound and held in stand.whole, not sound or held in stand.damaged,
    )  # fmt: skip
