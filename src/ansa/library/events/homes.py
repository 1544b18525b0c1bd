"""Homes: where people live, inferred from where they take photos week after week.

People move, study abroad and live in two places, so a home has a time. A stay counts as living
somewhere if it lasts for months and photos of many of its weeks are from there. A journey of a few
weeks does not, whatever the number of its photos.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from ansa.library.events.moments import Moment
from ansa.library.events.places import Place, Point, apart_km, distance_km

_AROUND_KM = 25.0  # radius of one area
_APART_KM = 50.0  # minimum distance between two homes
_MOST_CELLS = 2000
_MOST_AREAS = 16  # that are looked at
_AWAY_DAYS = 200  # who takes no photo somewhere for so long no longer lives there
_STAY_DAYS = 100  # a shorter stay is a journey
_STAY_WEEKS = 6  # the weeks of a stay of which there are photos, at least
_SHARE = 0.35  # the share of the weeks with photos that are spent at home, at least
# A shorter stay is one, too, if people take photos there now and then and nowhere else.
_CALM_DAYS, _CALM_WEEKS, _CALM_SHARE, _CALM_ALONE = 42, 5, 0.4, 0.8
# Without such a stay, the place with photos of most weeks is the only home, if it has some.
_FEW_WEEKS, _FEW_DAYS, _FEW_SHARE = 3, 35, 0.3
_NEAR_WEEKS = 8  # of several homes, the one with photos of most weeks around a night counts


@dataclass(frozen=True, slots=True)
class Home:
    """A place where people live or lived.

    Attributes:
        point: its centre, rounded to a tenth of a degree.
        place: its name.
        first: the first day with a photo there while it was a home.
        last: the last such day.
        weeks: the weeks with photos there, as numbers of Mondays since the year 1.
    """

    point: Point
    place: Place
    first: date
    last: date
    weeks: frozenset[int] = field(default=frozenset(), compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Returns the home as JSON-ready values."""
        return {
            "place": self.place.to_dict(),
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }


def homes(found: Sequence[Moment]) -> list[Home]:
    """Returns the homes in the order in which people moved to them.

    A stay at a place is a home if it lasts at least a hundred days, has photos of at least six
    weeks, and of a third of those weeks of which there are photos at all. Six weeks are enough if
    people took photos now and then, and nearly all of them there. If there is no such stay,
    the place with photos of most weeks is the home, if that is more than a visit. The list is empty
    if home cannot be told, as in a collection of one journey.
    """
    located = [moment for moment in found if moment.point]
    if not located:
        return []
    areas = _areas(located)
    weeks = sorted({_week(moment.day) for moment in located})
    stays = [
        stay
        for area in areas
        for stay in _stays(area)
        if _is_home([moment.day for moment in stay], weeks)
    ]
    if not stays:
        stays = [area for area in areas[:1] if _is_only_home(area, weeks)]
    kept: list[Home] = []
    for stay in sorted(stays, key=lambda stay: (-len({_week(m.day) for m in stay}), stay[0].start)):
        home = _home(stay)
        if all(
            apart_km(home.point, other.point) > _APART_KM or not _meet(home, other)
            for other in kept
        ):
            kept.append(home)
    return sorted(kept, key=lambda home: (home.first, home.point))


def main_home(found: Sequence[Moment]) -> Home | None:
    """Returns the place with photos of most weeks; None if no moment has a place."""
    located = [moment for moment in found if moment.point]
    return _home(_areas(located, most=1)[0]) if located else None


def home_on(lived: Sequence[Home], day: date) -> Home | None:
    """Returns where people lived on a day: the home with photos of most weeks around it.

    If there is no photo of those weeks, it is the home that was photographed next to that day.
    """
    if len(lived) < 2:
        return lived[0] if lived else None
    now = _week(day)
    window = frozenset(range(now - _NEAR_WEEKS, now + _NEAR_WEEKS + 1))
    near = [sorted(window & home.weeks) for home in lived]
    around = [sum(1 - abs(week - now) / _NEAR_WEEKS for week in weeks) for weeks in near]
    likeliest = [row for row, value in enumerate(around) if value == max(around)]
    if len(likeliest) > 1:
        # Looking at all weeks of all homes is slow, and they count only where none is near.
        gaps = [
            min((abs(week - now) for week in near[row] or lived[row].weeks), default=now)
            for row in likeliest
        ]
        return lived[likeliest[gaps.index(min(gaps))]]
    return lived[likeliest[0]]


