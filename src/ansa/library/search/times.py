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
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansa.library.calendar.spans import BEGIN, END, clock

if TYPE_CHECKING:
    from ansa.library.calendar.times import TimeContext

Moment = str | date | datetime
"""A year, month, day or moment: ``"2023"``, ``"2023-07"``, ``"2023-07-14"``, ``"2023-07-14T18:00"``
or other words that a query takes for a time, a ``date`` or a ``datetime``; its first instant is
meant."""

_UNKNOWN = np.nan
_WHICH = 2  # spans; of more, it is not clear which is meant


def parse_moment(moment: Moment, reader: TimeContext | None = None) -> datetime:
    """The first instant of a moment; naive unless it states an offset.

    Args:
        moment: see :data:`Moment`.
        reader: what words are reckoned from; by default the day it is.

    Raises:
        ValueError: it is not a date.
    """
    return read_moment(moment, reader)[0]


def read_moment(moment: Moment, reader: TimeContext | None = None) -> tuple[datetime, str]:
    """The first instant of a moment, and what is to be said of how it was read.

    Raises:
        ValueError: it is not a date.
    """
    if isinstance(moment, datetime):
        return moment, ""
    if isinstance(moment, date):
        return datetime.combine(moment, time()), ""
    for form in ("%Y", "%Y-%m"):
        try:
            return datetime.strptime(moment, form), ""
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(moment), ""
    except ValueError:
        pass
    # The grammar of dates is only loaded where a date was typed.
    from ansa.library.calendar.dates import both, take_dates
    from ansa.library.calendar.times import TimeContext

    dates = take_dates(moment, reader or TimeContext(date.today()))
    when = both(dates.times)
    spans = when.spans if when and not (dates.rest or dates.unread) else ()
    if when is None or not 0 < len(spans) <= _WHICH or spans[0][0] == BEGIN or spans[-1][1] == END:
        why = "; ".join(f" ({why})" for _, why in dates.unread[:1])
        raise ValueError(
            f"{moment!a} is not a date like 2023, 2023-07, 2023-07-14 or last summer{why}"
        )
    return spans[0][0], when.note


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
