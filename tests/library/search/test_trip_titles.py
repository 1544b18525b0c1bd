"""A title that ANSA gives is found by its own search, and gives back its photos."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest

from ansa.library import Library
from ansa.library.search.search import run_search
from tests.library.lives import MUNICH, Life, library_of
from tests.world.pictures import DrawnPictures
from tests.world.plan import plan

TODAY = date(2026, 1, 1)
AUCKLAND = (-36.85, 174.76)

Ask = Callable[[str], set[int]]


@pytest.fixture(scope="module", params=[301, 302])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Library]:
    """Homes in Tokyo and in Nairobi, with trips to both sides of the equator."""
    truth = plan(DrawnPictures(150), 3000, request.param)
    lives = [
        Life(
            file.path,
            datetime.fromisoformat(file.taken) if file.taken else None,
            file.place,
            file.camera or None,
        )
        for file in truth.files
    ]
    with library_of(tmp_path_factory.mktemp("world"), lives) as library:
        yield library


def asked(library: Library, title: str) -> set[int]:
    result = run_search(library, title, limit=1_000_000, today=TODAY)
    photos = {library.photo_of(match.path) for match in result.matches}
    return {photo for photo in photos if photo is not None}


def test_every_event_is_found_by_its_title(world: Library) -> None:
    events = world.events()
    assert {event.kind for event in events} >= {"holiday", "season", "weekend"}
    seasons = {event.photos: event.title for event in events if event.kind == "season"}
    for event in events:
        found = asked(world, event.title)
        assert found >= set(event.photos), event.title
        if event.kind == "season":  # of both sides, and a winter has two ends
            of_name = [p for p, title in seasons.items() if title.split()[0] == event.name]
            assert found <= {photo for photos in of_name for photo in photos}, event.title
        else:
            assert found == set(event.photos), event.title


def test_every_trip_is_found_by_its_title(world: Library) -> None:
    trips = world.trips()
    assert len(trips) > 5
    for trip in trips:
        assert asked(world, trip.name) == set(trip.photos), trip.name


def test_a_season_is_that_of_where_a_photo_was_taken(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    lives = [
        Life("north.jpg", datetime(2024, 7, 3, 12), MUNICH),
        Life("south.jpg", datetime(2024, 1, 3, 12), AUCKLAND),
        Life("south-lost.jpg", datetime(2024, 1, 3, 12, 10)),
        Life("later.jpg", datetime(2024, 7, 5, 12), AUCKLAND),
    ]
    with library_of(tmp_path_factory.mktemp("south"), lives) as library:
        assert asked(library, "summer 2024") == {1, 2, 3}
        assert asked(library, "Summer 2023/24") == {2, 3}
        assert asked(library, "winter 2024") == {4}
        assert {event.title for event in library.events() if event.kind == "season"} == {
            "Summer 2024",
            "Summer 2023/24",
            "Winter 2024",
        }


def test_new_year_is_one_thing_in_searches_and_events(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    lives = [
        Life("a.jpg", datetime(2023, 12, 31, 22), MUNICH),
        Life("b.jpg", datetime(2024, 1, 1, 12), MUNICH),
        Life("c.jpg", datetime(2024, 12, 31, 22), MUNICH),
    ]
    with library_of(tmp_path_factory.mktemp("new-year"), lives) as library:
        (event,) = [e for e in library.events() if e.title == "New Year 2024"]
        assert asked(library, "new year 2024") == set(event.photos) == {1, 2}


def test_a_birthday_is_found_though_its_party_was_a_day_off(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    days = [datetime(2022, 5, 14, 19), datetime(2023, 5, 13, 19), datetime(2024, 5, 14, 19)]
    lives = [
        Life(f"{n}-{day.year}.jpg", day, MUNICH, tags={"cake": 0.9, "candle": 0.9})
        for day in days
        for n in range(2)
    ]
    with library_of(tmp_path_factory.mktemp("birthday"), lives) as library:
        found = [event for event in library.events() if event.kind == "birthday"]
        assert len(found) == 3
        for event in found:
            assert asked(library, event.title) == set(event.photos)


@pytest.fixture(scope="module")
def unlocated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A home in Munich, and a journey that only the name of its folder says where it led."""
    weeks = [datetime(2023, 6, 1, 12) + timedelta(days=7 * week) for week in range(60)]
    lives = [Life(f"home/{n:02}.jpg", taken, MUNICH) for n, taken in enumerate(weeks)]
    lives += [
        Life(f"{folder}/{day}{hour}.jpg", first + timedelta(days=day, hours=hour))
        for folder, first in (
            ("Thai 2024", datetime(2024, 2, 9, 9)),
            ("Trip to Rome", datetime(2024, 5, 3, 9)),
        )
        for day in range(4)
        for hour in range(4)
    ]
    with library_of(tmp_path_factory.mktemp("unlocated"), lives) as library:
        yield library


@pytest.mark.parametrize(
    ("query", "folder"),
    [
        ("our trip to thailand", "Thai 2024"),
        ("pictures of our trip to Thailand", "Thai 2024"),
        ("thailand", "Thai 2024"),
        ("thailand 2024", "Thai 2024"),
        ("thai trip", "Thai 2024"),
        ("holiday in thailand", "Thai 2024"),
        ("Thailand, February 2024", "Thai 2024"),
        ("our trip to rome", "Trip to Rome"),
        ("our trip to Italy", "Trip to Rome"),
    ],
)
def test_a_trip_is_found_by_the_place_that_only_its_folder_names(
    unlocated: Library, query: str, folder: str
) -> None:
    result = run_search(unlocated, query, limit=1_000, today=TODAY, every=True)
    assert result.grade == "matches", query
    assert {match.path.parent.name for match in result.matches} == {folder}
    (trip,) = [trip for trip in unlocated.trips() if trip.moments[0].album.startswith(folder[:4])]
    assert len(result.matches) == len(trip.photos)
    if "," not in query:
        assert any(f"on the trip {trip.name}" == r.text for r in result.matches[0].reasons)


def test_what_else_is_asked_of_such_a_trip_is_searched_in_it(unlocated: Library) -> None:
    result = run_search(unlocated, "beach on our trip to thailand", today=TODAY)
    assert {match.path.parent.name for match in result.matches} == {"Thai 2024"}
    assert [step.said for step in result.steps if step.kind == "text"] == ["beach"]


@pytest.mark.parametrize("query", ["beach", "trips", "our trip to norway", "norway", "a b"])
def test_no_trip_is_meant_where_none_is_called_so(unlocated: Library, query: str) -> None:
    result = run_search(unlocated, query, limit=1_000, today=TODAY)
    assert not any(step.kind == "trip" and step.said != "trip" for step in result.steps)
