"""Homes: where people live, inferred from how often they take photos there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.library.events.moments import Moment
from ansa.library.events.places import Place, Point, distance_km

_AROUND_KM = 25.0  # radius of one area
_APART_KM = 50.0  # minimum distance between two homes
_MONTHS = 6  # a place with photos in so many months of a year is a home in that year
_MOST_CELLS = 2000

_Unit = tuple[int, int]
_Units = Mapping[Point, set[_Unit]]


@dataclass(frozen=True, slots=True)
class Home:
    """A place where people live.

    Attributes:
        point: its centre, rounded to a tenth of a degree.
        place: its name.
        year: the year in which it is a home; None for all years.
    """

    point: Point
    place: Place
    year: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns the home as JSON-ready values."""
        return {"place": self.place.to_dict(), "year": self.year}


def homes(found: Sequence[Moment]) -> list[Home]:
    """Returns the homes: first the place with photos in most weeks, which is a home in all years;
    then, for each year, every other place with photos in at least six of its months.

    Weeks are counted instead of photos, because one day of a trip may have more photos than a month
    at home. The second rule is for people who moved or live in two places. The list is empty if no
    moment has a place.
    """
    located = [moment for moment in found if moment.point]
    if not located:
        return []
    cells, near = _cells(located)
    where = np.array([_cell(moment) for moment in located])
    lived = [_main(located, cells, near, where)]
    months = _seen(located, cells, _month)
    for year in sorted({moment.day.year for moment in located}):
        counts = _counts(near, {c: {m for m in months[c] if m[0] == year} for c in cells})
        while counts.max() >= _MONTHS:
            most = int(counts.argmax())
            if all(_km(cells[most], home.point) > _APART_KM for home in at_home(lived, year)):
                lived.append(_home(cells[most], located, where, year))
            counts[near[most]] = 0
    return lived


def main_home(found: Sequence[Moment]) -> Home | None:
    """Returns the first of :func:`homes`, a home in all years; None if no moment has a place."""
    located = [moment for moment in found if moment.point]
    if not located:
        return None
    return _main(located, *_cells(located), np.array([_cell(moment) for moment in located]))


def _main(
    located: Sequence[Moment],
    cells: Sequence[Point],
    near: NDArray[np.bool_],
    where: NDArray[np.float64],
) -> Home:
    first = cells[int(_counts(near, _seen(located, cells, _week)).argmax())]
    return _home(first, located, where)


def _cells(located: Sequence[Moment]) -> tuple[list[Point], NDArray[np.bool_]]:
    """Returns the cells of a tenth of a degree with photos, and which pairs are one area."""
    cells = sorted({_cell(moment) for moment in located})
    cells = cells[:: 1 + len(cells) // _MOST_CELLS]
    return cells, distance_km(np.array(cells)[:, None], np.array(cells)[None]) <= _AROUND_KM


def at_home(lived: Sequence[Home], year: int) -> list[Home]:
    """Returns the homes of a year."""
    return [home for home in lived if home.year in (None, year)]


def from_home(moment: Moment, lived: Sequence[Home]) -> float | None:
    """Returns the distance of a moment from the nearest home in km; None if it is unknown."""
    if moment.point is None:
        return None
    there = moment.point
    return min((_km(there, h.point) for h in at_home(lived, moment.day.year)), default=None)


def _home(
    point: Point, located: Sequence[Moment], where: NDArray[np.float64], year: int | None = None
) -> Home:
    """Returns the home with the name of the town around which most moments were."""
    near = np.flatnonzero(distance_km(where, np.array([point])) <= _AROUND_KM).tolist()
    around = Counter(place for row in near if (place := located[row].place))
    place = max(around, key=lambda town: (around[town], town.people, town.names))
    return Home(point, place, year)


def _counts(near: NDArray[np.bool_], units: _Units) -> NDArray[np.intp]:
    """Returns the number of different units of time with photos around each cell."""
    columns = {
        unit: n for n, unit in enumerate(sorted({u for seen in units.values() for u in seen}))
    }
    table = np.zeros((len(units), max(1, len(columns))), np.float32)
    for row, seen in enumerate(units.values()):
        table[row, [columns[unit] for unit in seen]] = 1
    counts: NDArray[np.intp] = ((near.astype(np.float32) @ table) > 0).sum(1)
    return counts


def _seen(
    located: Sequence[Moment], cells: Sequence[Point], unit: Callable[[date], _Unit]
) -> dict[Point, set[_Unit]]:
    found: dict[Point, set[_Unit]] = {cell: set() for cell in cells}
    for moment in located:
        if (cell := _cell(moment)) in found:
            found[cell].add(unit(moment.day))
    return found


def _cell(moment: Moment) -> Point:
    assert moment.point
    return round(moment.point[0], 1), round(moment.point[1], 1)


def _week(day: date) -> _Unit:
    return day.isocalendar()[:2]


def _month(day: date) -> _Unit:
    return day.year, day.month


def _km(point: Point, other: Point) -> float:
    return float(distance_km([point], [other])[0])
