"""Trips found again by their titles: "Lisbon, May 2024", or "our trip to Thailand" of the photos in
a folder "Thai 2024", which do not say where they were taken.

The place and the months alone would miss what was taken on the way, or says no place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from ansa.library.calendar.dates import take_dates
from ansa.library.calendar.spans import after, clock, days_span, span_words
from ansa.library.events.moments import moments_of
from ansa.library.events.named_places import named_place
from ansa.library.events.timed_photos import TimedPhoto
from ansa.library.events.trips import Trip, trips_of
from ansa.library.search.event_filters import event_photos
from ansa.library.search.filters import Filter
from ansa.library.search.photo_regions import regions_of
from ansa.library.search.stop_words import STOP_WORDS
from ansa.names import WORD, name_key

if TYPE_CHECKING:
    from ansa.library.calendar.times import TimeContext
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.session import LibrarySession

_AROUND = timedelta(days=62)  # what is looked at on both sides, so that trips there are whole
_MOST = 100  # titles that are kept in memory
_EPOCH = datetime(1970, 1, 1)
_MOST_WORDS = 3  # of a text that is nothing but a title
_LEAST = 3  # letters
_TRAVEL = re.compile(r"\b(?:holidays?|vacations?|journeys?|travels?|trips?)\b", re.IGNORECASE)


_kept: WeakKeyDictionary[Snapshot, dict[str, Filter | None]] = WeakKeyDictionary()


def trip_with_title(
    text: str, session: LibrarySession, snapshot: Snapshot, reader: TimeContext
) -> Filter | None:
    """The photos of the trips of this title; None if it is none."""
    kept = _kept.setdefault(snapshot, {})
    if text not in kept:
        if len(kept) > _MOST:
            kept.clear()
        kept[text] = _titled(text, session, snapshot, reader)
    return kept[text]


def take_trip_title(
    text: str, session: LibrarySession, snapshot: Snapshot, *, asked: bool
) -> tuple[str, Filter] | None:
    """Splits a text into the rest and the trips whose titles, folders or places have its words.

    Words that name tags are no titles. Without a word for travelling, a text counts only if it is
    nothing but a place, and some photos do not say where they were taken.

    Args:
        text: what is left of a part of a query without its facts: "thailand", "beach thailand".
        session: the library.
        snapshot: its photos.
        asked: whether the query speaks of a trip.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    words = {match[0]: name_key(match[0]) for match in WORD.finditer(text)}
    words = {word: key for word, key in words.items() if key not in STOP_WORDS}
    travel = [word for word in words if _TRAVEL.fullmatch(word)]
    titles = {
        word: key
        for word, key in words.items()
        if len(key) >= _LEAST
        and word not in travel
        and not (snapshot.tree and snapshot.tree.find(key))
    }
    if not titles or snapshot.located.all():
        return None
    if not (asked or travel) and not (
        len(words) == len(titles) <= _MOST_WORDS and named_place(text)
    ):
        return None
    trips = event_photos(session, snapshot).titled
    found = {trip: titles.keys() & _said_of(trip, titles) for trip in trips}
    most = max(map(len, found.values()), default=0)
    if not most or (most < len(titles) and not (asked or travel)):
        return None
    meant = [trip for trip, said in found.items() if len(said) == most]
    trip = _filter(" ".join(word for word in titles if word in found[meant[0]]), meant, snapshot)
    if not trip.rows.any():
        return None
    return _without(text, {*found[meant[0]], *travel}), trip


def _without(text: str, taken: set[str]) -> str:
    """Returns a text without some words, and without the stop words that led to them."""
    kept: list[str] = []
    for word in text.split():
        if word.strip(",;.") not in taken:
            kept.append(word)
            continue
        while kept and kept[-1].casefold() in STOP_WORDS:
            kept.pop()
    return " ".join(kept)


def _said_of(trip: Trip, words: dict[str, str]) -> set[str]:
    """Returns which words, given with their keys, are in a trip's title, folders or places."""
    where, _, _ = trip.name.rpartition(", ")
    names = [where, *(moment.album for moment in trip.moments)]
    names += [name for place in trip.places for name in place.names]
    known = {word for name in names for word in name_key(name).split()}
    return {word for word, key in words.items() if key in known}


def _filter(said: str, trips: Iterable[Trip], snapshot: Snapshot) -> Filter:
    photos = [photo for trip in trips for photo in trip.photos]
    return Filter("trip", said, ", ".join(trip.name for trip in trips), snapshot.rows_of(photos))


def _titled(
    text: str, session: LibrarySession, snapshot: Snapshot, reader: TimeContext
) -> Filter | None:
    where, comma, _ = text.rpartition(", ")
    dates = take_dates(text, reader) if comma else None
    if dates is None or len(dates.times) != 1 or dates.rest != where.rstrip(" ,"):
        return None
    places = where.replace(" and ", ", ").split(", ")
    if not any(snapshot.places.named(place) for place in places):
        trips = event_photos(session, snapshot).titled
        called = [trip for trip in trips if name_key(trip.name) == name_key(text)]
        return _filter(text, called, snapshot) if called else None
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
