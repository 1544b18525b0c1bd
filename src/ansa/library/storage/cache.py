"""A cache in the library for values that can be computed again.

Reading and writing never fail and hardly wait. If the file is locked, full, damaged or read-only,
no value is found and none is stored.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ansa.library.storage.database import BUSY_SECONDS, transaction

_WAIT_SECONDS = 0.05
# After a failure, nothing is written for so long, so that waits do not add up.
_PAUSE_SECONDS = 10.0


def json_values(packed: Sequence[bytes]) -> list[Any]:
    """Returns the values of JSON documents, None for each that is damaged.

    Thousands of small documents are read three times as fast as one by one.
    """
    with suppress(ValueError, RecursionError):
        values = json.loads(b"[" + b",".join(packed) + b"]")
        if len(values) == len(packed):
            return list(values)
    return [_json_value(each) for each in packed]


def _json_value(packed: bytes) -> Any:
    try:
        return json.loads(packed)
    except (ValueError, RecursionError):
        return None


class Cache:
    """The cache of an open library.

    Args:
        connection: the connection to the library's file.
        writable: whether anything can be stored at all.

    Attributes:
        changes: the number of rows that were changed through this connection.
    """

    def __init__(self, connection: sqlite3.Connection, writable: bool) -> None:
        self._connection = connection
        self._writable = writable
        self._paused_until = 0.0
        self.changes = 0

    def get(self, subject: str, keys: Sequence[str] | None = None) -> dict[str, bytes]:
        """Returns the cached values of a subject by their keys.

        Args:
            subject: what the values are about.
            keys: only these, at most a few hundred; all if None.
        """
        query = "SELECT key, data FROM cache WHERE subject = ?"
        if keys is not None:
            query += f" AND key IN ({','.join('?' * len(keys))})"
        with suppress(sqlite3.Error, UnicodeError):
            rows = self._connection.execute(query, (subject, *(keys or ()))).fetchall()
            return {key: data for key, data in rows if type(key) is str and type(data) is bytes}
        return {}

    def put(self, subject: str, found: Mapping[str, bytes], *, most: int | None = None) -> None:
        """Stores computed values, and replaces those with the same keys.

        Args:
            subject: what the values are about.
            found: the values by their keys.
            most: only so many keys of the subject are kept, the latest ones.
        """
        idle = self._connection.in_transaction or time.monotonic() < self._paused_until
        if not self._writable or not found or idle:
            return
        before = self._connection.total_changes
        try:
            self._connection.execute(f"PRAGMA busy_timeout = {round(_WAIT_SECONDS * 1000)}")
            with transaction(self._connection):
                self._connection.executemany(
                    "INSERT OR REPLACE INTO cache (subject, key, data) VALUES (?, ?, ?)",
                    [(subject, key, data) for key, data in found.items()],
                )
                if most is not None:
                    self._connection.execute(
                        "DELETE FROM cache WHERE subject = ?1 AND id NOT IN"
                        " (SELECT id FROM cache WHERE subject = ?1 ORDER BY id DESC LIMIT ?2)",
                        (subject, most),
                    )
        except (sqlite3.Error, UnicodeError):
            self._paused_until = time.monotonic() + _PAUSE_SECONDS
        finally:
            self.changes += self._connection.total_changes - before
            with suppress(sqlite3.Error):
                self._connection.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
