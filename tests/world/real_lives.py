"""Lives as they are: people move, have two homes, lose GPS, and take no photo for months.

Only times, places and names of folders, so that many lives are quick to make. They are drawn by
chance; the truth is what was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from random import Random

from ansa.library.events.albums import album_name
from ansa.library.events.timed_photos import TimedPhoto
from tests.world.places import TOWNS, Point, apart, moved

LAST_DAY = date(2024, 12, 31)
_FOLDERS = "{name} {year}", "{year}-{month:02} {name}", "{name}", "Trip to {name}"


@dataclass(frozen=True, slots=True)
class Stay:
    """A home: where, its first and its last day."""

    point: Point
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class RealLife:
    """Photos of some years, and what is true of them.

    Attributes:
        shots: in the order of time; their ids are their places in the list.
        trips: photo -> the trip on which it was taken.
        stays: the main homes, one after the other.
        others: further homes.
        hidden: trips that nothing tells: no place and no folder says where they led.
        moments: photo -> the outing on which it was taken.
    """

    shots: tuple[TimedPhoto, ...]
    trips: dict[int, str]
    stays: tuple[Stay, ...]
    others: tuple[Stay, ...]
    hidden: frozenset[str]
    moments: dict[int, str]

    def home_on(self, day: date) -> Point:
        """Returns the main home of a night."""
        return next((s.point for s in self.stays if day <= s.last), self.stays[-1].point)


@dataclass(slots=True)
class _Taken:
    when: datetime
    point: Point | None
    album: str
    trip: str
    outing: int = 0


@dataclass(slots=True)
class _Drawing:
    rng: Random
    taken: list[_Taken] = field(default_factory=list)
    away: set[date] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    trips: int = 0
    outings: int = 0


def real_life(seed: int, years: int | None = None) -> RealLife:
    """Draws a life of so many years, or as long as chance will have it; the same seed gives the
    same one."""
    rng = Random(f"real life {seed}")
    drawing = _Drawing(rng)
    drawn = rng.randint(2, 9)
    years = drawn if years is None else years
    first = LAST_DAY - timedelta(days=365 * years)
    stays = _stays(rng, first)
    others = _others(rng, stays)
    for quarter in range(0, 365 * years - 40, 91):
        if rng.random() < 0.75:
            start = first + timedelta(days=quarter + rng.randint(3, 60))
            _trip(drawing, _on(stays, start), start, stays, others)
    for stay in stays:
        _everyday(drawing, stay, share=rng.uniform(0.08, 0.3))
    for other in others:
        _weekends(drawing, other)
    _visits(drawing, stays)
    return _finished(drawing, stays, others)


def _stays(rng: Random, first: date) -> list[Stay]:
    """One to four towns; perhaps a semester abroad between."""
    days = (LAST_DAY - first).days
    moves = sorted(
        rng.sample(range(240, max(241, days - 240), 30), k=min(rng.randint(0, 3), days // 500))
    )
    edges = [0, *moves, days + 1]
    stays, town = [], rng.choice(TOWNS)
    for begin, end in pairwise(edges):
        stays.append(Stay(town.point, first + timedelta(begin), first + timedelta(end - 1)))
        town = rng.choice([each for each in TOWNS if apart(each.point, town.point) > 120])
    longest = max(range(len(stays)), key=lambda n: stays[n].last - stays[n].first)
    home = stays[longest]
    if rng.random() < 0.3 and (home.last - home.first).days > 600:
        leaving = home.first + timedelta(days=rng.randint(200, 300))
        back = leaving + timedelta(days=rng.randint(125, 170))
        abroad = rng.choice([each for each in TOWNS if apart(each.point, home.point) > 600])
        stays[longest : longest + 1] = [
            Stay(home.point, home.first, leaving - timedelta(1)),
            Stay(abroad.point, leaving, back),
            Stay(home.point, back + timedelta(1), home.last),
        ]
    return stays


def _others(rng: Random, stays: list[Stay]) -> list[Stay]:
    """Perhaps a cottage at which people are every other weekend for more than a year."""
    home = max(stays, key=lambda stay: stay.last - stay.first)
    if rng.random() < 0.6 or (home.last - home.first).days < 500:
        return []
    point = moved(home.point, rng.choice((-1, 1)) * rng.uniform(70, 200), rng.uniform(-80, 80))
    begin = home.first + timedelta(days=30)
    return [Stay(point, begin, min(home.last, begin + timedelta(days=rng.randint(400, 700))))]


def _on(stays: list[Stay], day: date) -> Stay:
    return next((stay for stay in stays if day <= stay.last), stays[-1])


def _trip(
    drawing: _Drawing, home: Stay, start: date, stays: list[Stay], others: list[Stay]
) -> None:
    rng = drawing.rng
    length = rng.choice((1, 2, 3, 3, 4, 5, 7, 7, 10, 14, 21, 40))
    days = [start + timedelta(n) for n in range(length)]
    if days[-1] > home.last or drawing.away & {
        *days,
        start - timedelta(1),
        days[-1] + timedelta(1),
    }:
        return
    homes = [stay.point for stay in (*stays, *others)]
    far = [town for town in TOWNS if all(apart(town.point, point) > 130 for point in homes)]
    if length <= 2:
        far = [town for town in far if apart(town.point, home.point) < 700] or far
    route = [rng.choice(far)]
    while len(route) * 4 < length and rng.random() < 0.6:
        near = [town for town in far if 60 < apart(town.point, route[-1].point) < 900]
        route += [rng.choice(near)] if near else []
        if not near:
            break
    gps = rng.choices((1.0, 0.3, 0.0, -1.0), (60, 25, 11, 4))[0]
    drawing.trips += 1
    name = f"t{drawing.trips:02}"
    album = ""
    if gps == 0 or rng.random() < 0.3:
        country = {"PT": "Portugal", "IT": "Italy", "JP": "Japan", "NO": "Norway", "GR": "Greece"}
        title = route[0].name if route[0].name != "Nice" else "France"
        title = country.get(route[0].country, title)
        title = "Reykjavík" if title == "Reykjavik" else title
        form = rng.choice(_FOLDERS)
        album = album_name(form.format(name=title, year=start.year, month=start.month))
    if gps < 0:
        drawing.hidden.add(name)
        album = ""
    drawing.away.update(days)
    for number, day in enumerate(days):
        if length > 6 and 0 < number < length - 1 and rng.random() < 0.15:
            continue  # a day without a photo
        town = route[number * len(route) // length]
        for hour in sorted(rng.sample((9.5, 12.0, 15.5, 19.5), rng.randint(1, 3))):
            _outing(drawing, town.point, day, hour, rng.randint(2, 6), gps, album, name)
    if rng.random() < 0.4:  # packing, in the morning before departure, without a place
        taken = datetime.combine(days[0], time(4, 30))
        drawing.taken.append(_Taken(taken, None, "", ""))


def _outing(
    drawing: _Drawing,
    point: Point,
    day: date,
    hour: float,
    photos: int,
    gps: float,
    album: str,
    trip: str,
) -> None:
    rng = drawing.rng
    spot = moved(point, rng.randint(-3, 3), rng.randint(-3, 3))
    when = datetime.combine(day, time()) + timedelta(hours=hour)
    drawing.outings += 1
    for _ in range(photos):
        when += timedelta(seconds=rng.randint(2, 400))
        there = spot if rng.random() < gps else None
        drawing.taken.append(_Taken(when, there, album, trip, drawing.outings))


def _everyday(drawing: _Drawing, stay: Stay, share: float) -> None:
    """Life at home: some months are full of photos, some have none."""
    rng = drawing.rng
    day, lively, pause = stay.first, 1.0, 0
    while day <= stay.last:
        if day.day == 1:
            lively = rng.choice((0.3, 0.6, 1.0, 1.0, 1.8))
            pause = rng.randint(60, 120) if rng.random() < 0.03 else pause
        if pause > 0:
            pause -= 1
        elif day not in drawing.away and rng.random() < share * lively:
            for hour in sorted(rng.sample((10.0, 14.0, 18.5), rng.choice((1, 1, 2)))):
                _outing(drawing, stay.point, day, hour, rng.randint(1, 4), 0.7, "", "")
        day += timedelta(1)


def _weekends(drawing: _Drawing, other: Stay) -> None:
    rng = drawing.rng
    day = other.first
    while day <= other.last:
        if day.weekday() == 5 and rng.random() < 0.5 and day not in drawing.away:
            for night in (day, day + timedelta(1)):
                if night not in drawing.away:
                    _outing(drawing, other.point, night, 11.0, rng.randint(2, 5), 0.9, "", "")
        day += timedelta(1)


def _visits(drawing: _Drawing, stays: list[Stay]) -> None:
    """Christmas where people once lived."""
    for year in range(stays[0].last.year, LAST_DAY.year + 1):
        day = date(year, 12, 24)
        moved_out = len(stays) > 1 and stays[1].first <= day <= LAST_DAY
        if moved_out and day not in drawing.away and drawing.rng.random() < 0.6:
            for number in range(3):
                _outing(drawing, stays[0].point, day + timedelta(number), 17.0, 3, 0.9, "", "")
                drawing.away.add(day + timedelta(number))


def _finished(drawing: _Drawing, stays: list[Stay], others: list[Stay]) -> RealLife:
    taken = sorted(drawing.taken, key=lambda each: each.when)
    shots = tuple(
        TimedPhoto(number, each.when, each.point, album=each.album)
        for number, each in enumerate(taken)
    )
    trips = {number: each.trip for number, each in enumerate(taken) if each.trip}
    outings = {n: f"o{each.outing}" for n, each in enumerate(taken) if each.outing}
    hidden = frozenset(drawing.hidden)
    return RealLife(shots, trips, tuple(stays), tuple(others), hidden, outings)
