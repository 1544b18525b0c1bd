from __future__ import annotations

import os
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ansa.library.index_report import LibraryError
from ansa.library.storage import database
from ansa.library.storage.schema import SCHEMA_VERSION, STEPS
from ansa.library.storage.store import Store
from ansa.library.storage.user_data import path_of, read
from tests.library.conftest import Shelf, as_nobody
from tests.library.starts import Start


def refusal(path: Path) -> str:
    with pytest.raises(LibraryError) as caught:
        Store(path)
    assert caught.value.file == str(path)
    assert str(caught.value) == f"{path}: {caught.value.reason}; {caught.value.remedy}"
    return str(caught.value)


def test_a_new_library_is_made_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "library.sqlite"
    Store(path).close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    connection.close()


def test_an_odd_file_name_is_taken_literally(tmp_path: Path) -> None:
    path = tmp_path / "50% ?mode=memory#.sqlite"
    Store(path).close()
    assert path.exists()


def test_an_empty_file_becomes_a_library(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    path.touch()
    store = Store(path)
    assert store.roots() == {}
    store.close()


def test_many_processes_may_make_the_library_at_once(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"

    def open_and_close(_: int) -> None:
        Store(path).close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(open_and_close, range(32)))
    store = Store(path)
    assert store.roots() == {}
    store.close()


@pytest.mark.parametrize("content", [b"not a database " * 100, b"SQLite format 3\0" + bytes(200)])
def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "library.sqlite"
    path.write_bytes(content)
    assert "move it away and index again" in refusal(path)
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = path.read_bytes()
    assert "a database of another program" in refusal(path)
    assert path.read_bytes() == before


def test_a_newer_schema_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    reads = f"this one reads {SCHEMA_VERSION}"
    assert f"made by a newer ANSA (schema 99, {reads}); upgrade ansa" in refusal(path)


def of_schema(shelf: Shelf, version: int) -> sqlite3.Connection:
    """Puts a library as an older ANSA made it in place of the shelf's, with the same photos."""
    shelf.store.close()
    newer = shelf.database.with_name("newer.sqlite")
    shelf.database.rename(newer)
    connection = sqlite3.connect(shelf.database, isolation_level=None)
    for step in STEPS[:version]:
        connection.executescript(step)
    connection.execute("ATTACH ? AS newer", (str(newer),))
    for table in ("roots", "photos", "files", "bundles", "signals"):
        connection.execute(f"INSERT INTO {table} SELECT * FROM newer.{table}")
    connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


def with_what_was_told(shelf: Shelf) -> None:
    """A library of the second schema, whose one photo is a favourite, an example, dismissed."""
    connection = of_schema(shelf, 2)
    connection.execute("INSERT INTO marks VALUES (1, 'favourite')")
    connection.execute("INSERT INTO taught VALUES ('Zoe', 1, 1)")
    connection.execute("INSERT INTO dismissed VALUES ('5fa0', 'trip', 1)")
    connection.execute("INSERT INTO settings VALUES ('personal', 'off')")
    connection.execute("INSERT INTO learned VALUES ('taught Zoe', x'0aff', '{}')")
    connection.close()


def told_in(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return [
        *connection.execute("SELECT id, mark FROM told_marks JOIN photos USING (digest)"),
        *connection.execute("SELECT name, id, shown FROM told_tags JOIN photos USING (digest)"),
        *connection.execute(
            "SELECT memory, family, id FROM told_memories JOIN photos USING (digest)"
        ),
        *connection.execute("SELECT name, value FROM told_settings"),
        *connection.execute("SELECT subject, key, data FROM cache"),
    ]


TOLD = [
    (1, "favourite"),
    ("Zoe", 1, 1),
    ("5fa0", "trip", 1),
    ("personal", "off"),
    ("taught Zoe", "0aff", b"{}"),
]


def test_what_was_told_to_a_library_of_an_older_schema_is_kept(shelf: Shelf) -> None:
    shelf.put("a.jpg")
    shelf.index()
    with_what_was_told(shelf)
    connection, _ = database.connect(shelf.database)
    assert told_in(connection) == TOLD
    connection.close()
    shelf.store = Store(shelf.database)
    told = read(path_of(shelf.database))
    assert str(told) == "1 favourite, 1 taught tag, 1 dismissed memory, 1 setting"


def test_what_was_told_to_an_older_library_that_can_only_be_read_counts(shelf: Shelf) -> None:
    shelf.put("a.jpg")
    shelf.index()
    with_what_was_told(shelf)
    shelf.database.chmod(0o444)
    shelf.base.chmod(0o555)
    with as_nobody(shelf.base):
        connection, writable = database.connect(shelf.database)
        assert not writable
        assert told_in(connection) == TOLD
        connection.close()
    shelf.base.chmod(0o755)
    shelf.database.chmod(0o644)
    shelf.store = Store(shelf.database)


def test_a_library_of_an_older_schema_gets_what_is_new_and_loses_nothing(shelf: Shelf) -> None:
    shelf.put("a.jpg")
    shelf.index()
    before = shelf.vectors()
    of_schema(shelf, 1).close()
    shelf.store = Store(shelf.database)
    assert shelf.names() == ["a.jpg"]
    assert shelf.vectors() == before
    with sqlite3.connect(shelf.database) as connection:
        assert connection.execute("SELECT count(*) FROM told_marks").fetchone() == (0,)
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    connection.close()


def test_a_read_only_library_of_an_older_schema_still_opens(shelf: Shelf) -> None:
    shelf.put("a.jpg")
    shelf.index()
    of_schema(shelf, 1).close()
    shelf.database.chmod(0o444)
    shelf.base.chmod(0o555)
    with as_nobody(shelf.base):
        connection, writable = database.connect(shelf.database)
        assert not writable
        assert connection.execute("SELECT count(*) FROM told_marks").fetchone() == (0,)
        connection.close()
    shelf.base.chmod(0o755)
    shelf.database.chmod(0o644)
    shelf.store = Store(shelf.database)


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    assert "cannot be" in refusal(tmp_path)


def test_a_library_damaged_inside_is_said_so_when_it_is_read(shelf: Shelf) -> None:
    shelf.put_many(100)
    shelf.index()
    shelf.store.close()
    data = bytearray(shelf.database.read_bytes())
    for page in range(2, len(data) // 4096):
        data[page * 4096 : page * 4096 + 100] = b"\xff" * 100
    shelf.database.write_bytes(data)

    def open_and_index() -> None:  # the schema may lie on a damaged page too
        shelf.store = Store(shelf.database)
        shelf.index()

    with pytest.raises(LibraryError, match=r"damaged.*made anew from the photos"):
        open_and_index()
    shelf.store.close()


def test_a_read_only_library_can_be_searched_and_says_why_it_cannot_grow(shelf: Shelf) -> None:
    shelf.put("a.jpg")
    shelf.index()
    shelf.store.close()
    shelf.database.chmod(0o444)
    shelf.base.chmod(0o555)
    with as_nobody(shelf.base):
        shelf.store = Store(shelf.database)
        assert shelf.names() == ["a.jpg"]
        assert len(shelf.vectors()) == 1
        with pytest.raises(LibraryError, match="cannot be written; allow writing to it"):
            shelf.index()
        shelf.store.close()
    shelf.base.chmod(0o755)


def test_a_read_only_folder_for_a_new_library_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with as_nobody(tmp_path):
        assert "cannot be written" in refusal(tmp_path / "library.sqlite")
        with pytest.raises(LibraryError, match=r"cannot be made .*choose another place"):
            Store(tmp_path / "deeper" / "library.sqlite")
    tmp_path.chmod(0o755)


def test_a_place_that_cannot_even_be_looked_at_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    with as_nobody(tmp_path):
        assert "choose another place" in refusal(closed / "library.sqlite")
    closed.chmod(0o755)


def test_a_library_copied_to_another_place_works_there(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put("a.jpg")
    shelf.index()
    shelf.store.close()
    copy = tmp_path / "copy.sqlite"
    shutil.copy(shelf.database, copy)
    shelf.store = Store(copy)
    assert shelf.index(Start(shelf.log)).unchanged == 1


def test_a_transaction_is_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    connection, _ = database.connect(tmp_path / "library.sqlite")

    def half() -> None:
        with database.transaction(connection):
            connection.execute("INSERT INTO roots (path) VALUES (?)", (os.fsencode("/a"),))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert connection.execute("SELECT count(*) FROM roots").fetchone() == (0,)
    connection.close()
