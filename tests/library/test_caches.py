"""Everything that only reads a library answers where it is locked, full or read-only, and without
delay; what it keeps on the way does not make it load anything twice."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansa.library import Library, LibraryError
from ansa.library.storage.store import Store
from ansa.model.analyzer import Analyzer
from tests.library.conftest import RunPython, Shelf
from tests.library.lives import LISBON, MUNICH, Life, library_of
from tests.library.storage.test_database import of_schema

FULL = """
import resource, sys
from pathlib import Path
from ansa.library.index_report import LibraryError
from ansa.library.storage.store import Store
resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
store = Store(Path(sys.argv[1]))
print(len(store.roots()), len(store.vectors(1, None)[0]))
store.cache.put("a", {"x": b"1"})
try:
    store.add_root(b"/other")
except LibraryError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A library whose caches are empty, of photos that are there."""
    (tmp_path / "photos").mkdir()
    lives = [
        Life(f"{n}.jpg", point=(MUNICH, LISBON)[n % 2], tags={"dog": 0.9}, kind=n % 3)
        for n in range(9)
    ]
    for life in lives:
        (tmp_path / "photos" / life.name).touch()
    with library_of(tmp_path, lives) as library, library.store.telling() as connection:
        connection.execute("INSERT INTO told_tags SELECT 'Zoe', digest, id % 3 = 1 FROM photos")
    return tmp_path / "library.sqlite"


@pytest.fixture
def locked(database: Path) -> Iterator[Path]:
    """Another process writes, and does not end."""
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield database
    other.execute("ROLLBACK")
    other.close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each transaction that was begun may wait for the lock, in seconds."""
    begun: list[float] = []
    connect: Any = sqlite3.connect

    def traced(*arguments: Any, timeout: float = 5.0, **options: Any) -> sqlite3.Connection:
        patience = timeout

        def note(statement: str) -> None:
            nonlocal patience
            if set_to := re.fullmatch(r"PRAGMA busy_timeout = (\d+)", statement):
                patience = int(set_to[1]) / 1000
            elif statement == "BEGIN IMMEDIATE":
                begun.append(patience)

        connection: sqlite3.Connection = connect(*arguments, timeout=timeout, **options)
        connection.set_trace_callback(note)
        return connection

    monkeypatch.setattr(sqlite3, "connect", traced)
    return begun


def test_a_locked_library_answers_all_that_is_kept_otherwise(
    locked: Path, analyzer: Analyzer, waits: list[float]
) -> None:
    with Library(database=locked, analyzer=analyzer) as library:
        assert library.search("dog in Lisbon").matches
        assert library.search("puppy hound").matches  # looks for tags with names that are near
        assert library.search("Zoe").matches
        library.memories()
        library.best()
        with library.store.reading() as connection:
            assert connection.execute("SELECT count(*) FROM cache").fetchone() == (0,)
    # How long it took says little on a busy machine; how long it would have waited does.
    assert waits
    assert sum(waits) < 0.5


def test_what_a_search_keeps_does_not_load_the_photos_anew(
    database: Path, analyzer: Analyzer
) -> None:
    with Library(database=database, analyzer=analyzer) as library:
        library.search("dog in Lisbon")
        first = library.snapshot()
        for query in ("puppy hound", "Zoe", "in Munich", "nothing like it qwertz"):
            library.search(query)
        library.memories()
        with library.store.reading() as connection:
            assert connection.execute("SELECT count(*) FROM cache").fetchone()[0] > 2
        assert library.snapshot() is first
        library.store.add_root(b"/other")
        assert library.snapshot() is not first


def test_on_a_full_disk_a_library_is_read_and_says_why_it_cannot_grow(
    database: Path, run_python: RunPython
) -> None:
    done = run_python(FULL, database)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "1 9"
    assert "only read: the disk is full" in lines[1]
    assert "free some space" in lines[1]
    with Library(database=database) as again:
        assert again.store.writable
        again.store.add_root(b"/other")


def test_on_a_full_disk_a_library_of_an_older_schema_is_read(
    shelf: Shelf, run_python: RunPython
) -> None:
    shelf.put("a.jpg")
    shelf.index()
    of_schema(shelf, 2).close()
    done = run_python(FULL, shelf.database)
    assert done.stdout.startswith("1 1\n"), done.stderr
    shelf.store = Store(shelf.database)
    assert shelf.names() == ["a.jpg"]


def test_a_damaged_cache_is_as_if_it_were_empty(database: Path, analyzer: Analyzer) -> None:
    with Library(database=database, analyzer=analyzer) as library:
        before = library.search("dog in Lisbon"), library.search("puppy hound")
        rows = {b"": "%", b"\x00": "%", "text": "%", 7: "places%"}
        rows |= dict.fromkeys((b"{", b"[]", b"null", b'{"city": 3}'), "places%")  # texts of JSON
        for value, subjects in rows.items():
            with library.store.writing() as connection:
                connection.execute(
                    "UPDATE cache SET data = ? WHERE subject LIKE ?", (value, subjects)
                )
            assert (library.search("dog in Lisbon"), library.search("puppy hound")) == before
        with library.store.writing() as connection:
            connection.execute("UPDATE cache SET data = zeroblob(length(data))")
        assert (library.search("dog in Lisbon"), library.search("puppy hound")) == before


def test_a_library_that_cannot_be_opened_at_all_says_so(tmp_path: Path) -> None:
    (tmp_path / "l.sqlite").mkdir()
    with pytest.raises(LibraryError, match="no plain file"):
        Store(tmp_path / "l.sqlite")
