"""Opens the SQLite file of a library safely, and explains errors with a remedy."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from ansa.library.index_report import DamagedLibraryError, LibraryBusyError, LibraryError
from ansa.library.storage.user_data import UserDataError, path_of, read

APPLICATION_ID = 0x414E5341  # "ANSA", so that another program's database is never touched
BUSY_SECONDS = 10.0
_DAMAGED = "NOTADB", "CORRUPT"
_UNWRITABLE = "FULL", "IOERR", "CANTOPEN", "READONLY", "BUSY"  # and yet perhaps readable
_LACKING = "no such table", "no such column"

# Signals belong to a photo's content, not to its path: renaming, moving or copying a file needs
# only a hash and no analysis. Several files may have one photo. A signal is found by (photo, head,
# bundle), so vectors of two bundles are never mixed.
_FIRST = """
CREATE TABLE roots (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE            -- absolute real path, as the file system's bytes
);
CREATE TABLE photos (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,         -- sha256 of the file's bytes
    width INTEGER NOT NULL,              -- facts, see ansa.scene.Facts
    height INTEGER NOT NULL,
    format TEXT,
    taken TEXT,
    latitude REAL,
    longitude REAL,
    camera TEXT
);
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    root INTEGER NOT NULL REFERENCES roots,
    path BLOB NOT NULL,                  -- relative to the root
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ok', 'skipped', 'failed', 'quarantined')),
    photo INTEGER REFERENCES photos CHECK ((status = 'ok') = (photo IS NOT NULL)),
    reader TEXT NOT NULL,                -- versions of what read it; others try failures again
    reason TEXT NOT NULL DEFAULT '',
    remedy TEXT NOT NULL DEFAULT '',
    missing_since TEXT,                  -- UTC; NULL while the file is there
    UNIQUE (root, path)
);
CREATE INDEX files_by_photo ON files (photo);
CREATE TABLE bundles (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE          -- ansa.model.bundle.Bundle.id
);
CREATE TABLE signals (
    photo INTEGER NOT NULL REFERENCES photos,
    head TEXT NOT NULL,
    bundle INTEGER NOT NULL REFERENCES bundles,
    version INTEGER NOT NULL,            -- of the head
    data BLOB NOT NULL,
    PRIMARY KEY (photo, head, bundle)
);
CREATE TABLE everyday (                  -- reference texts, embedded once for each bundle
    bundle INTEGER PRIMARY KEY REFERENCES bundles,
    texts BLOB NOT NULL,                 -- sha256 of the texts
    data BLOB NOT NULL
);
"""
# The user's data, which cannot be computed again from the photos.
_EXPERIENCES = """
CREATE TABLE marks (                     -- favourites and hidden photos
    photo INTEGER PRIMARY KEY REFERENCES photos,
    mark TEXT NOT NULL CHECK (mark IN ('favourite', 'hidden'))
);
CREATE TABLE taught (                    -- examples of the classes that people teach
    name TEXT NOT NULL,
    photo INTEGER NOT NULL REFERENCES photos,
    shown INTEGER NOT NULL CHECK (shown IN (0, 1)),
    PRIMARY KEY (name, photo)
);
CREATE TABLE learned (                   -- from such examples and from marks: may be lost
    subject TEXT PRIMARY KEY,
    examples BLOB NOT NULL,              -- sha256 of what it was learned from
    data TEXT NOT NULL
);
CREATE TABLE located (                   -- towns at coordinates, as a table of towns has them
    source TEXT NOT NULL,                -- and its version
    latitude REAL NOT NULL,              -- rounded; see ansa.library.search.geocode_cache
    longitude REAL NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (source, latitude, longitude)
);
CREATE TABLE names (                     -- of tags, as the text network reads them
    bundle INTEGER NOT NULL REFERENCES bundles,
    name TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (bundle, name)
);
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE dismissed (                 -- memories that are not to be proposed again
    memory TEXT NOT NULL,
    family TEXT NOT NULL,                -- of such memories; see ansa.library.memories.proposals
    photo INTEGER NOT NULL REFERENCES photos,
    PRIMARY KEY (memory, photo)
);
"""
# A separate table, so that an old library that can only be read gets an empty one.
_SOURCES = """
CREATE TABLE sources (                   -- what said when and where; see ansa.scene.Facts
    photo INTEGER PRIMARY KEY REFERENCES photos,
    taken TEXT,
    precision TEXT NOT NULL,             -- of photos.taken
    place TEXT
);
"""
# The user's data belongs to contents, not to rows, so that it outlives the library's file: it is
# also written to a second file (see user_data.py) and restored from there.
_BY_CONTENT = """
CREATE TABLE told_marks (                -- favourites and hidden photos
    digest BLOB PRIMARY KEY,
    mark TEXT NOT NULL CHECK (mark IN ('favourite', 'hidden'))
);
CREATE TABLE told_tags (                 -- examples of the tags that people teach
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    shown INTEGER NOT NULL CHECK (shown IN (0, 1)),
    PRIMARY KEY (name, digest)
);
CREATE TABLE told_memories (             -- memories that are not to be proposed again
    memory TEXT NOT NULL,
    family TEXT NOT NULL,                -- of such memories, see ansa.library.memories.proposals
    digest BLOB NOT NULL,
    PRIMARY KEY (memory, digest)
);
CREATE TABLE told_settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE told_state (                -- one row: which state of what was told this is
    line TEXT NOT NULL,                  -- random, the same in both files
    revision INTEGER NOT NULL            -- grows with every change
);
INSERT OR IGNORE INTO told_marks SELECT digest, mark FROM marks JOIN photos ON id = photo;
INSERT OR IGNORE INTO told_tags SELECT name, digest, shown FROM taught JOIN photos ON id = photo;
INSERT OR IGNORE INTO told_memories
    SELECT memory, family, digest FROM dismissed JOIN photos ON id = photo;
