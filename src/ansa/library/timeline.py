"""All photos of a library in the order in which people look at them: the newest first, by days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ansa.library.personal.marks import marked

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

_NARROWEST, _WIDEST = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class Day:
    """The photos of one day.

    Attributes:
        day: by the clock of the camera; None for photos of unknown time, which come last.
        count: how many photos there are.
    """

    day: date | None
    count: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The existing photos of a library, the newest first.

    Attributes:
        photos: the ids of the photos, (n,).
        ratios: width divided by height of each, (n,), 0.2 to 5.
        days: the days in the same order, whose counts sum to n.
        favourites: the ids of favourites among the photos.
        hidden: the ids of hidden ones.
        films: the ids of those that are films, and their lengths in seconds.
    """

    photos: Sequence[int]
    ratios: Sequence[float]
    days: Sequence[Day]
    favourites: Sequence[int]
    hidden: Sequence[int]
    films: Mapping[int, float]

    def to_dict(self) -> dict[str, Any]:
        """Returns everything as JSON-ready values."""
        return {
            "photos": list(self.photos),
            "ratios": list(self.ratios),
            "days": [
                {"day": each.day.isoformat() if each.day else None, "count": each.count}
                for each in self.days
            ],
            "favourites": list(self.favourites),
            "hidden": list(self.hidden),
            "films": [[photo, round(seconds, 1)] for photo, seconds in self.films.items()],
        }


def timeline(session: LibrarySession) -> Timeline:
    """Returns the timeline of a library; 100,000 photos take less than a second.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    store = session.store
    sides, times = store.sides(session.scope()), store.times()
    clocks: dict[int, datetime] = {}
    unknown: list[int] = []
    for photo in sides:
        taken = times.get(photo)
        if taken is None:
            unknown.append(photo)
        else:
            clocks[photo] = taken.replace(tzinfo=None)
    # Photos of the same second are in the order in which they were indexed.
    order = sorted(clocks, key=lambda photo: (clocks[photo], -photo), reverse=True) + unknown
    days: list[Day] = []
    current: date | None = None
    count = 0
    for photo in order:
        day = clocks[photo].date() if photo in clocks else None
        if count and day != current:
            days.append(Day(current, count))
            count = 0
        current, count = day, count + 1
    if count:
        days.append(Day(current, count))
    return Timeline(
        order,
        [_ratio(*sides[photo]) for photo in order],
        days,
        [photo for photo in marked(session, "favourite") if photo in sides],
        [photo for photo in marked(session, "hidden") if photo in sides],
        {photo: length for photo, length in store.film_lengths().items() if photo in sides},
    )


def _ratio(width: int, height: int) -> float:
    return round(min(_WIDEST, max(_NARROWEST, width / height)), 3)
