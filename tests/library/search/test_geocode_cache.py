from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansa.library.events import places
from ansa.library.search import geocode_cache as located_module
from ansa.library.search.geocode_cache import cached_places
from ansa.library.storage.store import Store

POINTS = {1: (38.72, -9.14), 2: (48.8601, 2.3499), 3: (38.7199, -9.1401)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "library.sqlite")
    yield made
    made.close()


def cities(store: Store) -> list[str]:
    return [place.city for place in cached_places(store, POINTS).of.values()]


def test_photos_have_the_places_they_were_taken_at(store: Store) -> None:
    assert cities(store) == ["Lisbon", "Paris", "Lisbon"]
    assert cached_places(store, {}).of == {}


def test_the_second_time_no_town_is_looked_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, version = cities(store), store.version()
    monkeypatch.setattr(places, "town_table", lambda: pytest.fail("loaded the table of towns"))
    assert cities(store) == first
    assert store.version() == version


def test_what_is_damaged_or_of_another_table_is_looked_up_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    cities(store)
    with store.writing() as connection:
        connection.execute("UPDATE cache SET data = CAST('{' AS BLOB)")
    assert cities(store) == ["Lisbon", "Paris", "Lisbon"]
    monkeypatch.setattr(located_module, "_source", lambda: "another table")
    assert cities(store) == ["Lisbon", "Paris", "Lisbon"]


def test_without_a_table_of_towns_nothing_is_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(located_module, "_source", lambda: "")
    version = store.version()
    assert cities(store)
    assert store.version() == version


def test_a_library_that_cannot_be_written_still_has_places(store: Store) -> None:
    store.writable = False
    assert cities(store) == ["Lisbon", "Paris", "Lisbon"]
