"""The calendar's days have names, wherever a moment was; parties of every year are birthdays."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ansa.library.events.events import Event, Kind, events, events_of
from ansa.library.events.homes import homes
from ansa.library.events.moments import Moment, moments_of
from tests.library.lives import MUNICH, Life, library_of, walk, weeks_at

SYDNEY = (-33.869, 151.209)


def named(found: list[Event], kind: str) -> list[tuple[str, int]]:
    return [(event.name, event.year) for event in found if event.kind == kind]


def test_seasons_are_turned_round_south_of_the_equator() -> None:
    found = events_of(moments_of(walk(datetime(2024, 7, 3), [0], SYDNEY)))
    assert [each.title for each in found if each.kind == "season"] == ["Winter 2024"]
    found = events_of(moments_of(walk(datetime(2024, 1, 3), [0], SYDNEY)))
    assert [each.title for each in found if each.kind == "season"] == ["Summer 2023/24"]


def test_seasons_of_both_sides_of_the_equator_are_events_of_their_own() -> None:
    shots = [
        *walk(datetime(2024, 1, 3), [0], MUNICH),
        *walk(datetime(2024, 4, 3), [0], SYDNEY, 1),
        *walk(datetime(2024, 7, 3), [0], SYDNEY, 2),
        *walk(datetime(2024, 10, 3), [0], MUNICH, 3),
    ]
    found = [each for each in events_of(moments_of(shots)) if each.kind == "season"]
    assert [(each.title, each.photos) for each in found] == [
        ("Winter 2023/24", (0,)),
        ("Autumn 2024", (1,)),
        ("Winter 2024", (2,)),
        ("Autumn 2024", (3,)),
    ]


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
    assert named(events_of(moments_of(shots)), "weekend") == [("Weekend of 4 May", 2024)]


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
        ("Birthday on 14 May", year) for year in (2022, 2023, 2024)
    ]
    assert named(events_of(moments_of(shots), (), {0: 1}), "birthday") == []


def test_parties_now_and_then_are_no_birthday() -> None:
    start = datetime(2018, 3, 3, 19)
    days = [start, start + timedelta(days=40), datetime(2024, 3, 3, 19)]
    shots = [shot for n, day in enumerate(days) for shot in walk(day, [0, 1], None, 10 * n)]
    assert named(events_of(moments_of(shots), (), {s.photo: 2 for s in shots}), "birthday") == []


def test_a_library_tells_its_birthdays_by_its_tags(tmp_path: Path) -> None:
    lives = [
        Life(f"{year}.jpg", datetime(year, 5, 14, 18), MUNICH, tags={"cake": 0.7, "candle": 0.7})
        for year in (2022, 2023)
    ]
    lives += [Life("dog.jpg", datetime(2024, 5, 14, 18), MUNICH, tags={"dog": 0.9})]
    with library_of(tmp_path, lives) as library:
        found = events(library)
        assert named(found, "birthday") == [
            ("Birthday on 14 May", 2022),
            ("Birthday on 14 May", 2023),
        ]
        assert found[0].to_dict()["photos"]


@pytest.mark.parametrize(
    ("kind", "name", "south", "told"),
    [
        ("season", "Winter", False, "Winter 2023/24"),
        ("season", "Summer", False, "Summer 2024"),
        ("season", "Summer", True, "Summer 2023/24"),
        ("season", "Winter", True, "Winter 2024"),
        ("weekend", "Weekend of 4 May", False, "Weekend of 4 May 2024"),
        ("holiday", "Christmas", False, "Christmas 2024"),
        ("birthday", "Birthday on 14 May", False, "Birthday on 14 May 2024"),
    ],
)
def test_an_event_has_its_year(kind: Kind, name: str, south: bool, told: str) -> None:
    moment = Moment((1,), datetime(2024, 1, 1), datetime(2024, 1, 1))
    assert Event(kind, name, 2024, (moment,), south).title == told


def test_no_moments_are_no_events(tmp_path: Path) -> None:
    assert events_of([]) == []
    with library_of(tmp_path, [Life("a.jpg")]) as library:
        assert events(library) == []
