"""Keeps the user's data in a library and in its second file in step (see ``user_data.py``)."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ansa.library.index_report import LibraryError, LibraryWarning
from ansa.library.storage.database import BUSY_SECONDS, transaction
from ansa.library.storage.user_data import (
    NewerUserDataError,
    UserData,
    UserDataError,
    after_a_change,
    from_tables,
    into_tables,
    newest,
    path_of,
    read,
    set_aside,
    write,
)

_WAIT_SECONDS = 0.1


def bring_together(library: Path, connection: sqlite3.Connection, writable: bool) -> None:
    """Brings both files to the same state when a library is opened, if they differ.

    A new library gets all the user's data of the one before it. A damaged second file is renamed
    and written again. No problem with it prevents a library from being opened.
    """
    file = path_of(library)
    damage: UserDataError | None = None
    try:
        try:
            told = read(file) or UserData()
        except NewerUserDataError:
            return  # reported as soon as the user's data changes
        except UserDataError as error:
            damage = error
        if damage and not writable:
            _say(f"{file}: {damage}; move it away, what the library itself knows is used")
        if not writable or not (damage or told != from_tables(connection)):
            return
        connection.execute(f"PRAGMA busy_timeout = {round(_WAIT_SECONDS * 1000)}")
        with transaction(connection):
            if damage:
                aside = set_aside(file)
                _say(f"{file}: {damage}; it is now {aside}, what the library itself knows is used")
            _merge(library, connection, file)
    except (sqlite3.Error, OSError, LibraryError):
        return  # it is locked, full or read-only; the next process that opens it can do it
    finally:
        with suppress(sqlite3.Error):
            connection.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")


@contextmanager
def telling(library: Path, connection: sqlite3.Connection) -> Iterator[None]:
    """Changes the user's data within a transaction; the second file has the changes at its end.

    Raises:
        LibraryError: the second file cannot be written, or is from a newer version.
    """
    file = path_of(library)
    try:
        _merge(library, connection, file)
    except UserDataError as error:
        remedy = (
            "upgrade ansa"
            if isinstance(error, NewerUserDataError)
            else "move it away and try again"
        )
        raise LibraryError(str(file), str(error), remedy) from error
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        raise LibraryError(str(file), reason, "allow reading it") from error
    yield
    told = after_a_change(from_tables(connection))
    connection.execute("DELETE FROM told_state")
    connection.execute("INSERT INTO told_state VALUES (?, ?)", told.state)
    write(file, told)


def _merge(library: Path, connection: sqlite3.Connection, file: Path) -> None:
    """Within a transaction, so that of two processes one waits for the other."""
    theirs, ours = read(file) or UserData(), from_tables(connection)
    both = newest(ours, theirs)
    if both != ours:
        into_tables(connection, both)
        if both and not (ours or ours.line):
            _say(
                f"{library}: a new library; {both}, told to the one before it and kept in {file}, "
                "come back as their photos are indexed"
            )
    if both != theirs and both.line:
        write(file, both)


def _say(what: str) -> None:
    warnings.warn(what, LibraryWarning, stacklevel=2)
