"""Facts in a query that follow from many photos together, that the user stated, or that the files
are: trips, celebrations, home, favourites and films.

Words count as such a fact only if they hardly have another meaning ("on a trip", "at home") and the
library has such a photo. Otherwise, they remain plain text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ansa.library.events.events import library_events
from ansa.library.events.homes import from_home, homes
from ansa.library.events.moments import Moment, moments
from ansa.library.events.trips import NEAR_HOME_KM, Trip, trips_of
from ansa.library.personal.marks import marked
from ansa.library.search.filters import Filter
from ansa.library.search.stop_words import STOP_WORDS

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.session import LibrarySession

_DAY = 24 * 60 * 60.0  # seconds
_ARTICLE = r"(?:(?:an?|the|any|my|our) )?"
_TRIP = re.compile(
    rf"(?:(?:on|from|of|during) )?{_ARTICLE}(?:trips?|journeys?|travels?)", re.IGNORECASE
)
_CELEBRATION = re.compile(
    rf"(?:on|at|from|of|during) {_ARTICLE}(?P<kind>birthday|anniversar(?=y|ies))(?:s|y|ies)?",
    re.IGNORECASE,
)
_HOME = re.compile(r"at home", re.IGNORECASE)
_FAVOURITE = re.compile(
    rf"(?:(?:of|from|among) )?{_ARTICLE}favou?rites?(?: (?:photos?|pictures?))?", re.IGNORECASE
)
_FILM = re.compile(
    rf"(?:(?:of|from|among) )?{_ARTICLE}(?:(?:video|film|movie) clips?|videos?|films|movies|clips)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PlaceCompanions:
    """Groups of photos that were taken in one place: those of a moment, or of a day on a trip.

    Attributes:
        silent: (m,), the rows of photos without a place that are in a group.
        theirs: (m,), the numbers of their groups.
        telling: (k,), the rows of photos with a place that are in a group.
        groups: (k,), the numbers of their groups.
        count: how many groups there are.
    """

    silent: NDArray[np.intp]
    theirs: NDArray[np.intp]
    telling: NDArray[np.intp]
    groups: NDArray[np.intp]
    count: int

    def of(self, rows: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Returns the rows of the photos without a place whose group has one of some rows.

        Args:
            rows: bool (n,).
        """
        has = np.zeros(self.count, np.bool_)
        has[self.groups[rows[self.telling]]] = True
        return self.silent[has[self.theirs]]


@dataclass(frozen=True, slots=True)
class EventPhotos:
    """Photos with facts that follow from many photos, by their ids in the store.

    Attributes:
        trips: the photos of all trips.
        titled: the trips themselves.
        home: the photos of moments at home.
        celebrations: the photos of birthdays and of anniversaries, by these names.
        companions: for photos without a place, those that determine it: those of its moment, or
            else of its day on a trip, if that day was spent in one place.
    """

    trips: frozenset[int]
    titled: tuple[Trip, ...]
    home: frozenset[int]
    celebrations: dict[str, frozenset[int]]
    companions: PlaceCompanions


_kept: WeakKeyDictionary[Snapshot, EventPhotos] = WeakKeyDictionary()


