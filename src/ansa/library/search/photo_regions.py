"""The region in which each photo was taken, which determines its seasons and holidays.

A photo without a place has the region of its moment, or else that of home, as for events.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ansa.library.calendar.holidays import NOWHERE, Region, names_in
from ansa.library.calendar.times import TimeContext
from ansa.library.events.homes import Home, homes, main_home
from ansa.library.events.moments import FAR_KM, Moment
from ansa.library.events.places import Place, Point, distance_km
from ansa.library.events.timed_photos import PAUSE

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.search.times import Times

_UNKNOWN = "ZZ"  # ISO 3166's code for an unknown country: a place without a name
_EPOCH = datetime(1970, 1, 1)


class Regions:
    """The regions of n photos.

    Args:
        times: when they were taken.
        points: (n,), their coordinates; None if unknown.
        places: (n,), their places; None if unknown.

    Attributes:
        home: where people live.
        moments: one photo of each moment, with its first place.
        rows: the photos of each region, bool (n,); photos of unknown region are in none.
    """

    def __init__(
        self,
        times: Times,
        points: Sequence[Point | None],
        places: Sequence[Place | None],
    ) -> None:
        known = [
            Region(place.code or _UNKNOWN if place else _UNKNOWN, point[0] < 0) if point else None
            for point, place in zip(points, places, strict=True)
        ]
        names = sorted(
            {each for each in known if each}, key=lambda each: (each.country, each.south)
        )
        number = {region: n for n, region in enumerate(names)}
        own = np.array([-1 if each is None else number[each] for each in known], np.intp)
        self.home, self.moments = NOWHERE, list[Moment]()
        if names:
            self.home, self.moments, own = _filled(times, points, places, names, own)
        self.rows = [(region, own == n) for n, region in enumerate(names)]

    @cached_property
    def lived(self) -> list[Home]:
        """All homes, as trips use them."""
        return homes(self.moments)


_named: WeakKeyDictionary[Snapshot, frozenset[str]] = WeakKeyDictionary()
_kept: WeakKeyDictionary[Snapshot, dict[bool, Regions]] = WeakKeyDictionary()


def regions_of(snapshot: Snapshot, *, countries: bool = True) -> Regions:
    """Returns the regions of a library's photos, computed once.

    Args:
        snapshot: the photos.
        countries: whether countries matter; looking them up takes a second for each thousand new
            points.
    """
    kept = _kept.setdefault(snapshot, {})
    if countries not in kept:
        points = snapshot.points()
        places: list[Place | None]
        if countries:
            places = [snapshot.places.of.get(photo) for photo in snapshot.photos]
        else:
            places = [point and Place("", "", "", "", *point) for point in points]
        kept[countries] = Regions(snapshot.times, points, places)
    return kept[countries]


def reader_of(snapshot: Snapshot, today: date) -> TimeContext:
    """Returns the context in which words for times are read in a library."""
    return TimeContext(today, lambda: regions_of(snapshot).home, lambda: _holidays(snapshot))


def _holidays(snapshot: Snapshot) -> frozenset[str]:
    """Returns the keys of the public holidays of the photos' countries, in their years."""
    if snapshot not in _named:
        _named[snapshot] = _names(snapshot)
    return _named[snapshot]


def _names(snapshot: Snapshot) -> frozenset[str]:
    countries = sorted({place.code for place in snapshot.places.of.values() if place.code})
    clocks = snapshot.times.clock[~np.isnan(snapshot.times.clock)]
    if not len(clocks) or not countries:
        return frozenset()
    first, last = (
        (_EPOCH + timedelta(seconds=float(edge))).year for edge in (clocks.min(), clocks.max())
    )
    return frozenset().union(*(names_in(code, first, last) for code in countries))


def _filled(
    times: Times,
    points: Sequence[Point | None],
    places: Sequence[Place | None],
    names: Sequence[Region],
    own: NDArray[np.intp],
) -> tuple[Region, list[Moment], NDArray[np.intp]]:
    """Returns home, moments, and the index of each photo's region, even without a place."""
    clocks, instants = times.clock, times.order
    order = np.argsort(instants, kind="stable")
    order = order[~np.isnan(clocks[order])]
    located = order[own[order] >= 0]
    group = np.zeros(len(clocks), np.intp)
    group[order] = np.cumsum(_breaks(instants[order], points, order, own))
    moments = []
    seen: set[int] = set()
    for row in located.tolist():
        if group[row] not in seen:
            seen.add(int(group[row]))
            start = _EPOCH + timedelta(seconds=float(clocks[row]))
            moments.append(Moment((row,), start, start, points[row], places[row]))
    here = main_home(moments)
    home = names[int(np.bincount(own[own >= 0]).argmax())]
    if here:
        home = Region(here.place.code or _UNKNOWN, here.point[0] < 0)
    of_group = {int(group[row]): int(own[row]) for row in located[::-1].tolist()}
    at_home = names.index(home) if home in names else -1
    missing = np.flatnonzero(own < 0)
    full = own.copy()
    for row in missing.tolist():
        timed = not np.isnan(clocks[row])
        full[row] = of_group.get(int(group[row]), at_home) if timed else at_home
    return home, moments, full


def _breaks(
    instants: NDArray[np.float64],
    points: Sequence[Point | None],
    order: NDArray[np.intp],
    own: NDArray[np.intp],
) -> NDArray[np.bool_]:
    """Whether a moment begins here, for photos in the order of time; see moments."""
    begins = np.ones(len(order), np.bool_)
    begins[1:] = np.diff(instants) > PAUSE.total_seconds()
    run = np.cumsum(begins)
    at = np.flatnonzero(own[order] >= 0)
    if len(at) > 1:
        there = np.array([points[row] for row in order[at].tolist()], np.float64)
        far = distance_km(there[1:], there[:-1]) > FAR_KM
        begins[at[1:]] |= far & (run[at[1:]] == run[at[:-1]])
    return begins
