"""A cache of trained classifiers, each with a digest of the examples it was trained on."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ansa.library.session import LibrarySession

_METHOD = "2"  # changed when the training changes, so that everything is trained again


def digest_of(session: LibrarySession, *examples: Any) -> bytes:
    """Returns a digest of JSON-ready examples and of the bundle that analyzed them."""
    told = json.dumps([_METHOD, session.model().bundle, *examples])
    return hashlib.sha256(told.encode()).digest()


def recall(session: LibrarySession, subject: str, examples: bytes) -> Any | None:
    """Returns the cached value of a subject, if it was trained on these examples; else None."""
    kept = session.store.cache.get(subject).get(examples.hex())
    try:
        return None if kept is None else json.loads(kept)
    except (ValueError, RecursionError):
        return None  # damaged, so it is trained again


def keep(
    session: LibrarySession, subject: str, examples: bytes, data: Any, *, most: int = 1
) -> None:
    """Stores a JSON-ready value if possible, and keeps only the last ``most`` of the subject."""
    session.store.cache.put(subject, {examples.hex(): json.dumps(data).encode()}, most=most)


def drop(session: LibrarySession, subject: str) -> None:
    """Deletes the cached values of a subject.

    Raises:
        LibraryError: the library cannot be written.
    """
    with session.store.writing() as connection:
        connection.execute("DELETE FROM cache WHERE subject = ?", (subject,))
