"""When photos were taken, and whether that lies between two dates.

A camera's clock shows local time, and so do people's memories: clock faces are compared, whatever
the offset or daylight saving. Only where both sides state an offset from UTC are they compared as
instants.
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
    """

    clock: NDArray[np.float64]
    instant: NDArray[np.float64]

    @classmethod
    def of(cls, taken: Iterable[datetime | None]) -> Times:
        """The times of photos, in their order."""
        moments = list(taken)
        return cls(
            np.array([_UNKNOWN if t is None else clock(t) for t in moments], np.float64),
            np.array([_UNKNOWN if t is None else _instant(t) for t in moments], np.float64),
        )

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


def _instant(moment: datetime) -> float:
    return moment.timestamp() if moment.tzinfo else _UNKNOWN
