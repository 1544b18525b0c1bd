"""What is kept so that it need not be computed again never makes anything fail, or wait."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansa.library.storage.cache import json_values
from ansa.library.storage.store import Store
from tests.library.conftest import RunPython, as_nobody

FULL = """
import resource, signal, sys
from pathlib import Path
from ansa.library.storage.store import Store
store = Store(Path(sys.argv[1]))
size = Path(sys.argv[1]).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
store.cache.put("a", {str(n): bytes(100_000) for n in range(10)})
print(sorted(store.cache.get("a")), store.roots())
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "l.sqlite")
    yield made
    made.close()


def test_what_is_kept_is_given_again_by_the_next_process_too(store: Store) -> None:
    store.cache.put("a", {"x": b"1", "y": b"2"})
    store.cache.put("b", {"x": b"3"})
    store.cache.put("a", {"x": b"4"})
    for each in (store, Store(store.path)):
        assert each.cache.get("a") == {"x": b"4", "y": b"2"}
        assert each.cache.get("c") == {}
    each.close()


def test_of_a_subject_the_last_few_stay_and_others_are_left_alone(store: Store) -> None:
    store.cache.put("other", {"x": b""})
    for key in "abcab":
        store.cache.put("one", {key: b""}, most=2)
    assert store.cache.get("one").keys() == {"a", "b"}
    assert store.cache.get("other").keys() == {"x"}


def test_the_library_does_not_count_as_changed(store: Store) -> None:
    version = store.version()
    store.cache.put("a", {"x": b"1"})
    store.cache.put("a", {"y": b"1"}, most=1)
    assert store.version() == version
    store.add_root(b"/photos")
    assert store.version() != version


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_locked_library_is_not_waited_for(store: Store, lock: str) -> None:
    store.cache.put("a", {"x": b"1"})
    with sqlite3.connect(store.path, isolation_level=None) as other:
        other.execute(lock)
        began = time.monotonic()
        for number in range(100):
            store.cache.put("a", {str(number): b"2"})
        assert time.monotonic() - began < 0.5
        assert store.cache.get("a") == {"x": b"1"}
    other.close()
    (patience,) = store._connection.execute("PRAGMA busy_timeout").fetchone()
    assert patience == 10_000  # others still wait for their turn


def test_a_full_disk_does_no_harm(store: Store, run_python: RunPython) -> None:
    done = run_python(FULL, store.path)
    assert (done.returncode, done.stdout.strip()) == (0, "[] {}"), done.stderr


def test_a_library_that_can_only_be_read_keeps_nothing(store: Store, tmp_path: Path) -> None:
    store.cache.put("a", {"x": b"1"})
    store.close()
    store.path.chmod(0o444)
    tmp_path.chmod(0o555)
    with as_nobody(tmp_path):
        reader = Store(store.path)
        reader.cache.put("a", {"y": b"1"})
        assert reader.cache.get("a") == {"x": b"1"}
        reader.close()
    tmp_path.chmod(0o755)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE cache SET data = 7",
        "UPDATE cache SET data = 'x'",
        "UPDATE cache SET key = x'00'",
        "UPDATE cache SET subject = x'00'",
        "DROP TABLE cache",
    ],
)
def test_what_is_damaged_is_as_if_it_were_not_there(store: Store, damage: str) -> None:
    store.cache.put("a", {"x": b"1"})
    with store.writing() as connection:
        connection.execute(damage)
    assert store.cache.get("a") == {}
    store.cache.put("a", {"x": b"2"})


def test_within_a_transaction_nothing_is_kept(store: Store) -> None:
    with store.writing() as connection:
        store.cache.put("a", {"x": b"1"})
        connection.execute("INSERT INTO roots (path) VALUES (x'2f')")
    assert store.cache.get("a") == {}
    assert store.roots() == {b"/": 1}


def test_of_many_documents_only_the_damaged_are_lost() -> None:
    assert json_values([b'{"a": 1}', b"[2]", b"3"]) == [{"a": 1}, [2], 3]
    for damage in (b"", b"{", b"\xff", b"1, 2"):
        assert json_values([b"[2]", damage, b"3"]) == [[2], None, 3]
    assert json_values([]) == []
