"""Facts in a query, as filters: when, where and with which camera photos were taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansa.library.concepts import IDLE
from ansa.library.dates import both, take_dates
from ansa.library.places import key

if TYPE_CHECKING:
    from ansa.library.snapshot import Snapshot

_LONGEST = 4  # words of a name
_MOST_WORDS = 200  # of a query that are looked at
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_FIELD = re.compile(r"(?<!\S)(camera|place|date):(\S+)", re.IGNORECASE)
_LEAD = re.compile(
    r"(?<!\S)(?:(?P<camera>(?:shot|taken) (?:on|with|by))|(?P<place>in|at|near|from|around)"
    r"|with|on) (?:(?:an?|the|my) )?$",
    re.IGNORECASE,
)
_ORDINARY = frozenset(
    "bar bath best cork hot male mobile nice orange reading split troy wells".split()  # noqa: SIM905
)
"""Towns called like everyday words: meant only after "in" and the like."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A fact that photos must have.

    Attributes:
        kind: "date", "place" or "camera".
        said: its words in the query.
        meaning: what they were taken for; empty if they mean nothing here.
        rows: bool (n,), the photos that have it.
    """

    kind: str
    said: str
    meaning: str
    rows: NDArray[np.bool_]


def take_filters(
    text: str, snapshot: Snapshot, today: date, known: Callable[[str], bool]
) -> tuple[str, tuple[Filter, ...]]:
    """The text without its words for facts, and the filters these are.

    ``camera:``, ``place:`` and ``date:`` say it outright ("_" for a space). Else the name of a
    camera or a place counts if photos were taken with it or there, and if it hardly means anything
    else: ``known`` does not know it, or it follows "shot on", or has a capital and follows "in".

    Args:
        text: a part of a query.
        snapshot: the photos.
        today: what "yesterday" is reckoned from.
        known: whether words name something that photos show.
    """
    filters = [
        _field(match[1].lower(), match[2].replace("_", " "), snapshot, today)
        for match in _FIELD.finditer(text)
    ]
    text, times = take_dates(" ".join(_FIELD.sub(" ", text).split()), today)
    if when := both(times):
        filters.append(Filter("date", when.said, str(when), when.holds(snapshot.times.clock)))
    for start, end, found in reversed(list(_named(text, snapshot, known))):
        filters.append(found)
        text = f"{text[:start]} {text[end:]}"
    return " ".join(text.split()), tuple(filters)


def _field(kind: str, said: str, snapshot: Snapshot, today: date) -> Filter:
    if kind == "camera":
        return _camera(said, snapshot)
    if kind == "place":
        return _place(said, snapshot)
    rest, times = take_dates(said, today)
    when = None if rest else both(times)
    rows = when.holds(snapshot.times.clock) if when else np.zeros(len(snapshot.photos), np.bool_)
    return Filter(kind, said, str(when) if when else "", rows)


def _named(
    text: str, snapshot: Snapshot, known: Callable[[str], bool]
) -> Iterator[tuple[int, int, Filter]]:
    """Cameras and places in a text, the longest names first, and where they stand."""
    words = [match.span() for match in _WORD.finditer(text)][:_MOST_WORDS]
    at = 0
    while at < len(words):
        start = words[at][0]
        lead = _LEAD.search(text, 0, start)
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            end = words[at + length - 1][1]
            if found := _fact(text[start:end], lead, snapshot, known):
                yield (lead.start() if lead else start), end, found
                at += length - 1
                break
        at += 1


def _fact(
    said: str, lead: re.Match[str] | None, snapshot: Snapshot, known: Callable[[str], bool]
) -> Filter | None:
    if said.casefold() in IDLE:
        return None
    new = not known(said)
    if ((lead and lead["camera"]) or (new and _clear(said, snapshot))) and (
        found := _camera(said, snapshot)
    ).meaning:
        return found
    there = bool(lead and lead["place"])
    if (there and (new or said[0].isupper())) or (new and said.casefold() not in _ORDINARY):
        found = _place(said, snapshot)
        return found if found.meaning else None
    return None


def _camera(said: str, snapshot: Snapshot) -> Filter:
    """Cameras whose names hold these words in a row."""
    words = f" {said.casefold()} "
    names = [name for name in snapshot.cameras if words in f" {name.casefold()} "]
    rows = np.zeros(len(snapshot.photos), np.bool_)
    for name in names:
        rows[snapshot.cameras[name]] = True
    return Filter("camera", said, " or ".join(sorted(names)), rows)


def _clear(said: str, snapshot: Snapshot) -> bool:
    """Whether words can only mean a camera: its maker, or a model's letters and digits."""
    makers = {name.split()[0].casefold() for name in snapshot.cameras}
    return said.casefold() in makers or bool(re.search(r"[^\W\d_].*\d", said))


def _place(said: str, snapshot: Snapshot) -> Filter:
    photos = snapshot.places.named(said)
    meaning = ""
    if photos:
        names = snapshot.places.of[photos[0]].names
        meaning = next(name for name in names if key(name) == key(said))
    return Filter("place", said, meaning, np.isin(snapshot.photos, photos))
