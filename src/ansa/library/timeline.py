"""All photos of a library in the order in which people look at them: the newest first, by days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from ansa.library.personal.marks import marked
from ansa.library.storage.facts import time_in

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

_Row = tuple[int, int, int, str | None]

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


def timeline(session: LibrarySession, newest: int | None = None) -> Timeline:
    """Returns the timeline of a library; 100,000 photos take a third of a second.

    Args:
        session: the library.
        newest: limits it to so many of its first photos, which takes much less time.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    store = session.store
    if newest is None:
        rows = store.by_time(session.scope())
    else:
        rows = store.newest(session.scope(), newest)
    cut = newest is not None and len(rows) == newest
    days: list[tuple[date, list[_Row]]] = []
    unknown: list[_Row] = []
    for text, some in groupby(rows, key=lambda row: row[3] and row[3][:10]):
        if day := time_in(text):
            days.append((day.date(), list(some)))
        elif not cut:  # of those that are cut off, some may come before these
            unknown += some
    rows = [row for _, some in days for row in some] + sorted(unknown)
    counts = [Day(day, len(some)) for day, some in days]
    if unknown:
        counts.append(Day(None, len(unknown)))
    photos = [row[0] for row in rows]
    here = set(photos)
    return Timeline(
        photos,
        _ratios(rows),
        counts,
        [photo for photo in marked(session, "favourite") if photo in here],
        [photo for photo in marked(session, "hidden") if photo in here],
        {photo: length for photo, length in store.film_lengths().items() if photo in here},
    )


def _ratios(rows: Sequence[_Row]) -> list[float]:
    sides = np.array([row[1:3] for row in rows], np.float64).reshape(-1, 2)
    ratios: list[float] = np.clip(sides[:, 0] / sides[:, 1], _NARROWEST, _WIDEST).round(3).tolist()
    return ratios
