"""The small pictures of a library, in a bounded file beside it that may be deleted at any time.

Nothing here ever raises an error for the file's sake: a picture that cannot be read from it is made
again, and one that cannot be stored is not stored.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ansa.photo.errors import PhotoError

if TYPE_CHECKING:
    from ansa.library.thumbnails.picture import Size
    from ansa.photo.read import PhotoInColour

MAX_BYTES = 2 * 2**30
"""The size of the file from which on the oldest pictures are dropped."""

_VERSION = 1
_WAIT_SECONDS = 0.5
_DROPPED = 0.1  # the share of the pictures that go when the file is full
_SCHEMA = """
CREATE TABLE IF NOT EXISTS pictures (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL,                -- sha256 of the photo
    size TEXT NOT NULL,
    data BLOB NOT NULL,                  -- WebP
    UNIQUE (digest, size)
)
"""


class ThumbnailCache:
    """The cache of one library. Each thread needs one of its own.

    Args:
        library: the library's file.
        max_bytes: the size of the cache's file from which on the oldest pictures are dropped.
    """

    def __init__(self, library: Path, max_bytes: int = MAX_BYTES) -> None:
        self.path = path_of(library)
        self._max_bytes = max_bytes
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = self._open()
        except sqlite3.DatabaseError:
            with suppress(OSError, sqlite3.Error):  # it is damaged: everything in it can be made
                self.path.unlink(missing_ok=True)
                self._connection = self._open()

    def close(self) -> None:
        """Closes the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(self, digest: bytes, size: Size) -> bytes | None:
        """Returns the picture of the photo with a sha256, as WebP; None if it is not stored."""
        query = "SELECT data FROM pictures WHERE digest = ? AND size = ?"
        with suppress(sqlite3.Error):
            if self._connection is not None:
                row = self._connection.execute(query, (digest, size)).fetchone()
                return row[0] if row and type(row[0]) is bytes else None
        return None

    def put(self, digest: bytes, size: Size, picture: bytes) -> None:
        """Stores a picture, and drops the oldest ones if the file has grown too large."""
        with suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.execute(
                    "INSERT OR REPLACE INTO pictures (digest, size, data) VALUES (?, ?, ?)",
                    (digest, size, picture),
                )
                if self.bytes_used() > self._max_bytes:
                    self._drop_oldest(self._connection)

    def bytes_used(self) -> int:
        """Returns how many bytes the pictures take in the file."""
        with suppress(sqlite3.Error):
            if self._connection is not None:
                (pages,) = self._connection.execute("PRAGMA page_count").fetchone()
                (free,) = self._connection.execute("PRAGMA freelist_count").fetchone()
                (size,) = self._connection.execute("PRAGMA page_size").fetchone()
                return int((pages - free) * size)
        return 0

    def _drop_oldest(self, connection: sqlite3.Connection) -> None:
        (count,) = connection.execute("SELECT count(*) FROM pictures").fetchone()
        connection.execute(
            "DELETE FROM pictures WHERE id IN (SELECT id FROM pictures ORDER BY id LIMIT ?)",
            (max(1, int(count * _DROPPED)),),
        )

    def _open(self) -> sqlite3.Connection:
        uri = f"file:{quote(os.fsencode(self.path))}?mode=rwc"
        connection = sqlite3.connect(uri, uri=True, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")  # a lost picture is made again
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version not in (0, _VERSION):
                connection.execute("DROP TABLE IF EXISTS pictures")
            connection.execute(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
        except BaseException:
            connection.close()
            raise
        return connection


class MakeThumbnails:
    """Makes the grid pictures of photos as they are indexed; used in workers, and so picklable.

    Args:
        library: the library's file.
    """

    def __init__(self, library: Path) -> None:
        self._library = library
        self._cache: ThumbnailCache | None = None

    def __call__(self, digest: bytes, data: bytes, read: PhotoInColour | None = None) -> None:
        """Makes the picture of a photo, if it is not stored yet.

        Args:
            digest: the sha256 of the photo's file.
            data: the bytes of the file.
            read: the photo as it was read to be analyzed; if it is large enough, it is not read
                again.
        """
        from ansa.library.thumbnails.picture import make_picture, picture_of_read

        if self._cache is None:
            self._cache = ThumbnailCache(self._library)
        if self._cache.get(digest, "grid") is None:
            with suppress(PhotoError, MemoryError):
                picture = picture_of_read(read, "grid") if read else None
                self._cache.put(digest, "grid", picture or make_picture(data, "grid"))


def path_of(library: Path) -> Path:
    """Returns the path of the file with a library's small pictures."""
    return library.with_name(f"{library.name}-thumbnails")