def from_home(found: Iterable[Moment], lived: Sequence[Home]) -> dict[Point | None, float]:
    """Returns the distance of each point of moments from the nearest home in km; empty if no home
    is known.

    Whoever once lived somewhere is no tourist there: former and later homes count, too.
    """
    points = list({moment.point for moment in found if moment.point})
    if not points or not lived:
        return {}
    nearest = np.full(len(points), np.inf)
    for home in lived:
        nearest = np.minimum(nearest, distance_km(np.array(points), np.array(home.point)))
    return dict(zip(points, nearest.tolist(), strict=True))


def _areas(located: Sequence[Moment], most: int = _MOST_AREAS) -> list[list[Moment]]:
    """Returns the moments around each place, those of the place with most weeks first.

    Weeks are counted instead of photos, because one day of a trip may have more photos than a month
    at home.
    """
    cells = sorted({_cell(moment) for moment in located})
    cells = cells[:: 1 + len(cells) // _MOST_CELLS]
    points = np.array(cells)
    number = {cell: row for row, cell in enumerate(cells)}
    kept = [moment for moment in located if _cell(moment) in number]
    own = np.array([number[_cell(moment)] for moment in kept])
    week = np.array([_week(moment.day) for moment in kept])
    near = distance_km(points[:, None], points[None]) <= _AROUND_KM
    weeks, column = np.unique(week, return_inverse=True)
    seen = np.zeros((len(cells), len(weeks)), np.float32)  # which cells have photos of which weeks
    seen[own, column] = 1
    around = near.astype(np.float32) @ seen
    left = np.ones(len(kept), bool)
    found: list[list[Moment]] = []
    while left.any() and len(found) < most:
        counts = (around > 0).sum(axis=1)
        if found and counts.max() < _CALM_WEEKS:
            break  # too few to live there
        taken = near[int(counts.argmax())]
        inside = left & taken[own]
        found.append([kept[row] for row in np.flatnonzero(inside).tolist()])
        left &= ~inside
        around -= near[:, taken].astype(np.float32) @ seen[taken]
        seen[taken] = 0
    return found


def _stays(area: Sequence[Moment]) -> list[list[Moment]]:
    """Splits the moments of a place where nobody was there for a long time."""
    found: list[list[Moment]] = []
    for moment in area:
        if not found or moment.day - found[-1][-1].day > timedelta(days=_AWAY_DAYS):
            found.append([])
        found[-1].append(moment)
    return found


def _is_home(days: Sequence[date], weeks: Sequence[int]) -> bool:
    """Whether a stay lasted long enough, and was not one of many places of its time."""
    there = {_week(day) for day in days}
    first, last = min(there), max(there)
    known = sum(first <= week <= last for week in weeks)
    length = (max(days) - min(days)).days
    if length >= _STAY_DAYS and len(there) >= _STAY_WEEKS:
        return len(there) >= _SHARE * known
    # Travellers take photos every day; who lives somewhere does so now and then.
    calm = len(set(days)) <= _CALM_SHARE * length
    enough = length >= _CALM_DAYS and len(there) >= _CALM_WEEKS
    return enough and calm and len(there) >= _CALM_ALONE * known


def _is_only_home(area: Sequence[Moment], weeks: Sequence[int]) -> bool:
    days = [moment.day for moment in area]
    there = {_week(day) for day in days}
    more = len(there) >= _FEW_WEEKS and (max(days) - min(days)).days >= _FEW_DAYS
    return more and len(there) >= _FEW_SHARE * len(weeks)


def _home(stay: Sequence[Moment]) -> Home:
    """Returns the home with the name of the town around which most moments were."""
    cells = Counter(_cell(moment) for moment in stay)
    around = Counter(moment.place for moment in stay if moment.place)
    place = max(around, key=lambda town: (around[town], town.people, town.names))
    days = [moment.day for moment in stay]
    weeks = frozenset(map(_week, days))
    point = min(cells, key=lambda cell: (-cells[cell], cell))
    return Home(point, place, min(days), max(days), weeks)


def _meet(home: Home, other: Home) -> bool:
    gap = timedelta(days=_AWAY_DAYS)
    return home.first <= other.last + gap and other.first <= home.last + gap


def _cell(moment: Moment) -> Point:
    assert moment.point
    return round(moment.point[0], 1), round(moment.point[1], 1)


def _week(day: date) -> int:
    return (day.toordinal() - 1) // 7
