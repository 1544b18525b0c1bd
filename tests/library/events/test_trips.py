"""Days far from home are trips, named after where they led; life at home is none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pytest

from ansa.library.events.homes import home_on, homes
from ansa.library.events.moments import moments_of
from ansa.library.events.timed_photos import TimedPhoto
from ansa.library.events.trips import Trip, trips_of
from tests.library.lives import BERLIN, LISBON, MUNICH, PORTO, ROME, Point, walk, weeks_at

YEAR = datetime(2024, 1, 3, 10)
AT_HOME = weeks_at(MUNICH, YEAR, 50)


def days_at(point: Point | None, start: datetime, days: int, first: int = 1000) -> list[TimedPhoto]:
    hours = [24 * day + hour for day in range(days) for hour in (0, 5)]
    return walk(start, [60 * hour for hour in hours], point, first)


def trips(*shots: Iterable[TimedPhoto]) -> list[Trip]:
    everything = [shot for some in shots for shot in some]
    return trips_of(moments_of(sorted(everything, key=lambda shot: shot.taken)))


def test_days_far_from_home_are_a_trip_with_a_name() -> None:
    (trip,) = trips(AT_HOME, days_at(LISBON, datetime(2024, 5, 10), 4))
    assert trip.name == "Lisbon, May 2024"
    assert trip.days == 4
    assert trip.photos == tuple(range(1000, 1008))
    assert trip.distance_km == pytest.approx(1968, rel=0.02)


def test_more_photos_of_a_trip_than_of_home_do_not_make_it_home() -> None:
    (trip,) = trips(weeks_at(MUNICH, YEAR, 20), days_at(LISBON, datetime(2024, 9, 1), 90))
    assert trip.name == "Lisbon, September to November 2024"


def test_life_at_home_and_a_day_around_it_are_no_trip() -> None:
    lake = (47.80, 11.20)  # 46 km from Munich
    assert trips(AT_HOME, days_at(lake, datetime(2024, 7, 6), 2)) == []


def test_one_day_is_a_trip_only_if_it_led_far() -> None:
    salzburg, ulm = (47.80, 13.05), (48.40, 10.63)  # 116 km, 76 km
    assert [
        trip.places[0].city for trip in trips(AT_HOME, days_at(salzburg, datetime(2024, 6, 1), 1))
    ] == ["Salzburg"]
    assert trips(AT_HOME, days_at(ulm, datetime(2024, 6, 1), 1)) == []


def test_a_photo_at_home_ends_a_trip_and_so_does_a_long_pause() -> None:
    first = days_at(LISBON, datetime(2024, 3, 1), 3)
    home = walk(datetime(2024, 3, 5), [0], MUNICH, 500)
    again = days_at(LISBON, datetime(2024, 3, 6), 3, 2000)
    later = days_at(LISBON, datetime(2024, 3, 20), 3, 3000)
    before = weeks_at(MUNICH, datetime(2023, 1, 4), 50)
    assert len(trips(before, first, home, again, later)) == 3


@pytest.mark.parametrize(
    ("stops", "name"),
    [
        ([(LISBON, 3), (PORTO, 3)], "Lisbon and Porto, August 2024"),
        ([(LISBON, 6), (PORTO, 1)], "Lisbon, August 2024"),
        ([(LISBON, 2), (PORTO, 2), ((37.02, -7.93), 2)], "Portugal, August 2024"),
        ([(LISBON, 2), (PORTO, 2), (ROME, 2)], "Portugal and Italy, August 2024"),
    ],
)
def test_a_trip_is_named_after_what_its_places_have_in_common(
    stops: list[tuple[Point, int]], name: str
) -> None:
    shots, day = list[TimedPhoto](), datetime(2024, 8, 1)
    for number, (point, days) in enumerate(stops):
        shots += days_at(point, day, days, 1000 * (number + 1))
        day += timedelta(days=days)
    assert [trip.name for trip in trips(AT_HOME, shots)] == [name]


def test_photos_without_a_place_belong_to_the_trip_they_lie_within() -> None:
    start = datetime(2024, 5, 10)
    lost = days_at(None, start + timedelta(days=1), 1, 5000)
    last = walk(start + timedelta(days=2), [20 * 60], None, 5500)
    after = days_at(None, start + timedelta(days=9), 1, 6000)
    there = [days_at(LISBON, start + timedelta(days=day), 1, 7000 + day) for day in (0, 2)]
    (trip,) = trips(AT_HOME, *there, lost, last, after)
    assert {5000, 5001, 5500} <= set(trip.photos)
    assert not {6000, 6001} & set(trip.photos)


def test_who_moves_has_no_trip_to_the_new_home() -> None:
    moved = weeks_at(BERLIN, datetime(2025, 1, 4, 10), 40, 3000)
    found = trips(AT_HOME, weeks_at(MUNICH, datetime(2023, 1, 4), 50, 4000), moved)
    assert found == []
    lived = homes(moments_of([*AT_HOME, *moved]))
    assert [home.place.city for home in lived] == ["Munich", "Berlin"]
    assert lived[0].last < lived[1].first
    days = date(2023, 1, 5), date(2024, 6, 1), date(2025, 6, 1), date(2026, 1, 1)
    found_homes = [home_on(lived, day) for day in days]
    assert [home.place.city for home in found_homes if home] == [
        *("Munich", "Munich", "Berlin", "Berlin")
    ]


def test_without_places_there_are_no_trips_and_no_home() -> None:
    assert trips(walk(YEAR, range(0, 90000, 777), None)) == []
    assert homes([]) == []
    assert trips([]) == []


def test_one_photo_is_no_trip() -> None:
    assert trips(walk(YEAR, [0], LISBON)) == []


def in_album(shots: list[TimedPhoto], album: str) -> list[TimedPhoto]:
    return [shot._replace(album=album) for shot in shots]


def test_a_visit_to_a_town_where_people_lived_is_no_trip() -> None:
    moved = weeks_at(BERLIN, datetime(2024, 12, 28, 10), 40, 3000)
    back = days_at(MUNICH, datetime(2025, 8, 1), 3, 5000)
    assert trips(AT_HOME, moved, back) == []


def test_a_journey_without_gps_is_told_by_the_name_of_its_folder() -> None:
    lost = days_at(None, datetime(2024, 3, 1), 9, 5000)
    before = weeks_at(MUNICH, datetime(2023, 1, 4), 50)
    (trip,) = trips(before, in_album(lost, "Thai"))
    assert trip.name == "Thailand, March 2024"
    assert trip.photos == tuple(range(5000, 5018))
    assert trips(before, in_album(lost, "Anna and Ben")) == []
    assert trips(before, in_album(lost, "Munich")) == []


def test_a_folder_of_many_months_is_no_journey() -> None:
    assert trips(AT_HOME, in_album(days_at(None, datetime(2024, 1, 1), 200, 5000), "India")) == []


def test_a_trip_is_called_what_its_owner_called_its_folder() -> None:
    (trip,) = trips(AT_HOME, in_album(days_at(LISBON, datetime(2024, 5, 10), 4), "Anna's wedding"))
    assert trip.name == "Anna's wedding, May 2024"
    (trip,) = trips(
        AT_HOME, in_album(days_at(LISBON, datetime(2024, 5, 10), 4), "Trip to Portugal")
    )
    assert trip.name == "Portugal, May 2024"


def test_where_home_is_unknown_many_photos_of_days_in_a_row_are_a_journey() -> None:
    (trip,) = trips(days_at(LISBON, datetime(2024, 5, 10), 7))
    assert trip.name == "Lisbon, May 2024"
    assert trip.distance_km is None
    assert homes(moments_of(days_at(LISBON, datetime(2024, 5, 10), 7))) == []


def test_a_town_with_photos_of_other_times_is_no_trip_though_home_is_unknown() -> None:
    often = [days_at(LISBON, datetime(2024, month, day), 6, 1000 * month)
             for month, day in ((2, 12), (5, 13))]  # fmt: skip
    assert homes(moments_of([shot for some in often for shot in some])) == []
    assert trips(*often) == []
    once = days_at(ROME, datetime(2024, 8, 5), 6, 9000)
    assert [trip.name for trip in trips(*often, once)] == ["Rome, August 2024"]


def test_two_months_of_now_and_then_are_a_home_and_no_trip() -> None:
    stay = walk(datetime(2025, 2, 1, 12), [n * 5 * 24 * 60 for n in range(13)], LISBON, 4000)
    before = weeks_at(MUNICH, datetime(2024, 1, 3, 10), 54)
    assert trips(before, stay, weeks_at(MUNICH, datetime(2025, 4, 8, 10), 20, 6000)) == []


def test_a_journey_through_several_places_is_one_with_its_legs() -> None:
    shots = [
        *days_at(LISBON, datetime(2024, 8, 1), 3, 1000),
        *days_at(PORTO, datetime(2024, 8, 4), 3, 2000),
        *days_at(LISBON, datetime(2024, 8, 7), 1, 3000),
    ]
    (trip,) = trips(AT_HOME, shots)
    assert [(leg.place.city, leg.first.day, leg.last.day) for leg in trip.legs] == [
        ("Lisbon", 1, 3),
        ("Porto", 4, 6),
        ("Lisbon", 7, 7),
    ]


def test_photos_at_home_before_the_departure_are_not_on_the_trip() -> None:
    packing = walk(datetime(2024, 5, 10, 6), [0, 10], None, 5000)
    there = days_at(LISBON, datetime(2024, 5, 10, 14), 4)
    on_the_way = walk(datetime(2024, 5, 10, 12, 30), [0, 10], None, 6000)
    (trip,) = trips(AT_HOME, packing, on_the_way, there)
    assert not {5000, 5001} & set(trip.photos)
    assert {6000, 6001} <= set(trip.photos)


def test_villages_around_a_town_are_called_after_it() -> None:
    around = [(42.65, 18.09), (42.66, 18.07), (42.58, 18.22)]  # Dubrovnik, a suburb, Cavtat
    days = [datetime(2024, 6, 1 + day) for day in range(3)]
    shots = [days_at(at, day, 1, 1000 + 10 * n)
             for n, (at, day) in enumerate(zip(around, days, strict=True))]  # fmt: skip
    (trip,) = trips(AT_HOME, *shots)
    assert trip.name == "Dubrovnik, June 2024"
    assert [place.city for place in trip.places] == ["Dubrovnik"]
