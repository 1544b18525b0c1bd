"""Renames a damaged library so that a new one can be created, and saves what is still readable.

Signals are computed again from the photos, but the texts in pictures, which took the longest, are
taken over by the contents of the photos. The user's data is in the second file (``user_data.py``).
If that is missing, damaged or older, it is read from the damaged library.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansa.library.index_report import DamagedLibraryError, LibraryError
from ansa.library.storage import database
from ansa.library.storage.schema import TABLES
from ansa.library.storage.text_index import TEXT, stored_text
from ansa.library.storage.user_data import (
    UserData,
    UserDataError,
    after_a_change,
    gather,
    is_digest,
    newest,
    path_of,
    read,
    set_aside,
    write,
)

_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_OURS = b"CREATE TABLE signals"
_COMPANIONS = "-wal", "-shm"
# What was told, in the tables of now and in those of older schemas, from either end.
_MARKS = (
    "SELECT digest, mark FROM told_marks ORDER BY rowid {}",
    "SELECT digest, mark FROM marks JOIN photos ON id = photo ORDER BY marks.rowid {}",
)
_TAGS = (
    "SELECT name, digest, shown FROM told_tags ORDER BY rowid {}",
    "SELECT name, digest, shown FROM taught JOIN photos ON id = photo ORDER BY taught.rowid {}",
)
_MEMORIES = (
    "SELECT memory, family, digest FROM told_memories ORDER BY rowid {}",
    "SELECT memory, family, digest FROM dismissed JOIN photos ON id = photo"
    " ORDER BY dismissed.rowid {}",
)
_SETTINGS = (
    "SELECT name, value FROM told_settings ORDER BY rowid {}",
    "SELECT name, value FROM settings ORDER BY rowid {}",
)
_KINDS = ("SELECT digest, kind FROM told_kinds ORDER BY rowid {}",)
_CORRECTIONS = ("SELECT name, digest, here FROM told_corrections ORDER BY rowid {}",)
_FEEDBACK = ("SELECT memory, said, family, digest FROM told_feedback ORDER BY rowid {}",)
_WITH_CORRECTIONS = 6  # the version of the schema
_STATES = ("SELECT line, revision FROM told_state ORDER BY rowid {}",)
_ROOTS = ("SELECT path FROM roots ORDER BY rowid {}",)
_TEXTS = (
    "SELECT photos.digest, width, height, bundles.digest, version, data FROM signals"
    " JOIN photos ON photos.id = photo JOIN bundles ON bundles.id = bundle"
    " WHERE head = 'text' ORDER BY signals.rowid {}",
)


@dataclass(frozen=True, slots=True)
class RebuildResult:
    """The outcome of a rebuild.

    Attributes:
        aside: the new name of the damaged library.
        told: the user's data that is kept.
        folders: the indexed folders, as far as they are readable.
        texts: how many texts in pictures are kept.
    """

    aside: Path
    told: UserData
    folders: tuple[Path, ...]
    texts: int = 0

    def __str__(self) -> str:
        said = f"the damaged library is now {self.aside}; kept of what was told: {self.told}"
        if self.texts:
            said += f"; the texts in {self.texts:,} pictures are kept"
        if self.folders:
            said += f"; it held {', '.join(map(str, self.folders))}: index each of them again"
        return said


def rebuild(library: Path) -> RebuildResult | None:
    """Renames a damaged library without overwriting anything; the next opening creates a new one.

    Returns:
        None if there is no library, or if it is not damaged; then nothing is done.

    Raises:
        LibraryError: it is no library, an index run is using it, or it cannot be renamed.
    """
    if not library.exists() or not is_damaged(library):
        return None
    second = path_of(library)
    if not (second.exists() or _was_a_library(library)):
        raise LibraryError(str(library), "not a library", "name another file, or move it away")
    with database.index_lock(library), database.explained(library):
        left, folders = read_what_is_left(library)
        told, texts = _keep(second, left), texts_left(library)
        aside = set_aside(library)
        for end in _COMPANIONS:
            with suppress(FileNotFoundError):
                library.with_name(library.name + end).rename(aside.with_name(aside.name + end))
        _restore_texts(library, texts)
    return RebuildResult(aside, told, folders, len(texts))


def is_damaged(library: Path) -> bool:
    """Reads all of a file, and returns whether it is damaged as a database, or lacks tables.

    Raises:
        LibraryError: it is another program's, of a newer version, locked, or cannot be opened.
    """
    try:
        with database.explained(library), closing(database.connect(library)[0]) as connection:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            here = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return answer != "ok" or not {name for (name,) in here} >= TABLES
    except DamagedLibraryError:
        return True


def read_what_is_left(library: Path) -> tuple[UserData, tuple[Path, ...]]:
    """Reads the user's data of a damaged library, and its folders, as far as possible."""
    with tempfile.TemporaryDirectory() as folder:
        for file in _readable_forms(library, Path(folder)):
            uri = f"file:{quote(os.fsencode(file))}?mode=ro&immutable=1"
            with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True)) as connection:
                # Without it SQLite refuses a file that is shorter than its header says.
                connection.execute("PRAGMA writable_schema = ON")
                found = _told(connection), _folders(connection)
                if found[0] or found[1]:
                    return found
    return UserData(), ()


