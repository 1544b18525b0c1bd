"""Public holidays are found once for each country and year of a library."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ansa.library.calendar.holidays import holiday_names
from ansa.library.events import holiday_cache
from ansa.library.events.holiday_cache import CachedHolidays
from ansa.library.storage.store import Store

COUNTRIES = "DE", "JP", "US", "", "XX"
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "library.sqlite")
    yield made
    made.close()


def of_a_year(store: Store) -> list[tuple[str, ...]]:
    holidays = CachedHolidays(store)
    found = [holidays(day, country) for country in COUNTRIES for day in DAYS]
    holidays.keep()
    return found


def test_they_are_what_the_calendar_says_the_first_time_and_the_next(store: Store) -> None:
    said = [holiday_names(day, country) for country in COUNTRIES for day in DAYS]
    assert of_a_year(store) == of_a_year(store) == said


def test_the_second_time_no_calendar_is_looked_into(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, version = of_a_year(store), store.version()
    monkeypatch.setattr(
        holiday_cache,
        "public_holidays",
        lambda country, year: pytest.fail("looked into the calendar") if country else {},
    )
    assert of_a_year(store) == first
    assert store.version() == version


@pytest.mark.parametrize("damage", ["{", "[1]", '{"2024": []}', '{"2024-10-03": [3]}'])
def test_what_is_damaged_is_found_again(store: Store, damage: str) -> None:
    first = of_a_year(store)
    with store.writing() as connection:
        connection.execute("UPDATE cache SET data = ?", (damage.encode(),))
    assert of_a_year(store) == first


def test_without_calendars_nothing_is_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holiday_cache, "_subject", lambda: "")
    version = store.version()
    assert of_a_year(store)
    assert store.version() == version
