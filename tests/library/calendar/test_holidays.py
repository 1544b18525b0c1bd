"""What is kept on a day has one name, and the days of that name are found by it."""

from __future__ import annotations

import sys
from datetime import date

import pytest

from ansa.library.calendar import holidays as module
from ansa.library.calendar.holidays import (
    Region,
    easter,
    festival,
    holiday_names,
    holiday_year,
    names_in,
    season,
    season_span,
)
from ansa.library.calendar.spans import spans_words
from ansa.names import name_key


@pytest.mark.parametrize(
    ("day", "country", "names"),
    [
        (date(2024, 12, 25), "DE", ("Christmas",)),
        (date(2024, 12, 26), "DE", ("Christmas",)),
        (date(2024, 12, 24), "JP", ("Christmas",)),
        (date(2024, 7, 4), "US", ("Independence Day",)),
        (date(2024, 7, 4), "DE", ()),
        (date(2024, 11, 28), "US", ("Thanksgiving Day",)),
        (date(2024, 3, 31), "US", ("Easter",)),
        (date(2024, 3, 30), "DE", ("Easter",)),  # between Good Friday and Easter Monday
        (date(2024, 5, 5), "GR", ("Easter",)),
        (date(2024, 3, 31), "JP", ()),
        (date(2024, 1, 1), "", ("New Year",)),
        (date(2024, 3, 31), "XX", ()),
        (date(1, 1, 2), "DE", ()),
        (date(2024, 2, 10), "CN", ("Chinese New Year (Spring Festival)",)),
        (date(2024, 1, 7), "RU", ("Orthodox Christmas",)),
        (date(2024, 4, 15), "LB", ()),  # between the Easters of two churches
    ],
)
def test_a_day_has_the_name_it_has_in_its_country(
    day: date, country: str, names: tuple[str, ...]
) -> None:
    assert holiday_names(day, country) == names


def test_without_the_package_the_common_days_still_have_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module.public_holidays.cache_clear()
    monkeypatch.setitem(sys.modules, "holidays", None)
    assert holiday_names(date(2024, 12, 25), "DE") == ("Christmas",)
    assert holiday_names(date(2024, 10, 3), "DE") == ()
    module.public_holidays.cache_clear()


def test_seasons_are_turned_round_south_of_the_equator() -> None:
    assert [season(date(2024, m, 5)) for m in (1, 4, 7, 10)] == [
        "winter",
        "spring",
        "summer",
        "autumn",
    ]
    assert season(date(2024, 12, 31), south=True) == "summer"
    for name in ("spring", "summer", "autumn", "winter"):
        for south in (False, True):
            start, end = season_span(name, 2024, south=south)
            assert season(start.date(), south=south) == name
            assert season(end.date(), south=south) != name


@pytest.mark.parametrize(
    ("name", "year", "words"),
    [
        ("easter", 2023, "7 April 2023 to 10 April 2023"),
        ("easter", 2038, "23 April 2038 to 26 April 2038"),
        ("thanksgiving", 2023, "23 November 2023"),
        ("thanksgiving", 2029, "22 November 2029"),
        ("new year", 2022, "31 December 2021 to 1 January 2022"),
        ("new year eve", 2022, "31 December 2022"),
    ],
)
def test_festivals_are_when_calendars_say(name: str, year: int, words: str) -> None:
    assert spans_words(festival(name, year)) == words


@pytest.mark.parametrize("country", ["", "DE", "US", "GR", "JP", "RU", "LB", "CN", "ZA", "TH"])
def test_a_day_is_found_by_each_of_its_names(country: str) -> None:
    for number in range(date(2022, 12, 31).toordinal(), date(2025, 1, 2).toordinal()):
        day = date.fromordinal(number)
        for name in holiday_names(day, country):
            spans = festival(name_key(name), holiday_year(name, day), Region(country))
            assert any(start.date() <= day < end.date() for start, end in spans), (name, day)


def test_countries_have_names_of_their_own() -> None:
    assert "german unity day" in names_in("DE", 2020, 2024)
    assert names_in("XX", 2020, 2024) == frozenset()
    assert easter(2025) == date(2025, 4, 20)