def texts_left(library: Path) -> dict[bytes, tuple[int, int, str, int, bytes]]:
    """Reads the texts in pictures of a damaged library, as far as possible.

    Returns:
        For the sha256 of each content: its width and height, what read the text, the version of
        the signal, and its data.
    """
    with tempfile.TemporaryDirectory() as folder:
        for file in _readable_forms(library, Path(folder)):
            uri = f"file:{quote(os.fsencode(file))}?mode=ro&immutable=1"
            with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True)) as connection:
                connection.execute("PRAGMA writable_schema = ON")  # see read_what_is_left
                kept = {
                    digest: (width, height, reader, version, data)
                    for digest, width, height, reader, version, data in _Rows(connection, _TEXTS)
                    if is_digest(digest)
                    and (type(width), type(height), type(version)) == (int, int, int)
                    and type(reader) is str
                    and (data == b"" or stored_text(data))
                }
                if kept:
                    return kept
    return {}


def _restore_texts(library: Path, texts: dict[bytes, tuple[int, int, str, int, bytes]]) -> None:
    """Puts texts into a new library, to which their photos come when they are indexed again."""
    if not texts:
        return
    with closing(database.connect(library)[0]) as connection, database.transaction(connection):
        for digest, (width, height, reader, version, data) in texts.items():
            connection.execute(
                "INSERT INTO photos (digest, width, height) VALUES (?, ?, ?)",
                (digest, width, height),
            )
            connection.execute("INSERT OR IGNORE INTO bundles (digest) VALUES (?)", (reader,))
            connection.execute(
                "INSERT INTO signals (photo, head, bundle, version, data)"
                " SELECT photos.id, ?, bundles.id, ?, ? FROM photos, bundles"
                " WHERE photos.digest = ? AND bundles.digest = ?",
                (TEXT, version, data, digest, reader),
            )


def _keep(second: Path, left: UserData) -> UserData:
    """Puts what is left together with what the second file says; that is what is kept."""
    try:
        kept = read(second) or UserData()
    except UserDataError:
        set_aside(second)
        kept = UserData()
    both = newest(left, kept)
    if both and not both.line:
        both = after_a_change(both)
    if both != kept:
        write(second, both)
    return both


def _was_a_library(library: Path) -> bool:
    if not library.stat().st_size:
        return False
    with library.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return data[: len(_MAGIC)] == _MAGIC or data.find(_OURS) >= 0


def _readable_forms(library: Path, folder: Path) -> Iterator[Path]:
    """The file, and if its header is gone, a copy of it with that of a new library."""
    yield library
    with library.open("rb") as damaged:
        if damaged.read(len(_MAGIC)) == _MAGIC:
            return
        new, copy = folder / "new.sqlite", folder / "copy.sqlite"
        database.connect(new)[0].close()
        with copy.open("wb") as out:
            pages = library.stat().st_size // 4096
            head = bytearray(new.read_bytes()[:_HEADER])
            head[28:32] = pages.to_bytes(4, "big")
            head[32:40] = bytes(8)  # no free pages that could be followed
            out.write(head)
            damaged.seek(_HEADER)
            while data := damaged.read(2**20):
                out.write(data)
    yield copy


def _told(connection: sqlite3.Connection) -> UserData:
    parts = (_MARKS, _TAGS, _MEMORIES, _SETTINGS, _KINDS, _CORRECTIONS, _FEEDBACK, _STATES)
    rows = [_Rows(connection, queries) for queries in parts]
    told = gather(*rows)
    read = all(each.whole for each in rows if each.queries not in _since(connection))
    return told if read else replace(told, line="", revision=0)


def _since(connection: sqlite3.Connection) -> tuple[tuple[str, ...], ...]:
    """The queries of tables that a library of its version does not have."""
    with suppress(sqlite3.Error):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version < _WITH_CORRECTIONS:
            return _KINDS, _CORRECTIONS, _FEEDBACK
    return ()


def _folders(connection: sqlite3.Connection) -> tuple[Path, ...]:
    found = {path for (path,) in _Rows(connection, _ROOTS) if type(path) is bytes}
    return tuple(Path(os.fsdecode(path)) for path in sorted(found))


class _Rows:
    """The readable rows of tables, read from both ends up to the damage between them.

    Attributes:
        queries: what is read, of the newest schema first.
        whole: whether one of them could be read to its end.
    """

    def __init__(self, connection: sqlite3.Connection, queries: tuple[str, ...]) -> None:
        self._connection = connection
        self.queries = queries
        self.whole = False

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for query in self.queries:
            for order in ("ASC", "DESC"):
                try:
                    yield from self._connection.execute(query.format(order))
                except sqlite3.Error:
                    continue
                self.whole |= order == "ASC"
                break
