"""Trips: sequences of moments far from home, named after their destinations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ansa.library.events.homes import Home, from_home, homes
from ansa.library.events.moments import Moment, moments
from ansa.library.events.places import Place, distance_km

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

NEAR_HOME_KM = 50.0  # people are nearer to home than this on most days
_FAR_KM = 100.0  # a single day at this distance is a trip
_PAUSE = timedelta(days=3)  # a trip ends after so long without a photo, even if no photo shows home
_AROUND_KM = 30.0  # places so near to the one with most photos add no name of their own
_MOST = 0.6  # a trip is named after a place with at least this share of its days
_NEARLY_ALL = 0.8


@dataclass(frozen=True, slots=True)
class Trip:
    """Some days away from home.

    Attributes:
        moments: its moments, in the order of time.
        name: where and when: "Lisbon, May 2024".
        places: its destinations, sorted by number of days, most first.
        towns: the destination of each moment; None if it is unknown.
        distance_km: the greatest distance from home in km.
    """

    moments: tuple[Moment, ...]
    name: str
    places: tuple[Place, ...]
    towns: tuple[Place | None, ...]
    distance_km: float

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

    def to_dict(self) -> dict[str, Any]:
        """Returns the trip as JSON-ready values; photos are given as ids."""
        return {
            "name": self.name,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "days": self.days,
            "places": [place.to_dict() for place in self.places],
            "distance_km": round(self.distance_km),
            "photos": list(self.photos),
        }


def trips(session: LibrarySession, *, now: datetime | None = None) -> list[Trip]:
    """Returns all trips, oldest first; none if home is unknown. ``now`` has the same meaning as for
    moments.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    return trips_of(moments(session, now=now))


def trips_of(found: Sequence[Moment], lived: Sequence[Home] | None = None) -> list[Trip]:
    """Returns the trips among moments that are in the order of time.

    Args:
        found: the moments.
        lived: the homes; by default they are inferred from these moments.
    """
    lived = homes(found) if lived is None else lived
    return [_trip(run, lived) for run in _runs(found, lived) if _is_trip(run, lived)]


def _runs(found: Sequence[Moment], lived: Sequence[Home]) -> Iterator[list[Moment]]:
    """Yields runs of moments away from home, without a moment at home or a long pause between.

    Moments of unknown place belong to a run if they lie within it, or on its first or last day.
    """
    run: list[Moment] = []
    unknown: list[Moment] = []
    for moment in found:
        far = from_home(moment, lived)
        latest = (unknown or run)[-1:]
        pause = bool(latest) and moment.start - latest[0].end > _PAUSE
        if pause or (far is not None and far <= NEAR_HOME_KM):
            if run:
                yield run + [each for each in unknown if each.day == run[-1].day]
            run, unknown = [], []
        if far is None:
            unknown.append(moment)
        elif far > NEAR_HOME_KM:
            run += [each for each in unknown if run or each.day == moment.day] + [moment]
            unknown = []
    if run:
        yield run + [each for each in unknown if each.day == run[-1].day]


def _is_trip(run: Sequence[Moment], lived: Sequence[Home]) -> bool:
    days = {moment.day for moment in run} | {moment.end.date() for moment in run}
    farthest = max(from_home(moment, lived) or 0.0 for moment in run)
    return len(days) > 1 or farthest > _FAR_KM


def _trip(run: Sequence[Moment], lived: Sequence[Home]) -> Trip:
    towns = _towns(run)
    days: defaultdict[Place, set[date]] = defaultdict(set)
    for moment, town in zip(run, towns, strict=True):
        if town:
            days[town].add(moment.day)
    places = sorted(days, key=lambda place: (-len(days[place]), min(days[place]), place.names))
    farthest = max(from_home(moment, lived) or 0.0 for moment in run)
    name = f"{_where(places, days)}, {_when(run[0].day, run[-1].day)}"
    return Trip(tuple(run), name, tuple(places), towns, farthest)


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
    points = [(each.latitude, each.longitude) for each in (place, other)]
    return float(distance_km(points[:1], points[1:])[0])


def _where(places: Sequence[Place], days: dict[Place, set[date]]) -> str:
    """Names one city with most days, two with nearly all days, or else what all have in common."""
    counts = Counter({place: len(days[place]) for place in places})
    total = sum(counts.values())
    if counts[places[0]] >= _MOST * total:
        return places[0].city
    if counts[places[0]] + counts[places[1]] >= _NEARLY_ALL * total:
        return f"{places[0].city} and {places[1].city}"
    for level in ("region", "country"):
        names = list(dict.fromkeys(getattr(place, level) for place in places))
        if names == [names[0]] and names[0]:
            return str(names[0])
    countries = list(dict.fromkeys(place.country for place in places if place.country))
    if not countries:
        return f"{places[0].city} and more"
    return (
        " and ".join(countries) if len(countries) <= 2 else f"{', '.join(countries[:2])} and more"
    )


def _when(first: date, last: date) -> str:
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%B %Y}"
    if first.year == last.year:
        return f"{first:%B} to {last:%B %Y}"
    return f"{first:%B %Y} to {last:%B %Y}"
