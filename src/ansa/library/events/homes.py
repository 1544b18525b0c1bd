"""Homes: where people live, told from how often they take photos there."""

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

_AROUND_KM = 25.0  # one area
_APART_KM = 50.0  # two homes
_MONTHS = 6  # photographed in so many months of a year, a place is one where somebody lives
_MOST_CELLS = 2000

_Unit = tuple[int, int]
_Units = Mapping[Point, set[_Unit]]


@dataclass(frozen=True, slots=True)
class Home:
    """Where people live.

    Attributes:
        point: its middle, to a tenth of a degree.
        place: its name.
        year: in which it is home; None for all.
    """

    point: Point
    place: Place
    year: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The home as JSON-ready values."""
        return {"place": self.place.to_dict(), "year": self.year}


def homes(found: Sequence[Moment]) -> list[Home]:
    """Where people live: first where there are photos of most weeks, for all years; then, year by
    year, every other place with photos of many of its months.

    Weeks count and not photos, as one day of a trip may have more of these than a month at home.
    The second rule is for who moved, or lives in two places. Empty if no moment has a place.
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
    """The first of :func:`homes`, that of all years; None if no moment has a place."""
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
    """Where there are photos, to a tenth of a degree, and which of that are one area."""
    cells = sorted({_cell(moment) for moment in located})
    cells = cells[:: 1 + len(cells) // _MOST_CELLS]
    return cells, distance_km(np.array(cells)[:, None], np.array(cells)[None]) <= _AROUND_KM


def at_home(lived: Sequence[Home], year: int) -> list[Home]:
    """The homes of a year."""
    return [home for home in lived if home.year in (None, year)]


def from_home(moment: Moment, lived: Sequence[Home]) -> float | None:
    """How many km from the nearest home a moment was; None if that is not known."""
    if moment.point is None:
        return None
    there = moment.point
    return min((_km(there, h.point) for h in at_home(lived, moment.day.year)), default=None)


def _home(
    point: Point, located: Sequence[Moment], where: NDArray[np.float64], year: int | None = None
) -> Home:
    """Called after the town around where most moments were."""
    near = np.flatnonzero(distance_km(where, np.array([point])) <= _AROUND_KM).tolist()
    around = Counter(place for row in near if (place := located[row].place))
    place = max(around, key=lambda town: (around[town], town.people, town.names))
    return Home(point, place, year)


def _counts(near: NDArray[np.bool_], units: _Units) -> NDArray[np.intp]:
    """In how many different units of time there were photos around each cell."""
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