INSERT OR IGNORE INTO told_settings SELECT name, value FROM settings;
INSERT INTO told_state
    SELECT lower(hex(randomblob(8))), 1 WHERE EXISTS (
        SELECT 1 FROM told_marks UNION ALL SELECT 1 FROM told_tags
        UNION ALL SELECT 1 FROM told_memories UNION ALL SELECT 1 FROM told_settings
    );
CREATE TABLE cache (                     -- what can be computed again, see cache.py
    id INTEGER PRIMARY KEY,              -- grows, so that the oldest goes first
    subject TEXT NOT NULL,
    key TEXT NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (subject, key)
);
INSERT OR IGNORE INTO cache (subject, key, data)
    SELECT subject, lower(hex(examples)), CAST(data AS BLOB) FROM learned;
DROP TABLE marks;
DROP TABLE taught;
DROP TABLE dismissed;
DROP TABLE settings;
DROP TABLE learned;
DROP TABLE located;
DROP TABLE names;
DROP TABLE everyday;
"""
# The mount points, which distinguish a disconnected drive from deleted photos.
_MOUNTS = """
CREATE TABLE mounts (                    -- folders that were on a device of their own
    root INTEGER NOT NULL REFERENCES roots,
    path BLOB NOT NULL,                  -- relative to the root; itself is empty
    device TEXT NOT NULL,                -- as the system numbers them; may change
    PRIMARY KEY (root, path)
);
"""
# What people corrected or said of memories, by content like all of the user's data.
_CORRECTIONS = """
CREATE TABLE told_kinds (                -- the kind of picture that a person says it is
    digest BLOB PRIMARY KEY,
    kind TEXT NOT NULL
);
CREATE TABLE told_corrections (          -- whether a photo shows what a tag says
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    here INTEGER NOT NULL CHECK (here IN (0, 1)),
    PRIMARY KEY (name, digest)
);
CREATE TABLE told_feedback (             -- memories that people like, and photos left out of one
    memory TEXT NOT NULL,
    said TEXT NOT NULL CHECK (said IN ('favourite', 'without')),
    family TEXT NOT NULL,                -- of such memories, see ansa.library.memories.proposals
    digest BLOB NOT NULL,
    PRIMARY KEY (memory, said, digest)
);
CREATE TABLE changes (                   -- what `ansa undo` takes back; may be lost
    id INTEGER PRIMARY KEY,              -- grows, so that the last one is taken back first
    what TEXT NOT NULL,                  -- in words
    before TEXT NOT NULL                 -- JSON: what was said of each photo before
);
"""
_FILMS = """
CREATE TABLE films (                     -- photos that are films
    photo INTEGER PRIMARY KEY REFERENCES photos,
    seconds REAL NOT NULL                -- the length
);
CREATE TABLE film_moments (              -- their telling frames, see ansa.photo.film
    photo INTEGER NOT NULL REFERENCES photos,
    bundle INTEGER NOT NULL REFERENCES bundles,
    second REAL NOT NULL,                -- from the start of the film
    embedding BLOB NOT NULL,
    tags BLOB NOT NULL,
    PRIMARY KEY (photo, bundle, second)
);
"""
_STEPS = (_FIRST, _EXPERIENCES, _SOURCES, _BY_CONTENT, _MOUNTS, _CORRECTIONS, _FILMS)
"""The additions of each version of the schema to the one before."""

SCHEMA_VERSION = len(_STEPS)

TABLES = frozenset(re.findall(r"^CREATE TABLE (\w+)", "".join(_STEPS), re.MULTILINE)) - frozenset(
    re.findall(r"^DROP TABLE (\w+)", "".join(_STEPS), re.MULTILINE)
)
"""The tables of a library."""


def connect(path: Path) -> tuple[sqlite3.Connection, bool]:
    """Opens the database, made if it does not exist: the connection, and whether it can be written.

    A library that cannot be written still opens, for searching.

    Raises:
        LibraryError: it is not a library, damaged, of a newer version, or cannot be opened.
    """
    with explained(path):
        if not path.exists():
            _make_folder(path.parent)
        elif not path.is_file():
            reason = "cannot be opened (it is no plain file)"
            raise LibraryError(str(path), reason, "name another with --library")
        elif not may_write(path):
            return _connect_readonly(path), False
        try:
            return _connect_writable(path), True
        except sqlite3.OperationalError as error:
            code = error.sqlite_errorname.removeprefix("SQLITE_")
            if not (code.startswith(_UNWRITABLE) and path.exists() and path.stat().st_size):
                raise
            try:
                return _connect_readonly(path), False
            except (sqlite3.Error, LibraryError):
                raise error from None


def _connect_writable(path: Path) -> sqlite3.Connection:
    connection = _open(path, "mode=rwc")
    try:
        connection.execute("PRAGMA synchronous = NORMAL")  # enough with WAL
        if _check(connection, path) == SCHEMA_VERSION:
            return connection
        _write_ahead(connection)
        with transaction(connection):
            for step in _STEPS[_check(connection, path) :]:  # none if another was quicker
                for statement in step.split(";\n"):
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        return connection
    except BaseException:
        connection.close()
        raise


def connect_reader(path: Path) -> sqlite3.Connection:
    """Opens a second connection that only reads, beside one from :func:`connect` that writes."""
    return _open(path, "mode=ro")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction: everything in it is stored, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # a full disk has rolled back already
            connection.execute("ROLLBACK")
        raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Converts SQLite's errors to a :class:`LibraryError` with the file and the remedy."""
    try:
        yield
    except sqlite3.Error as error:
        code = (getattr(error, "sqlite_errorname", "") or "").removeprefix("SQLITE_")
        if code.startswith(_DAMAGED) or str(error).startswith(_LACKING):
            raise DamagedLibraryError(str(path), *_damaged(path, str(error))) from error
        raise LibraryError(str(path), *_explain(code, str(error))) from error
    except OSError as error:
        reason = f"cannot be opened ({error.strerror})"
        raise LibraryError(str(path), reason, "choose another place for the library") from error


