"""Trips found again by the titles that ANSA gives them, such as "Lisbon, May 2024".

The place and the months alone would miss what was taken on the way, or says no place.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from ansa.library.calendar.dates import take_dates
from ansa.library.calendar.spans import after, clock, days_span, span_words
from ansa.library.events.moments import TimedPhoto, moments_of
from ansa.library.events.trips import trips_of
from ansa.library.search.filters import Filter
from ansa.library.search.photo_regions import regions_of
from ansa.names import name_key

if TYPE_CHECKING:
    from ansa.library.calendar.times import TimeContext
    from ansa.library.search.snapshot import Snapshot

_AROUND = timedelta(days=62)  # what is looked at on both sides, so that trips there are whole
_MOST = 100  # titles that are kept in memory
_EPOCH = datetime(1970, 1, 1)


_kept: WeakKeyDictionary[Snapshot, dict[str, Filter | None]] = WeakKeyDictionary()


def trip_with_title(text: str, snapshot: Snapshot, reader: TimeContext) -> Filter | None:
    """The photos of the trips of this title; None if it is none."""
    kept = _kept.setdefault(snapshot, {})
    if text not in kept:
        if len(kept) > _MOST:
            kept.clear()
        kept[text] = _titled(text, snapshot, reader)
    return kept[text]


def _titled(text: str, snapshot: Snapshot, reader: TimeContext) -> Filter | None:
    where, comma, _ = text.rpartition(", ")
    dates = take_dates(text, reader) if comma else None
    if dates is None or len(dates.times) != 1 or dates.rest != where.rstrip(" ,"):
        return None
    places = where.replace(" and ", ", ").split(", ")
    if not any(snapshot.places.named(place) for place in places):
        return None
    spans = dates.times[0].spans
    low, high = (clock(after(edge, step)) for edge, step in zip(
        (spans[0][0], spans[-1][1]), (-_AROUND, _AROUND), strict=True
    ))  # fmt: skip
    clocks, order = snapshot.times.clock, snapshot.times.order
    rows = np.flatnonzero((clocks >= low) & (clocks <= high))
    rows = rows[np.argsort(order[rows], kind="stable")]
    shots = []
    for row in rows.tolist():
        photo = snapshot.photos[row]
        taken = _EPOCH + timedelta(seconds=float(clocks[row]))
        shots.append(TimedPhoto(photo, taken, snapshot.point(photo), float(order[row])))
    found = [
        trip
        for trip in trips_of(moments_of(shots), regions_of(snapshot).lived)
        if name_key(trip.name) == name_key(text)
    ]
    if not found:
        return None
    photos = [photo for trip in found for photo in trip.photos]
    meaning = " and ".join(
        span_words((days_span(trip.start.date())[0], days_span(trip.end.date())[1]))
        for trip in found
    )
    return Filter("trip", text, meaning, snapshot.rows_of(photos))
