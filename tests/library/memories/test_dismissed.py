"""What was dismissed stays away, also when it has grown or shrunk; what was restored is back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansa.library.memories.dismissed import dismiss, read_dismissed, restore
from ansa.library.storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "l.sqlite")
    with made.writing() as connection:
        connection.executemany(
            "INSERT INTO photos (id, digest, width, height) VALUES (?, ?, 4, 3)",
            [(n, bytes([n]) * 32) for n in range(1, 30)],
        )
    yield made
    made.close()


def test_nothing_is_dismissed_at_first(store: Store) -> None:
    assert not read_dismissed(store).holds("a", "trip", [1, 2, 3])


def test_a_dismissed_memory_is_known_by_its_id_whatever_it_holds_now(store: Store) -> None:
    dismiss(store, "a", "trip", [1, 2, 3])
    assert read_dismissed(store).holds("a", "trip", [20, 21])
    assert not read_dismissed(store).holds("b", "trip", [20, 21])


def test_one_of_its_family_with_much_the_same_photos_stays_away_too(store: Store) -> None:
    dismiss(store, "a", "trip", range(1, 11))
    known = read_dismissed(store)
    assert known.holds("b", "trip", range(1, 20))
    assert known.holds("b", "trip", [1, 2, 3])
    assert not known.holds("b", "trip", range(9, 30))
    assert not known.holds("b", "season", range(1, 11))


def test_a_restored_memory_may_come_back(store: Store) -> None:
    dismiss(store, "a", "trip", [1, 2, 3])
    dismiss(store, "a", "trip", [3, 4])
    assert restore(store, "a")
    assert not read_dismissed(store).holds("a", "trip", [1, 2, 3])
    assert not restore(store, "a")
