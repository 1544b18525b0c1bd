"""Words for times in a query: "summer 2023", "last christmas", "july", "since 2020", "yesterday".

A small grammar of our own: general parsers of dates take "may", or any number, for a date, and know
no seasons. What is found are spans of what a camera's clock shows. Seasons are the northern ones.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ansa.library.searching.spans import (
    BEGIN,
    END,
    FESTIVALS,
    MONTHS,
    MOVABLE,
    SEASONS,
    UNITS,
    WEEKDAYS,
    Span,
    day_name,
    day_span,
    every,
    month_of,
    month_span,
    months_back,
    overlap,
    span_words,
    union,
    yearly,
    years_span,
)
from ansa.library.searching.times import clock

_NUMBERS = [
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
]
_MOST = 8  # times in one query; what more there are is plain words
_LOOSE = re.compile(r"^(?:[\s,;]|(?:and|or)\b)+|(?:[\s,;]|\b(?:and|or))+$", re.IGNORECASE)
"""What joined a time to the rest."""


@dataclass(frozen=True, slots=True)
class When:
    """A time that a query names.

    Attributes:
        said: its words.
        spans: what they mean, in order and apart. What comes every year has a span for each.
    """

    said: str
    spans: tuple[Span, ...]

    def holds(self, clocks: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which clock times (n,), seconds since 1970 there, NaN if unknown, lie in it."""
        edges = np.array([clock(edge) for span in self.spans for edge in span], np.float64)
        inside: NDArray[np.bool_] = np.searchsorted(edges, clocks, side="right") % 2 == 1
        return inside & ~np.isnan(clocks)

    def __str__(self) -> str:
        if len(self.spans) > 3:
            start, end = self.spans[0]
            first, last = (day_name(each, year=False) for each in (start, end - timedelta(1)))
            return f"{first} of any year" if first == last else f"{first} to {last} of any year"
        return " and ".join(map(span_words, self.spans))


def take_dates(text: str, today: date) -> tuple[str, tuple[When, ...]]:
    """The text without its words for times, and what these mean."""
    found: list[When] = []
    rest, at = "", 0
    for match in _any().finditer(text):
        if len(found) == _MOST:
            break
        try:
            spans = _meaning(match, today)
        except (ValueError, OverflowError):  # 31 June, 99999 years ago
            continue
        if spans:
            found.append(When(match[0].strip(), spans))
            rest, at = f"{rest} {text[at : match.start()]}", match.end()
    rest = " ".join(f"{rest} {text[at:]}".split())
    return _LOOSE.sub("", rest) if found else text, tuple(found)


def both(times: tuple[When, ...]) -> When | None:
    """Several times as one: those that overlap narrow each other, others are alternatives."""
    if not times:
        return None
    spans = times[0].spans
    for each in times[1:]:
        spans = overlap(spans, each.spans) or union(spans, each.spans)
    return When(", ".join(each.said for each in times), spans)


def _meaning(match: re.Match[str], today: date) -> tuple[Span, ...]:
    if first := match["first"] or match["start"]:
        start = _spans(first, today)[0][0]
        end = _spans(match["last"] or match["end"], today)[-1][1]
        return ((start, end),) if start < end else ()
    spans = _spans(match["one"], today)
    limit = (match["limit"] or "").lower()
    if limit and len(spans) > 2:  # since which July?
        return ()
    if limit == "since":
        return ((spans[0][0], END),)
    if limit == "after":
        return ((spans[-1][1], END),)
    if limit == "before":
        return ((BEGIN, spans[0][0]),)
    return ((BEGIN, spans[-1][1]),) if limit else spans


def _spans(atom: str, today: date) -> tuple[Span, ...]:
    """What one time means; nothing if the words mean none."""
    atom = " ".join(re.sub("['’]", "", atom.lower()).replace(",", " ").split())
    for rule, meaning in _RULES:
        if match := re.fullmatch(rule, atom, re.IGNORECASE):
            return meaning(match, today)
    return ()


# What words mean: each takes the match of its rule, and the day it is.


def _iso(match: re.Match[str], today: date) -> tuple[Span, ...]:
    year, month, day = (int(part) if part else 0 for part in match.group("y", "m", "d"))
    first = date(year, month, day or 1)
    return (day_span(first) if day else month_span(year, month),)


def _dated(match: re.Match[str], today: date) -> tuple[Span, ...]:
    month, day = month_of(match["month"]), int(match["day"])
    if match["year"]:
        return (day_span(date(int(match["year"]), month, day)),)
    if not 1 <= day <= monthrange(2000, month)[1]:
        return ()
    return every(lambda year: day_span(date(year, month, day)), leaps=(month, day) == (2, 29))


def _of_year(match: re.Match[str], today: date) -> tuple[Span, ...]:
    name, year = match["name"], int(match["year"])
    if name == "winter":  # it has both ends of a winter
        return (datetime(year, 1, 1), datetime(year, 3, 1)), yearly(name)(year)
    return (yearly(name)(year),)


def _last(match: re.Match[str], today: date) -> tuple[Span, ...]:
    """The latest that is over ("last"), or the one it is now or was this year ("this")."""
    unit, this = match["unit"], match["which"] == "this"
    if unit in UNITS:
        return (UNITS[unit](today, 0 if this else 1),)
    if unit in WEEKDAYS:
        back = (today.weekday() - WEEKDAYS.index(unit)) % 7
        return (day_span(today - timedelta(back if this else back or 7)),)
    span_in, now = yearly(unit), datetime.combine(today, time())
    spans = [span_in(year) for year in range(today.year - 2, today.year + 1)]
    if this:
        return (next((span for span in spans if span[0] <= now < span[1]), spans[-1]),)
    return (max(span for span in spans if span[1] <= now),)


