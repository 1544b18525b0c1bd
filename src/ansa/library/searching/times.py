"""When photos were taken, and whether that lies between two dates.

A camera's clock shows local time, and so do people's memories: clock faces are compared, whatever
the offset or daylight saving. Only where both sides state an offset from UTC are they compared as
instants.

The order of photos is that of instants. A clock whose offset is not known is taken to be set like
that of the nearest photo, by the clock, which states one (of two as near, the earlier), and to UTC
where none does: so there is one order of all, and cameras without offsets come where they belong on
a journey with a phone that has them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
from numpy.typing import NDArray

Moment = str | date | datetime
"""A year, month, day or moment: ``"2023"``, ``"2023-07"``, ``"2023-07-14"`` or
``"2023-07-14T18:00"``, a ``date`` or a ``datetime``; its first instant is meant."""

_EPOCH = datetime(1970, 1, 1)
_UNKNOWN = np.nan


def parse_moment(moment: Moment) -> datetime:
    """The first instant of a moment; naive unless it states an offset.

    Raises:
        ValueError: it is not a date.
    """
    if isinstance(moment, datetime):
        return moment
    if isinstance(moment, date):
        return datetime.combine(moment, time())
    for form in ("%Y", "%Y-%m"):
        try:
            return datetime.strptime(moment, form)
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(moment)
    except ValueError:
        raise ValueError(f"{moment!a} is not a date like 2023, 2023-07 or 2023-07-14") from None


@dataclass(frozen=True, slots=True)
class Times:
    """When photos were taken.

    Attributes:
        clock: float64 (n,), what the camera's clock showed: seconds since 1970 there; NaN if
            unknown.
        instant: float64 (n,), seconds since 1970 UTC; NaN if the offset is unknown.
        order: float64 (n,), what photos are ordered by: their instants, stated or assumed, in
            seconds since 1970 UTC; NaN if the time is unknown.
    """

    clock: NDArray[np.float64]
    instant: NDArray[np.float64]
    order: NDArray[np.float64]

    @classmethod
    def of(cls, taken: Iterable[datetime | None]) -> Times:
        """The times of photos, in their order."""
        moments = list(taken)
        clocks = np.array([_UNKNOWN if t is None else clock(t) for t in moments], np.float64)
        stated = np.array([_UNKNOWN if t is None else _instant(t) for t in moments], np.float64)
        return cls(clocks, stated, _order(clocks, stated))

    def part(self, rows: NDArray[np.intp]) -> Times:
        """The times of some photos, (m,)."""
        return Times(self.clock[rows], self.instant[rows], self.order[rows])

    def since(self, moment: datetime) -> NDArray[np.bool_]:
        """Which photos were taken at the moment or after it; False where the time is unknown."""
        since: NDArray[np.bool_] = self.clock >= clock(moment)
        if moment.tzinfo:
            stated = ~np.isnan(self.instant)
            since[stated] = self.instant[stated] >= _instant(moment)
        return since

    def between(self, after: datetime | None, before: datetime | None) -> NDArray[np.bool_]:
        """Which photos were taken at ``after`` or later, and earlier than ``before``."""
        inside = ~np.isnan(self.clock)
        if after:
            inside &= self.since(after)
        if before:
            inside &= ~self.since(before)
        return inside


def clock(moment: datetime) -> float:
    """What the camera's clock showed: seconds since 1970 there."""
    return (moment.replace(tzinfo=None) - _EPOCH).total_seconds()


def _order(clocks: NDArray[np.float64], stated: NDArray[np.float64]) -> NDArray[np.float64]:
    """The stated instants, and the assumed ones of the other clocks."""
    known = ~np.isnan(stated)
    if not known.any():
        return clocks
    pairs = np.unique(np.stack([clocks[known], clocks[known] - stated[known]], 1), axis=0)
    faces, offsets = pairs.T
    after = np.searchsorted(faces, clocks).clip(1, len(faces)) - 1
    later = (after + 1).clip(max=len(faces) - 1)
    nearest = np.where(clocks - faces[after] <= faces[later] - clocks, after, later)
    return np.where(known, stated, clocks - offsets[nearest])


def _instant(moment: datetime) -> float:
    return moment.timestamp() if moment.tzinfo else _UNKNOWN
