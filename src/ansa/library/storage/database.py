"""Opens the SQLite file of a library safely, and explains errors with a remedy."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from ansa.library.index_report import DamagedLibraryError, LibraryBusyError, LibraryError
from ansa.library.storage.schema import SCHEMA_VERSION, STEPS
from ansa.library.storage.user_data import UserDataError, path_of, read

APPLICATION_ID = 0x414E5341  # "ANSA", so that another program's database is never touched
BUSY_SECONDS = 10.0
_DAMAGED = "NOTADB", "CORRUPT"
_UNWRITABLE = "FULL", "IOERR", "CANTOPEN", "READONLY", "BUSY"  # and yet perhaps readable
_LACKING = "no such table", "no such column"


def connect(path: Path, *, read_only: bool = False) -> tuple[sqlite3.Connection, bool]:
    """Opens the database, made if it does not exist: the connection, and whether it can be written.

    A library that cannot be written still opens, for searching.

    Args:
        path: the library's file.
        read_only: whether it is only read, and not made either.

    Raises:
        LibraryError: it is not a library, damaged, of a newer version, or cannot be opened.
    """
    with explained(path):
        if read_only:
            if not path.is_file():
                raise LibraryError(str(path), "no library there", "run `ansa index FOLDER` first")
            return _connect_readonly(path), False
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
            for step in STEPS[_check(connection, path) :]:  # none if another was quicker
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
def index_lock(path: Path, run: str = "index") -> Iterator[None]:
    """Held during an index run; the system frees it when the process ends, however it ends.

    Args:
        path: the library's file.
        run: the kind of run; those of other kinds may be at work at the same time.

    Raises:
        LibraryError: another process holds it.
    """
    lock = path.with_name(f"{path.name}-{run}")
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
                str(path), f"another {run} run is at work on it", "wait until it has ended"
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
                for step in STEPS[version:]:  # of an older schema: what is new is temporary
                    for statement in step.split(";\n"):
                        if temporary := _temporary(statement):
                            connection.execute(temporary)
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


def _temporary(statement: str) -> str:
    """Returns a step's statement for tables that are only in memory; empty if it needs none."""
    made = statement.lstrip()
    if made.startswith(("DROP", "CREATE TRIGGER", "CREATE INDEX")):
        return ""
    made = statement.replace("CREATE VIRTUAL TABLE ", "CREATE VIRTUAL TABLE temp.")
    return made.replace("CREATE TABLE", "CREATE TEMP TABLE")


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
