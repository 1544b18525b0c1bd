"""The calendar's days have names, wherever a moment was; parties of every year are birthdays."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ansa.library.occasions import events as module
from ansa.library.occasions.events import Event, events, events_of, holiday_names, season
from ansa.library.occasions.homes import homes
from ansa.library.occasions.moments import moments_of
from tests.library.lives import MUNICH, Life, library_of, walk, weeks_at

SYDNEY = (-33.869, 151.209)


def named(found: list[Event], kind: str) -> list[tuple[str, int]]:
    return [(event.name, event.year) for event in found if event.kind == kind]


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
    ],
)
def test_a_day_has_the_name_it_has_in_its_country(
    day: date, country: str, names: tuple[str, ...]
) -> None:
    assert holiday_names(day, country) == names


def test_without_the_package_the_common_days_still_have_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module._public.cache_clear()
    monkeypatch.setitem(sys.modules, "holidays", None)
    assert holiday_names(date(2024, 12, 25), "DE") == ("Christmas",)
    assert holiday_names(date(2024, 10, 3), "DE") == ()
    module._public.cache_clear()


def test_seasons_are_turned_round_south_of_the_equator() -> None:
    assert [season(date(2024, m, 5)) for m in (1, 4, 7, 10)] == [
        "winter",
        "spring",
        "summer",
        "autumn",
    ]
    assert season(date(2024, 12, 31), south=True) == "summer"
    found = events_of(moments_of(walk(datetime(2024, 7, 3), [0], SYDNEY)))
    assert named(found, "season") == [("Winter", 2024)]


def test_a_winter_and_a_new_year_are_one_event_over_two_years() -> None:
    shots = [*walk(datetime(2023, 12, 31, 22), [0, 1], MUNICH)]
    shots += walk(datetime(2024, 1, 1, 12), [0], MUNICH, 10)
    found = events_of(moments_of(shots))
    assert named(found, "holiday") == [("New Year", 2024)]
    assert named(found, "season") == [("Winter", 2024)]
    assert [event.photos for event in found if event.name == "New Year"] == [(0, 1, 10)]


def test_a_holiday_without_a_place_is_kept_as_at_home() -> None:
    home = weeks_at(MUNICH, datetime(2024, 1, 1), 30)
    unity = walk(datetime(2024, 10, 3, 12), [0], None, 100)
    found = moments_of([*home, *unity])
    assert ("German Unity Day", 2024) in named(events_of(found, homes(found)), "holiday")
    assert ("German Unity Day", 2024) not in named(events_of(found), "holiday")


def test_a_saturday_and_its_sunday_are_one_weekend() -> None:
    shots = [*walk(datetime(2024, 5, 4, 12), [0, 24 * 60, 48 * 60], None)]
    assert named(events_of(moments_of(shots)), "weekend") == [("Weekend of May 4", 2024)]


def test_parties_on_one_day_of_several_years_are_a_birthday() -> None:
    days = [datetime(2022, 5, 14, 19), datetime(2023, 5, 13, 19), datetime(2024, 5, 14, 19)]
    once = [datetime(2023, 8, 8, 19), datetime(2022, 12, 31, 19), datetime(2023, 12, 31, 19)]
    shots = [
        shot
        for n, day in enumerate(sorted([*days, *once]))
        for shot in walk(day, [0, 1], None, 10 * n)
    ]
    party = {shot.photo: 1 for shot in shots}
    assert named(events_of(moments_of(shots), (), party), "birthday") == [
        ("Birthday on May 14", year) for year in (2022, 2023, 2024)
    ]
    assert named(events_of(moments_of(shots), (), {0: 1}), "birthday") == []


def test_parties_now_and_then_are_no_birthday() -> None:
    start = datetime(2018, 3, 3, 19)
    days = [start, start + timedelta(days=40), datetime(2024, 3, 3, 19)]
    shots = [shot for n, day in enumerate(days) for shot in walk(day, [0, 1], None, 10 * n)]
    assert named(events_of(moments_of(shots), (), {s.photo: 2 for s in shots}), "birthday") == []


def test_a_library_tells_its_birthdays_by_its_tags(tmp_path: Path) -> None:
    lives = [
        Life(f"{year}.jpg", datetime(year, 5, 14, 18), MUNICH, tags={"birthday cake": 0.7})
        for year in (2022, 2023)
    ]
    lives += [Life("dog.jpg", datetime(2024, 5, 14, 18), MUNICH, tags={"dog": 0.9})]
    with library_of(tmp_path, lives) as library:
        found = events(library)
        assert named(found, "birthday") == [
            ("Birthday on May 14", 2022),
            ("Birthday on May 14", 2023),
        ]
        assert found[0].to_dict()["photos"]


def test_no_moments_are_no_events(tmp_path: Path) -> None:
    assert events_of([]) == []
    with library_of(tmp_path, [Life("a.jpg")]) as library:
        assert events(library) == []
