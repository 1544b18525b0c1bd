"""Photos with a credible time, as they are grouped into moments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from ansa.library.calendar.spans import clock
from ansa.library.events.places import Point

PAUSE = timedelta(minutes=60)
"""A longer pause ends a moment."""


class TimedPhoto(NamedTuple):
    """A photo with a credible time.

    Attributes:
        photo: its id.
        taken: the local time by the camera's clock; naive.
        point: where it was taken; None if that is unknown.
        order: seconds since 1970 UTC, as in :class:`~ansa.library.search.times.Times`; if left
            out, the clock's time is used.
        timed: False if only the day is known. Such photos form a moment of their own, which comes
            before the other photos of the day.
        album: the name that its owner gave to its folder; see :mod:`ansa.library.events.albums`.
        camera: what it was taken with; empty if unknown.
    """

    photo: int
    taken: datetime
    point: Point | None = None
    order: float | None = None
    timed: bool = True
    album: str = ""
    camera: str = ""

    @property
    def seconds(self) -> float:
        """The time in seconds by which photos are sorted."""
        return clock(self.taken) if self.order is None else self.order