def _ago(match: re.Match[str], today: date) -> tuple[Span, ...]:
    return (UNITS[match["unit"]](today, _number(match["count"])),)


def _lately(match: re.Match[str], today: date) -> tuple[Span, ...]:
    """The last so many days, weeks, ...: they end with today."""
    unit, count = match["unit"], _number(match["count"])
    if unit in ("day", "week"):
        first = today - timedelta(count if unit == "day" else 7 * count)
    else:
        start = months_back(today, count if unit == "month" else 12 * count)[0]
        day = min(today.day, monthrange(start.year, start.month)[1])
        first = date(start.year, start.month, day)
    return ((day_span(first)[0], day_span(today)[1]),)


def _near(match: re.Match[str], today: date) -> tuple[Span, ...]:
    return (day_span(today - timedelta(match[0] == "yesterday")),)


def _decade(match: re.Match[str], today: date) -> tuple[Span, ...]:
    first = int(match["digits"])
    if first < 100:
        first += 1900 if 2000 + first > today.year else 2000
    return ((datetime(first, 1, 1), datetime(first + 10, 1, 1)),)


def _any_year(match: re.Match[str], today: date) -> tuple[Span, ...]:
    return every(yearly(match["name"]))


def _year_alone(match: re.Match[str], today: date) -> tuple[Span, ...]:
    year = int(match["year"])
    return (years_span(year, 1),) if BEGIN.year <= year <= today.year + 1 else ()


def _number(word: str) -> int:
    if word in ("a", "an"):
        return 1
    return int(word) if word.isdecimal() else _NUMBERS.index(word)


# The rules. A space stands for any white space, also after a comma.

_YEAR = r"(?:18|19|20)\d\d"
_SHORT = [*(month[:3] for month in MONTHS), "sept"]
_MONTH = "|".join([*MONTHS, *_SHORT])
_CLEAR = "|".join(month for month in MONTHS if month not in ("march", "may"))
_SEASON = "|".join(SEASONS)
_FESTIVAL = "|".join([*FESTIVALS, *MOVABLE]).replace("s ", "'?s ")
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_COUNT = rf"(?P<count>\d{{1,4}}|{'|'.join(_NUMBERS)}|an?)"
_NOT_OF_A_THING = (
    r"(?=\s*(?:$|[,;.])| (?:with|and|at|in|on|by|near)\b)"  # "in the summer sun" is no date
)

_Meaning = Callable[[re.Match[str], date], tuple[Span, ...]]
_GRAMMAR: tuple[tuple[str, _Meaning], ...] = (
    (r"(?P<y>\d{4})[-/](?P<m>\d{1,2})(?:[-/](?P<d>\d{1,2}))?", _iso),
    (rf"{_DAY} (?:of )?(?P<month>{_MONTH})(?: (?P<year>{_YEAR}))?", _dated),
    (rf"(?P<month>{_MONTH}) {_DAY}(?!\d)(?: (?P<year>{_YEAR}))?", _dated),
    (rf"(?P<name>{_MONTH}|{_SEASON}|{_FESTIVAL}) (?:of )?(?P<year>{_YEAR})", _of_year),
    (rf"(?:last|past) {_COUNT} (?P<unit>day|week|month|year)s?", _lately),
    (
        rf"(?P<which>last|this|past) (?P<unit>{'|'.join(MONTHS)}|{_SEASON}|{_FESTIVAL}|"
        rf"{'|'.join(WEEKDAYS)}|night|weekend|week|month|year)",
        _last,
    ),
    (rf"{_COUNT} (?P<unit>day|week|month|year)s? ago", _ago),
    ("today|yesterday", _near),
    (r"'?(?P<digits>(?:18|19|20)?\d0)'?s", _decade),
    (rf"(?:in|during|every) (?:the )?(?P<name>{_SEASON}|{_MONTH}){_NOT_OF_A_THING}", _any_year),
    (rf"(?:at|on|during|every) (?P<name>{_FESTIVAL}){_NOT_OF_A_THING}", _any_year),
    (rf"(?P<name>{_CLEAR})", _any_year),
    (rf"(?P<year>{_YEAR})", _year_alone),
)


def _pattern(rule: str) -> str:
    return rule.replace(" ", r",?\s+").replace("'", "['’]")


def _unnamed(pattern: str) -> str:
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


_RULES = tuple((_pattern(rule), meaning) for rule, meaning in _GRAMMAR)


@cache
def _any() -> re.Pattern[str]:
    atom = "|".join(_unnamed(rule) for rule, _ in _RULES)
    return re.compile(
        rf"""(?<![\w'-])
        (?:
            (?:from|between)\s+(?P<first>{atom})\s*(?:\b(?:to|until|and)\b|-|–)\s*(?P<last>{atom})
          | (?P<start>{atom})\s*(?:\b(?:to|until)\b|-|–)\s*(?P<end>{atom})
          | (?:(?P<limit>since|after|before|until)\s+|(?:in|on|at|from|of|during|over)\s+)?
            (?:the\s+)?(?P<one>{atom})
        )
        (?![\w-])""",
        re.IGNORECASE | re.VERBOSE,
    )
