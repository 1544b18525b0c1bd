"""A life: a home, trips away from it, and outings on which photos are taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from tests.world.places import TOWNS, Point, Town, apart, moved

LAST_YEAR = 2024
_TRIPS = 4  # a year
_DAYS = (1, 1, 2, 3, 4, 5, 7, 10)
_AWAY = 120.0  # km; nearer is no trip
_DRIVE = 700.0  # km; to go there and back in a day
_HOURS = (9.5, 12.5, 15.5, 19.0)
_AT_HOME = ("everyday", "everyday", "pets", "food", "people", "people", "sky", "city", "forest")
_AT_TIMES = ("people", "food", "sky", "everyday")


@dataclass(frozen=True, slots=True)
class Outing:
    """A time at one place on which photos are taken: a moment to be.

    Attributes:
        id: "o0012", in order of time.
        trip: whose it is; "" at home.
        town: where.
        point: where exactly.
        start: local time.
        theme: what it is for.
        weight: how many photos are taken, compared with others.
    """

    id: str
    trip: str
    town: Town
    point: Point
    start: datetime
    theme: str
    weight: float


@dataclass(frozen=True, slots=True)
class Life:
    """All outings of some years.

    Attributes:
        home: where most days are.
        birthdays: two days of the year.
        trips: id -> what it is.
        outings: in order of time; at least 50 minutes lie between the end of one and the next.
    """

    home: Town
    birthdays: tuple[str, ...]
    trips: dict[str, str]
    outings: tuple[Outing, ...]


def live(rng: Random, years: int) -> Life:
    """A life of so many years, the last of them :data:`LAST_YEAR`."""
    home = rng.choice(TOWNS)
    spots = [_near(rng, home.point, 12) for _ in range(10)]
    birthdays = tuple(f"{rng.randint(1, 12):02}-{rng.randint(1, 28):02}" for _ in range(2))
    outings: list[Outing] = []
    trips: dict[str, str] = {}
    away: set[date] = set()
    first = date(LAST_YEAR + 1 - years, 1, 1)
    for quarter in range(_TRIPS * years):
        start = first + timedelta(days=round(quarter * 365.25 / _TRIPS) + rng.randint(5, 60))
        days = [start + timedelta(days=day) for day in range(rng.choice(_DAYS))]
        stops = _stops(rng, home, len(days))
        id_ = f"t{len(trips):02}"
        trips[id_] = f"{stops[0].name}, {days[0]} to {days[-1]}"
        away.update(days)
        for number, day in enumerate(days):
            town = stops[number * len(stops) // len(days)]
            for hour in sorted(rng.sample(_HOURS, rng.randint(2, 4))):
                theme = rng.choice(town.themes if rng.random() < 0.75 else _AT_TIMES)
                point = _near(rng, town.point, 6)
                outings.append(_outing(rng, id_, town, point, day, hour, theme, 2.5))
    day = first
    while day.year <= LAST_YEAR:
        party = f"{day:%m-%d}" in (*birthdays, "12-24", "12-25")
        if day not in away and (party or rng.random() < 1 / 7):
            hours = (19.0,) if party else rng.sample(_HOURS, rng.choice((1, 1, 2)))
            for hour in sorted(hours):
                theme = "party" if party else rng.choice(_AT_HOME)
                point = home.point if party else rng.choice(spots)
                outings.append(_outing(rng, "", home, point, day, hour, theme, 2.0))
        day += timedelta(days=1)
    return Life(home, birthdays, trips, _numbered(outings))


def _stops(rng: Random, home: Town, days: int) -> list[Town]:
    """One town; two not far from each other on some of the longer trips."""
    far = [town for town in TOWNS if apart(town.point, home.point) >= _AWAY]
    if days == 1:
        far = [town for town in far if apart(town.point, home.point) <= _DRIVE] or far
    first = rng.choice(far)
    second = [town for town in far if 60 <= apart(town.point, first.point) <= 400]
    return [first, rng.choice(second)] if days >= 4 and second and rng.random() < 0.5 else [first]


def _near(rng: Random, point: Point, kilometres: float) -> Point:
    return moved(point, rng.uniform(-0.7, 0.7) * kilometres, rng.uniform(-0.7, 0.7) * kilometres)


def _outing(
    rng: Random,
    trip: str,
    town: Town,
    point: Point,
    day: date,
    hour: float,
    theme: str,
    weight: float,
) -> Outing:
    start = datetime.combine(day, time()) + timedelta(hours=hour + rng.uniform(-0.4, 0.4))
    start = start.replace(microsecond=0)
    return Outing("", trip, town, point, start, theme, weight * rng.uniform(0.3, 1.7))


def _numbered(outings: list[Outing]) -> tuple[Outing, ...]:
    outings.sort(key=lambda outing: outing.start)
    return tuple(
        Outing(f"o{n:04}", o.trip, o.town, o.point, o.start, o.theme, o.weight)
        for n, o in enumerate(outings)
    )
