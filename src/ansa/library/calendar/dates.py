"""Reads the times in a text: their meaning, the remaining words, and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ansa.library.calendar.holidays import NOWHERE, Region
from ansa.library.calendar.phrases import phrases
from ansa.library.calendar.spans import (
    Spans,
    clock,
    merge,
    overlap,
    spans_words,
)
from ansa.library.calendar.times import (
    TimeContext,
)

_MOST = 8  # times in one query; further ones remain plain words
_FEW = 4  # the most spans that are listed one by one
_LOOSE = re.compile(
    r"^(?:[\s,;]|(?:and|or|but)\b)+|(?:[\s,;]|(?<!\S)[.!?]+$|\b(?:and|or|but))+$", re.IGNORECASE
)
"""The words that join a time to the rest."""
_EMPTY = re.compile(r"[(\[]\s*[)\]]")
_DATE_LIKE = re.compile(
    r"(?<!\S)(?=\S*(?:18|19|20)\d\d)(?!\d+(?:\.\d+){3})[\dWwQq][\d./–—WwQq-]{5,30}(?=$|[\s,;!?])"
)
"""Text that looks like a date but that no rule reads: "24.-26.12.2022", "2022-W12"."""

_Meaning = Callable[[Region], Spans]


@dataclass(frozen=True, slots=True)
class QueryTime:
    """A time in a query.

    Attributes:
        said: its words in the query.
        meaning: returns its spans in a region.
        local: the property of the region on which it depends; see
            :class:`~ansa.library.calendar.times.Time`.
        words: its meaning in words, if it has too many spans to list.
        note: an explanation of how it was read; empty if none is needed.
    """

    said: str
    meaning: _Meaning
    local: int = 0
    words: str = ""
    note: str = ""

    @property
    def spans(self) -> Spans:
        """Its spans if no region is known."""
        return self.meaning(NOWHERE)

    def holds(
        self, clocks: NDArray[np.float64], regions: Sequence[tuple[Region, NDArray[np.bool_]]] = ()
    ) -> NDArray[np.bool_]:
        """Returns which clock times are inside it.

        Args:
            clocks: (n,), local times in seconds since 1970, NaN if unknown.
            regions: the rows of each region, bool (n,). Rows without a region use the calendar of
                no region.
        """
        inside = _inside(self.spans, clocks)
        for region, rows in regions if self.local else ():
            inside[rows] = _inside(self.meaning(region), clocks[rows])
        return inside

    def told(self, regions: Sequence[Region] = ()) -> str:
        """Returns its meaning in words, for each group of regions with the same meaning."""
        if self.words:
            return self.words
        ways: dict[str, list[Region]] = {}
        for region in (regions if self.local else ()) or [NOWHERE]:
            ways.setdefault(spans_words(self.meaning(region)) or "never", []).append(region)
        if len(ways) == 1:
            return next(iter(ways))
        return "; ".join(f"{words} ({_where(some)})" for words, some in ways.items())

    def __str__(self) -> str:
        return self.told()


@dataclass(frozen=True, slots=True)
class QueryDates:
    """The times in a text.

    Attributes:
        rest: the text without the words that were understood.
        times: the times that were understood.
        unread: words that look like a time but are none, each with the reason.
    """

    rest: str
    times: tuple[QueryTime, ...]
    unread: tuple[tuple[str, str], ...] = ()


def take_dates(text: str, reader: TimeContext) -> QueryDates:
    """Splits a text into its times, the remaining words, and what was not understood."""
    found: list[QueryTime] = []
    unread: list[tuple[str, str]] = []
    rest, at = "", 0
    taken: list[tuple[int, int]] = []
    for phrase in phrases(text, reader):
        taken.append((phrase.start, phrase.end))
        said = " ".join(text[phrase.start : phrase.end].split())
        if phrase.meaning is None:
            unread.append((said, phrase.why))
            continue
        if len(found) == _MOST:
            break
        note = "; ".join(dict.fromkeys(note for note in phrase.notes if note))
        found.append(QueryTime(said, phrase.meaning, phrase.local, phrase.words, note))
        rest, at = f"{rest} {text[at : phrase.start]}", phrase.end
    for match in _DATE_LIKE.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            unread.append((match[0], "it is not a way to write dates that is known"))
    rest = _EMPTY.sub(" ", f"{rest} {text[at:]}")
    rest = _LOOSE.sub("", " ".join(rest.split()))
    return QueryDates(rest if found else text, tuple(found), tuple(unread[:_MOST]))


def both(times: Sequence[QueryTime]) -> QueryTime | None:
    """Combines several times: those that overlap narrow each other, others are alternatives."""
    if len(times) < 2:
        return times[0] if times else None

    @cache
    def meaning(region: Region) -> Spans:
        spans = times[0].meaning(region)
        for each in times[1:]:
            other = each.meaning(region)
            spans = overlap(spans, other) or merge((*spans, *other))
        return spans

    notes = "; ".join(dict.fromkeys(each.note for each in times if each.note))
    local = max(each.local for each in times)
    said = ", ".join(each.said for each in times)
    words = ""
    if len(meaning(NOWHERE)) > _FEW:  # otherwise they are listed themselves
        words = f" {_joined(times)} ".join(map(str, times))
    return QueryTime(said, meaning, local, words, notes)


def _joined(times: Sequence[QueryTime]) -> str:
    spans = times[0].spans
    return "within" if all(overlap(spans, each.spans) for each in times[1:]) else "and"


def _inside(spans: Spans, clocks: NDArray[np.float64]) -> NDArray[np.bool_]:
    edges = np.array([clock(edge) for span in spans for edge in span], np.float64)
    inside: NDArray[np.bool_] = np.searchsorted(edges, clocks, side="right") % 2 == 1
    return inside & ~np.isnan(clocks)


def _where(regions: Sequence[Region]) -> str:
    known = sorted({region.country for region in regions if region.country})
    sides = {region.south for region in regions}
    if len(sides) == 1:
        side = "south of the equator" if regions[0].south else "north of the equator"
        return side
    return ", ".join(known)
