"""A cache of memories, which is valid until anything that they depend on has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from ansa.library.model_cache import digest_of, drop, keep, recall
from ansa.library.session import LibrarySession

_SUBJECT = "memories"
_MOST = 16  # cached combinations of folders, days and limits
_CHUNK = 4096  # rows that are in memory at a time
_METHOD = 11  # changed when memories are computed differently, so that all are computed again
# Texts of every photo are read as bytes: SQLite hands over each text to a function in Python.
_STATE = (
    "SELECT id, path FROM roots ORDER BY id",
    "SELECT root, path, photo FROM files"
    " WHERE photo IS NOT NULL AND missing_since IS NULL ORDER BY id",
    "SELECT id, width, height, CAST(taken AS BLOB), latitude, longitude, CAST(camera AS BLOB)"
    " FROM photos ORDER BY id",
    "SELECT photo, CAST(taken AS BLOB), CAST(precision AS BLOB) FROM sources ORDER BY photo",
    # A signal that is stored again has another row. Groups by heads would take five times as long.
    "SELECT count(*), sum(rowid), sum(photo), sum(bundle), sum(version), sum(length(data))"
    " FROM signals",
    "SELECT digest, mark FROM told_marks ORDER BY digest",
    "SELECT memory, digest FROM told_memories ORDER BY memory, digest",
    "SELECT digest, kind FROM told_kinds ORDER BY digest",
    "SELECT name, digest, here FROM told_corrections ORDER BY name, digest",
    "SELECT name, digest, shown FROM told_tags ORDER BY name, digest",
    "SELECT memory, said, digest FROM told_feedback ORDER BY memory, said, digest",
    "SELECT name, value FROM told_settings ORDER BY name",
)
_PACKAGES = "holidays", "reverse_geocode", "tzfpy", "dateutil"  # packages that name days and places


def cached_memories(
    session: LibrarySession,
    make: Callable[[], dict[str, Any]],
    holds: Callable[[dict[str, Any]], bool],
    *options: Any,
    limit: int | None = None,
) -> dict[str, Any]:
    """Returns the JSON-ready result of ``make``, computed now or in an earlier run.

    Args:
        session: the library.
        make: computes the result.
        holds: whether a cached result is still valid by what is outside of the library: files.
        options: everything that it depends on besides the library, JSON-ready.
        limit: how many memories are wanted, the first of all; what was made of all serves, too.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    here = [find_spec(package) is not None for package in _PACKAGES]
    folder = None if session.folder is None else str(session.folder)
    limits = [folder, *sorted(map(str, session.within))] if session.within else folder
    known = _METHOD, _state(session), here, limits, *options
    every = digest_of(session, *known)
    wanted = every if limit is None else digest_of(session, *known, {"limit": limit})
    for examples in dict.fromkeys((every, wanted)):
        found = recall(session, _SUBJECT, examples)
        if isinstance(found, dict) and holds(found):
            return found
    made = make()
    keep(session, _SUBJECT, wanted, made, most=_MOST)
    return made


def drop_memories(session: LibrarySession) -> None:
    """Deletes the cached memories, including the names of their files.

    Raises:
        LibraryError: the library cannot be written.
    """
    drop(session, _SUBJECT)


def _state(session: LibrarySession) -> str:
    """Returns a digest of the library's current files, facts, signals, marks and settings."""
    digest = hashlib.sha256()
    with session.store.reading() as connection:
        for query in _STATE:
            rows = connection.execute(query)
            while some := rows.fetchmany(_CHUNK):
                digest.update(repr(some).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()
