"""Trips: sequences of moments far from home, named after their destinations.

Where photos do not say where they were taken, the name that their owner gave to a folder does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ansa.library.events.homes import Home, from_home, home_on, homes
from ansa.library.events.moments import Moment, moments
from ansa.library.events.named_places import is_only_place, named_place
from ansa.library.events.places import Place, Point, apart_km, distance_km

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

Far = Mapping[Point | None, float]
"""The distance of each point from the nearest home in km; empty if no home is known."""

NEAR_HOME_KM = 50.0  # people are nearer to home than this on most days
_FAR_KM = 100.0  # a single day at this distance is a trip
# A trip ends after so long without a photo, even if no photo shows home: few fly far for a weekend.
_PAUSES = (
    (2000.0, timedelta(days=6)),
    (500.0, timedelta(days=4)),
    (0.0, timedelta(days=3)),
)  # from so many km on
_PAUSE_THERE = timedelta(days=5)  # if the next photo is from the same place
_AROUND_KM = 30.0  # places so near to the one with most photos add no name of their own
_MOST = 0.6  # a trip is named after a place with at least this share of its days
_NEARLY_ALL = 0.8
_HAMLET = 2500  # people; of smaller towns the region says more
_LEAST_PHOTOS = 2
# Where home is unknown, days in a row with many photos are a journey.
_JOURNEY_DAYS, _JOURNEY_PHOTOS, _LONGEST_JOURNEY = 3, 12, 100
_JOURNEY_SHARE = 0.4  # the share of its days with photos: travellers take some nearly every day
# So many days at other times, so long before or after, make a town one that people may live in.
_KNOWN_DAYS, _OTHER_TIMES = 2, timedelta(days=14)
_ALBUM_DAYS = timedelta(days=75)  # an album of a longer time is of no single journey
_ALBUM_SHARE = (
    0.8  # of a trip's photos in an album that is called after it, and of its photos there
)
_BEFORE = timedelta(hours=3)  # photos without a place so long before the first one there are on it


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a trip that was spent in one place: the place, its first and its last day."""

    place: Place
    first: date
    last: date

    def to_dict(self) -> dict[str, Any]:
        """Returns the leg as JSON-ready values."""
        return {
            "place": self.place.city,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Trip:
    """Some days away from home.

    Attributes:
        moments: its moments, in the order of time.
        name: where and when: "Lisbon, May 2024".
        places: its destinations, sorted by number of days, most first.
        towns: the destination of each moment; None if it is unknown.
        distance_km: the greatest distance from home in km; None if home is unknown.
    """

    moments: tuple[Moment, ...]
    name: str
    places: tuple[Place, ...]
    towns: tuple[Place | None, ...]
    distance_km: float | None

    @property
    def photos(self) -> tuple[int, ...]:
        """The ids of all its photos, in the order of time."""
        return tuple(photo for moment in self.moments for photo in moment.photos)

    @property
    def start(self) -> datetime:
        """The time of the first photo."""
        return self.moments[0].start

    @property
    def end(self) -> datetime:
        """The time of the last photo."""
        return max(moment.end for moment in self.moments)

    @property
    def days(self) -> int:
        """The number of days, including the first and the last."""
        return (self.end.date() - self.start.date()).days + 1

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The places in the order in which people came to them; one for each stay."""
        found: list[Leg] = []
        for moment, town in zip(self.moments, self.towns, strict=True):
            if town is None:
                continue
            if found and found[-1].place == town:
                found[-1] = replace(found[-1], last=moment.end.date())
            else:
                found.append(Leg(town, moment.day, moment.end.date()))
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Returns the trip as JSON-ready values; photos are given as ids."""
        return {
            "name": self.name,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "days": self.days,
            "places": [place.to_dict() for place in self.places],
            "legs": [leg.to_dict() for leg in self.legs],
            "distance_km": None if self.distance_km is None else round(self.distance_km),
            "photos": list(self.photos),
        }


def trips(session: LibrarySession, *, now: datetime | None = None) -> list[Trip]:
    """Returns all trips, oldest first. ``now`` has the same meaning as for moments.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    return trips_of(moments(session, now=now))


def trips_of(found: Sequence[Moment], lived: Sequence[Home] | None = None) -> list[Trip]:
    """Returns the trips among moments that are in the order of time.

    Where no home can be told, a trip is some days in a row with many photos, but not in a town with
    photos of other times: people may well live there.

    Args:
        found: the moments.
        lived: the homes; by default they are inferred from these moments.
    """
    lived = homes(found) if lived is None else lived
    placed = _placed(found)
    titles = _Titles(found)
    far = from_home(placed, lived)
    return [
        _trip(run, lived, titles)
        for run in _runs(placed, far)
        if (_is_trip(run, far) if lived else _is_journey(run, placed))
    ]


def _placed(found: Sequence[Moment]) -> list[Moment]:
    """Returns the moments, those without a place where the name of their album says."""
    days: defaultdict[str, list[date]] = defaultdict(list)
    for moment in found:
        days[moment.album].append(moment.day)
    short = {name for name, some in days.items() if max(some) - min(some) <= _ALBUM_DAYS}
    placed = []
    for moment in found:
        place = None
        if not moment.point and moment.album and moment.album in short:
            place = named_place(moment.album)
        point = (place.latitude, place.longitude) if place else None
        placed.append(replace(moment, point=point, place=place) if place else moment)
    return placed


def _runs(found: Sequence[Moment], far: Far) -> Iterator[list[Moment]]:
    """Yields runs of moments away from home, without a moment at home or a long pause between.

    Moments of unknown place belong to a run if they lie within it, or on its first or last day, but
    not if they were taken well before the first photo that was taken there: then people were still
    at home.
    """
    run: list[Moment] = []
    unknown: list[Moment] = []
    for moment in found:
        # Where home is unknown, all places are far from it.
        km = far.get(moment.point, None if far or not moment.point else float("inf"))
        latest = (unknown or run)[-1:]
        pause = bool(latest) and moment.start - latest[0].end > _pause(run, moment, far)
        if pause or (km is not None and km <= NEAR_HOME_KM):
            if run:
                yield run + [each for each in unknown if each.day == run[-1].day]
            run, unknown = [], []
        if km is None:
            unknown.append(moment)
        elif km > NEAR_HOME_KM:
            if not run:
                unknown = [each for each in unknown if moment.start - each.end <= _BEFORE]
            run += [*unknown, moment]
            unknown = []
    if run:
        yield run + [each for each in unknown if each.day == run[-1].day]


def _pause(run: Sequence[Moment], moment: Moment, far: Far) -> timedelta:
    km = far.get(run[-1].point, 0.0) if run else 0.0
    pause = next(pause for least, pause in _PAUSES if km >= least)
    here = next((each.point for each in reversed(run) if each.point), None)
    if here and moment.point and apart_km(here, moment.point) <= NEAR_HOME_KM:
        return max(pause, _PAUSE_THERE)
    return pause


def _is_trip(run: Sequence[Moment], far: Far) -> bool:
    farthest = max(far.get(moment.point, 0.0) for moment in run)
    enough = sum(len(moment.photos) for moment in run) >= _LEAST_PHOTOS
    return enough and (len(_days(run)) > 1 or farthest > _FAR_KM)


def _is_journey(run: Sequence[Moment], found: Sequence[Moment]) -> bool:
    """Whether days in a row are a journey of somebody whose home is unknown."""
    days, photos = _days(run), sum(len(moment.photos) for moment in run)
    length = (max(days) - min(days)).days + 1
    many = len(days) >= _JOURNEY_DAYS and photos >= _JOURNEY_PHOTOS
    dense = length <= _LONGEST_JOURNEY and len(days) >= _JOURNEY_SHARE * length
    return many and dense and not _is_known_town(run, found)


def _is_known_town(run: Sequence[Moment], found: Sequence[Moment]) -> bool:
    """Whether all photos of a run are from places with photos of days long before or after it."""
    first, last = run[0].day - _OTHER_TIMES, run[-1].end.date() + _OTHER_TIMES
    others = [each for each in found if each.point and not first <= each.day <= last]
    here = np.array([each.point for each in run if each.point])
    if not others or not len(here):
        return False
    near = distance_km(here[:, None], np.array([each.point for each in others])[None])
    days = np.array([each.day.toordinal() for each in others])
    return all(len(np.unique(days[row])) >= _KNOWN_DAYS for row in near <= NEAR_HOME_KM)


def _days(run: Sequence[Moment]) -> set[date]:
    return {moment.day for moment in run} | {moment.end.date() for moment in run}


def _trip(run: Sequence[Moment], lived: Sequence[Home], titles: _Titles) -> Trip:
    towns = _towns(run)
    days: defaultdict[Place, set[date]] = defaultdict(set)
    for moment, town in zip(run, towns, strict=True):
        if town:
            days[town].add(moment.day)
    places = sorted(days, key=lambda place: (-len(days[place]), min(days[place]), place.names))
    where = titles.of(run) or _where(places, days)
    name = f"{where}, {_when(run[0].day, run[-1].day)}"
    return Trip(tuple(run), name, tuple(places), towns, _farthest(run, lived))


def _farthest(run: Sequence[Moment], lived: Sequence[Home]) -> float | None:
    home = home_on(lived, run[0].day)
    points = [moment.point for moment in run if moment.point]
    if home is None or not points:
        return None
    return float(distance_km(np.array(points), np.array([home.point])).max())


class _Titles:
    """What people called their trips: the names of albums that hold one trip and little else.

    Args:
        found: all moments.
    """

    def __init__(self, found: Sequence[Moment]) -> None:
        self._photos: Counter[str] = Counter()
        for moment in found:
            self._photos[moment.album] += len(moment.photos)

    def of(self, run: Sequence[Moment]) -> str:
        """Returns the album of nearly all photos of a trip; empty if there is none."""
        here: Counter[str] = Counter()
        for moment in run:
            here[moment.album] += len(moment.photos)
        name, number = here.most_common(1)[0]
        whole = number >= _ALBUM_SHARE * max(here.total(), self._photos[name])
        if not (name and whole):
            return ""
        # "Thai" and "Trip to Thailand" are Thailand; "Anna in Rome" stays what it is.
        place = named_place(name)
        return place.city if place and is_only_place(name) else name


def _towns(run: Sequence[Moment]) -> tuple[Place | None, ...]:
    """Returns the destination of each moment. A place counts as a place near it with more photos. A
    moment without a place has the only place of its day, if there is only one."""
    photos: Counter[Place] = Counter()
    for moment in run:
        if moment.place:
            photos[moment.place] += len(moment.photos)
    towns: dict[Place, Place] = {}
    for place in sorted(photos, key=lambda each: (-photos[each], -each.people, each.names)):
        near = (town for town in towns if towns[town] == town and _km(town, place) <= _AROUND_KM)
        towns[place] = next(near, place)
    days: defaultdict[date, set[Place]] = defaultdict(set)
    for moment in run:
        if moment.place:
            days[moment.day].add(towns[moment.place])
    only = {day: next(iter(some)) for day, some in days.items() if len(some) == 1}
    return tuple(towns[m.place] if m.place else only.get(m.day) for m in run)


def _km(place: Place, other: Place) -> float:
    return apart_km((place.latitude, place.longitude), (other.latitude, other.longitude))


def _where(places: Sequence[Place], days: dict[Place, set[date]]) -> str:
    """Names one city with most days, two with nearly all days, or else what all have in common."""
    counts = Counter({place: len(days[place]) for place in places})
    total = sum(counts.values())
    first = places[0]
    if counts[first] >= _MOST * total:
        hamlet = first.named and first.people < _HAMLET
        return first.region if hamlet and first.region else first.city
    if counts[first] + counts[places[1]] >= _NEARLY_ALL * total and all(
        place.people >= _HAMLET or not place.named for place in places[:2]
    ):
        return f"{first.city} and {places[1].city}"
    for level in ("region", "country"):
        names = list(dict.fromkeys(getattr(place, level) for place in places))
        if names == [names[0]] and names[0]:
            return str(names[0])
    countries = list(dict.fromkeys(place.country for place in places if place.country))
    if not countries:
        return f"{first.city} and more"
    return (
        " and ".join(countries) if len(countries) <= 2 else f"{', '.join(countries[:2])} and more"
    )


def _when(first: date, last: date) -> str:
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%B %Y}"
    if first.year == last.year:
        return f"{first:%B} to {last:%B %Y}"
    return f"{first:%B %Y} to {last:%B %Y}"