@contextmanager
def index_lock(path: Path) -> Iterator[None]:
    """A lock during an index run. The system frees it when the process ends, however it ends.

    Raises:
        LibraryError: another process holds it.
    """
    lock = path.with_name(path.name + "-index")
    with explained(path):
        connection = sqlite3.connect(lock, timeout=0, isolation_level=None)
    try:
        try:
            # Of two that ask at once exactly one gets it, unlike with BEGIN EXCLUSIVE.
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY":
                with explained(path):
                    raise
            raise LibraryBusyError(
                str(path), "another index run is at work on it", "wait until it has ended"
            ) from None
        yield
    finally:
        connection.close()


def _open(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"file:{quote(os.fsencode(path))}?{mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    connection.text_factory = _text
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")  # a full temporary folder does no harm
    return connection


def _text(data: bytes) -> str | bytes:
    """Returns text, or bytes if it is invalid: such a value is damaged, but no query fails."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switches to WAL: searches can read during an index run, and it survives kill -9."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # SQLite does not wait by itself for others to let go of the old mode.
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _connect_readonly(path: Path) -> sqlite3.Connection:
    # Without write permission SQLite cannot make the files that WAL shares between processes;
    # then it may read only what no process is writing ("immutable").
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        connection = _open(path, mode)
        try:
            if version := _check(connection, path):
                for step in _STEPS[version:]:  # of an older schema: what is new is temporary
                    for statement in step.split(";\n"):
                        if not statement.startswith("DROP"):
                            connection.execute(
                                statement.replace("CREATE TABLE", "CREATE TEMP TABLE")
                            )
                return connection
        except sqlite3.OperationalError:
            connection.close()
            if "immutable" in mode:
                raise
        except BaseException:
            connection.close()
            raise
        else:
            connection.close()
    raise LibraryError(str(path), "an empty library that cannot be written", "allow writing to it")


def _check(connection: sqlite3.Connection, path: Path) -> int:
    """Returns the version of the schema; 0 in a new, empty file.

    Raises:
        LibraryError: the file belongs to another program or to a newer ANSA.
    """
    # As of one moment: another process may be making the schema right now.
    alone = not connection.in_transaction
    if alone:
        connection.execute("BEGIN")
    try:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    finally:
        if alone:
            connection.execute("ROLLBACK")
    if owner == 0 and version == 0 and tables == 0:
        return 0
    if owner != APPLICATION_ID:
        raise LibraryError(
            str(path), "a database of another program", "give the library a file of its own"
        )
    if version > SCHEMA_VERSION:
        raise LibraryError(
            str(path),
            f"made by a newer ANSA (schema {version}, this one reads {SCHEMA_VERSION})",
            "upgrade ansa, or use another library file",
        )
    return int(version)


def may_write(path: Path) -> bool:
    """Returns whether permissions allow writing to a library and its folder."""
    effective = os.access in os.supports_effective_ids
    return all(os.access(p, os.W_OK, effective_ids=effective) for p in (path, path.parent))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            str(folder),
            f"cannot be made ({error.strerror})",
            "choose another place for the library",
        ) from None


def _explain(code: str, message: str) -> tuple[str, str]:
    """Returns the reason and the remedy for an SQLite error."""
    match code.split("_")[0]:
        case "BUSY" | "LOCKED":
            return "in use by another program", "close it and try again"
        case "FULL":
            return "the disk is full", "free some space and run it again; nothing stored is lost"
        case "READONLY" | "PERM" | "CANTOPEN" | "AUTH":
            return (
                f"cannot be written ({message})",
                "allow writing to it and its folder, or use another library file",
            )
        case "IOERR":
            return (
                f"cannot be read or written ({message})",
                "check that the disk is connected and not full; nothing stored is lost",
            )
        case _:
            return f"cannot be used ({message})", "close what else uses it and try again"


def _damaged(path: Path, message: str) -> tuple[str, str]:
    """Returns the reason and the remedy for a damaged file, which say what is really kept."""
    remedy = (
        "move it away and index again, as `ansa index FOLDER --rebuild` does: it is made anew from"
        " the photos"
    )
    second = path_of(path)
    try:
        if told := read(second):
            remedy += f", and what you told it ({told}) is kept in {second} and comes back"
        elif second.exists():
            remedy += "; nothing was told to it that could be lost"
        else:
            remedy = f"name another with --library; if it was one, {remedy}, and --rebuild saves"
            remedy += " what can be read of what you told it"
    except (UserDataError, OSError) as error:
        remedy += f"; of what you told it --rebuild saves what can be read ({second}: {error})"
    return f"not a library, or damaged ({message})", remedy