def take_event_filters(
    text: str, session: LibrarySession, snapshot: Snapshot
) -> tuple[str, list[Filter]]:
    """Splits a text into the filters of such facts and the remaining text.

    Args:
        text: a part of a query, without its words for times, places and cameras.
        session: the library.
        snapshot: its photos.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    found: list[Filter] = []
    for pattern, alone, find in _FACTS:
        match = next((m for m in pattern.finditer(text) if _is_meant(text, m, alone=alone)), None)
        fact = find(match, session, snapshot) if match else None
        if match and fact:
            found.append(fact)
            text = " ".join(f"{text[: match.start()]} {text[match.end() :]}".split()).strip(",; ")
    return text, found


def event_photos(session: LibrarySession, snapshot: Snapshot) -> EventPhotos:
    """Returns the photos of trips, of celebrations and at home, once for each snapshot."""
    if snapshot not in _kept:
        found = moments(session)
        lived = homes(found)
        far = from_home(found, lived)
        near = (moment for moment in found if _is_near(far.get(moment.point)))
        celebrated: dict[str, frozenset[int]] = {}
        for event in library_events(session, found, lived):
            if event.kind in ("birthday", "anniversary"):
                photos = celebrated.get(event.kind, frozenset())
                celebrated[event.kind] = photos.union(event.photos)
        trips = trips_of(found, lived)
        _kept[snapshot] = EventPhotos(
            frozenset(photo for trip in trips for photo in trip.photos),
            tuple(trips),
            frozenset(photo for moment in near for photo in moment.photos),
            celebrated,
            _companions(found, trips, snapshot),
        )
    return _kept[snapshot]


def with_companions(fact: Filter, session: LibrarySession, snapshot: Snapshot) -> Filter:
    """Adds photos without a place to a place filter, if their moment or their day of a trip was
    there; returns any other fact as it is."""
    if fact.kind != "place" or not fact.rows.any():
        return fact
    clocks = snapshot.times.clock
    silent = ~snapshot.located
    there = np.sort(clocks[fact.rows & ~np.isnan(clocks)])
    silent &= np.searchsorted(there, clocks - _DAY) < np.searchsorted(there, clocks + _DAY)
    if not silent.any():  # otherwise, moments are not needed
        return fact
    companions = event_photos(session, snapshot).companions
    rows = fact.rows.copy()
    others = companions.of(fact.rows)
    rows[others[silent[others]]] = True
    return replace(fact, rows=rows)


def _companions(
    found: Iterable[Moment], trips: Iterable[Trip], snapshot: Snapshot
) -> PlaceCompanions:
    located = snapshot.located
    theirs: dict[int, int] = {}
    telling: list[int] = []
    groups: list[int] = []
    count = 0

    def add(photos: Sequence[int], others: Sequence[int]) -> None:
        nonlocal count
        told = [row for row in snapshot.rows(others) if located[row]]
        telling.extend(told)
        groups.extend([count] * len(told))
        theirs.update((row, count) for row in snapshot.rows(photos) if not located[row])
        count += 1

    for moment in found:
        add(moment.photos, moment.photos)
    for trip in trips:
        days: defaultdict[date, list[int]] = defaultdict(list)
        for moment in trip.moments:
            days[moment.day] += moment.photos
        for moment, town in zip(trip.moments, trip.towns, strict=True):
            if town and not moment.place:
                add(moment.photos, days[moment.day])
    return PlaceCompanions(
        np.array(list(theirs), np.intp),
        np.array(list(theirs.values()), np.intp),
        np.array(telling, np.intp),
        np.array(groups, np.intp),
        count,
    )


def _is_near(distance: float | None) -> bool:
    return distance is not None and distance <= NEAR_HOME_KM


def _is_meant(text: str, match: re.Match[str], *, alone: bool) -> bool:
    """Whether words stand by themselves: "a trip to Rome", but not "road trip"."""
    before, after = text[: match.start()], text[match.end() :]
    if (before and not before[-1].isspace()) or re.match(r"[\w'’-]", after):
        return False
    last, following = (before.split() or [","])[-1], (after.split() or [","])[0]
    joined = not match[0].casefold().startswith(("trip", "journey", "travel", "favo"))
    begins = joined or last[-1] in ",;" or last.casefold() in STOP_WORDS
    ends = not following[0].isalnum() or following.casefold() in STOP_WORDS
    return not alone or (begins and ends)


def _trip(_: re.Match[str], session: LibrarySession, snapshot: Snapshot) -> Filter | None:
    return _filter("trip", "trip", "any trip", event_photos(session, snapshot).trips, snapshot)


def _celebration(
    match: re.Match[str], session: LibrarySession, snapshot: Snapshot
) -> Filter | None:
    kind = "birthday" if match["kind"].lower() == "birthday" else "anniversary"
    photos = event_photos(session, snapshot).celebrations.get(kind, frozenset())
    return _filter("event", kind, f"any {kind}", photos, snapshot)


def _home(_: re.Match[str], session: LibrarySession, snapshot: Snapshot) -> Filter | None:
    photos = event_photos(session, snapshot).home
    return _filter("home", "at home", f"within {NEAR_HOME_KM:g} km of home", photos, snapshot)


def _favourite(_: re.Match[str], session: LibrarySession, snapshot: Snapshot) -> Filter | None:
    photos = marked(session, "favourite")
    return _filter("favourite", "favourite", "marked as favourites", photos, snapshot)


def _film(_: re.Match[str], session: LibrarySession, snapshot: Snapshot) -> Filter | None:
    rows = np.zeros(len(snapshot.photos), np.bool_)
    rows[snapshot.films.rows] = True
    return Filter("film", "films", "films, and not photos", rows) if rows.any() else None


def _filter(
    kind: str, said: str, meaning: str, photos: Iterable[int], snapshot: Snapshot
) -> Filter | None:
    rows = snapshot.rows_of(photos)
    return Filter(kind, said, meaning, rows) if rows.any() else None


_Find = Callable[["re.Match[str]", "LibrarySession", "Snapshot"], Filter | None]
_FACTS: tuple[tuple[re.Pattern[str], bool, _Find], ...] = (
    (_TRIP, True, _trip),
    (_CELEBRATION, True, _celebration),
    (_HOME, False, _home),
    (_FAVOURITE, True, _favourite),
    (_FILM, True, _film),
)
"""The words of each fact, whether other words may not be beside them, and its photos."""
