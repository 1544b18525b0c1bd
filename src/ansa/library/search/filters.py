"""Facts in a query as filters: when, where and with which camera photos were taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansa.library.calendar.dates import QueryTime, both, take_dates
from ansa.library.calendar.times import COUNTRY
from ansa.library.search.photo_regions import reader_of, regions_of
from ansa.library.search.stop_words import STOP_WORDS
from ansa.names import name_key, spelt_alike

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot

_LONGEST = 4  # the most words in a name
_PLACE_NAME = 5  # the fewest letters of a misspelt place; shorter names resemble too many words
_MOST_WORDS = 200  # the most words of a query that are read
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_FIELD = re.compile(r"(?<!\S)(camera|place|date):(\S+)", re.IGNORECASE)
_LEAD = re.compile(
    r"(?<!\S)(?:(?P<camera>(?:shot|taken|made|took) (?:on|with|by|using))"
    r"|(?P<place>in|at|near|from|around|to|through|across|inside|within|outside|visiting"
    r"|exploring|close to|next to)|with|on|using|by)"
    r" (?:(?:an?|the|my|our|the city of|downtown|central) )?$",
    re.IGNORECASE,
)
_ORDINARY = frozenset(
    "bar bath best cork hot male mobile nice orange reading split troy wells".split()  # noqa: SIM905
)
"""Towns with the names of everyday words, which count only after "in" and the like."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A fact that photos must have.

    Attributes:
        kind: "date", "place", "camera", "trip", "event", "home", "people", "count", "favourite"
            or "film".
        said: its words in the query.
        meaning: how they were understood; empty if nothing here matches them.
        rows: bool (n,), the photos that have it.
        note: an explanation of how it was read; empty if none is needed.
        chances: float32 (n,), 0..1, for a fact that is only probable: how probably each photo has
            it. Such a fact leaves out no photo, but ranks them all. None for one that is known.
    """

    kind: str
    said: str
    meaning: str
    rows: NDArray[np.bool_]
    note: str = ""
    chances: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class QueryFilters:
    """The facts in a text.

    Attributes:
        rest: the text without their words.
        filters: the facts.
        unread: words that look like a time but are none, each with the reason; they stay in the
            text.
    """

    rest: str
    filters: tuple[Filter, ...]
    unread: tuple[tuple[str, str], ...] = ()


def take_filters(
    text: str, snapshot: Snapshot, today: date, known: Callable[[str], bool]
) -> QueryFilters:
    """Splits a text into the filters of its facts and the remaining text.

    ``camera:``, ``place:`` and ``date:`` are explicit ("_" stands for a space). Otherwise, the name
    of a camera or a place counts if photos have it and if it hardly has another meaning: ``known``
    does not know it, or it follows "shot on", or it has a capital letter and follows "in".

    Args:
        text: a part of a query.
        snapshot: the photos.
        today: the day on which "yesterday" depends.
        known: whether words name something that photos show.
    """
    filters = [
        _field(match[1].lower(), match[2].replace("_", " "), snapshot, today)
        for match in _FIELD.finditer(text)
    ]
    dates = take_dates(" ".join(_FIELD.sub(" ", text).split()), reader_of(snapshot, today))
    text = dates.rest
    if when := both(dates.times):
        filters.append(_dated(when.said, when, snapshot))

    def camera(said: str, lead: re.Match[str] | None) -> Filter | None:
        told = bool(lead and lead["camera"])
        if not snapshot.cameras or not (
            told or (_only_a_camera(said, snapshot) and not known(said))
        ):
            return None
        found = _camera(said, snapshot)
        return found if found.meaning else None

    def place(said: str, lead: re.Match[str] | None) -> Filter | None:
        new, there = not known(said), bool(lead and lead["place"])
        ordinary = said.casefold() in _ORDINARY or said.casefold() in STOP_WORDS
        if not ((there and (new or said[0].isupper())) or (new and not ordinary)):
            return None
        found = _place(said, snapshot)
        if not found.meaning and there and new:
            found = _misspelt_place(said, snapshot)
        return found if found.meaning else None

    text, cameras = _take(text, camera)  # first, because looking up places takes longer
    text, places = _take(text, place)
    return QueryFilters(text, (*filters, *cameras, *_together(places)), dates.unread)


def _dated(said: str, when: QueryTime, snapshot: Snapshot) -> Filter:
    """Returns the photos of a time; if it depends on the region, each by its own."""
    clocks, meaning = snapshot.times.clock, str(when)
    if not (when.local == COUNTRY or (when.local and snapshot.both_sides)):
        return Filter("date", said, meaning, when.holds(clocks), when.note)
    regions = regions_of(snapshot, countries=when.local == COUNTRY).rows
    meaning = when.told([region for region, _ in regions])
    return Filter("date", said, meaning, when.holds(clocks, regions), when.note)


def _together(places: list[Filter]) -> list[Filter]:
    """Returns places as they are, or as alternatives if no photo is in two of them."""
    apart = any(not (a.rows & b.rows).any() for a, b in combinations(places, 2))
    if not apart:
        return places
    said, meaning = (" and ".join(names) for names in zip(*_names(places), strict=True))
    return [Filter("place", said, meaning, np.logical_or.reduce([each.rows for each in places]))]


def _names(places: list[Filter]) -> list[tuple[str, str]]:
    return [(each.said, each.meaning) for each in places]


def _field(kind: str, said: str, snapshot: Snapshot, today: date) -> Filter:
    if kind == "camera":
        return _camera(said, snapshot)
    if kind == "place":
        return _place(said, snapshot)
    dates = take_dates(said, reader_of(snapshot, today))
    when = both(dates.times)
    if when and not dates.rest:
        return _dated(said, when, snapshot)
    why = "; ".join(why for _, why in dates.unread)
    return Filter(kind, said, "", np.zeros(len(snapshot.photos), np.bool_), why)


_Look = Callable[[str, re.Match[str] | None], Filter | None]


def _take(text: str, look: _Look) -> tuple[str, list[Filter]]:
    """Removes the names that are found by a lookup from a text, the longest first."""
    words = [match.span() for match in _WORD.finditer(text)][:_MOST_WORDS]
    rest, done, found = "", 0, []
    at = 0
    while at < len(words):
        start = words[at][0]
        lead = _LEAD.search(text, done, start)
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            end = words[at + length - 1][1]
            if each := look(text[start:end], lead):
                rest, done = f"{rest} {text[done : lead.start() if lead else start]}", end
                found.append(each)
                at += length - 1
                break
        at += 1
    return " ".join(f"{rest} {text[done:]}".split()).strip(",; ") if found else text, found


def _camera(said: str, snapshot: Snapshot) -> Filter:
    """Returns the cameras whose names contain these words in a row."""
    words = f" {said.casefold()} "
    names = [name for name in snapshot.cameras if words in f" {name.casefold()} "]
    rows = np.zeros(len(snapshot.photos), np.bool_)
    for name in names:
        rows[snapshot.cameras[name]] = True
    return Filter("camera", said, " or ".join(sorted(names)), rows)


def _only_a_camera(said: str, snapshot: Snapshot) -> bool:
    """Whether words can only mean a camera: its maker, or the letters and digits of a model."""
    makers = {name.split()[0].casefold() for name in snapshot.cameras}
    model = any(map(str.isalpha, said)) and any(map(str.isdigit, said))
    return said.casefold() in makers or model


def _place(said: str, snapshot: Snapshot) -> Filter:
    photos = snapshot.places.named(said)
    meaning = ""
    if photos:
        names = snapshot.places.of[photos[0]].found_by
        meaning = next(name for name in names if name_key(name) == name_key(said))
    return Filter("place", said, meaning, snapshot.rows_of(photos))


def _misspelt_place(said: str, snapshot: Snapshot) -> Filter:
    """Returns the place with nearly this name, as in Sevilla and Praha."""
    long = [name for name in snapshot.places.by_name if len(name) >= _PLACE_NAME]
    near = spelt_alike(said, long, 1) if len(said) >= _PLACE_NAME else []
    found = _place(near[0] if near else said, snapshot)
    note = f"is taken for {found.meaning}" if found.meaning else ""
    return Filter("place", said, found.meaning, found.rows, note)
