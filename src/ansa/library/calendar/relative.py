"""Reads times without the name of a month: "yesterday", "last week", "3 years ago", "the 90s"."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache

from ansa.library.calendar.spans import (
    MONTHS,
    UNITS,
    WEEKDAYS,
    YEARS,
    Span,
    Spans,
    days_span,
    months_back,
    weekdays_in,
    years_span,
)

NUMBERS = [
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
]
COUNT = rf"(?P<count>\d{{1,4}}|{'|'.join(NUMBERS)}|an?|a few|a couple of)"
WEEKDAY = "|".join(WEEKDAYS)
_DECADES = {
    name: 10 * number
    for number, name in enumerate(
        "twenties thirties forties fifties sixties seventies eighties nineties".split(),  # noqa: SIM905
        2,
    )
}
_UNIT = "|".join(UNITS)
# "last week of may" is not the last week, nor is "last weekend before Christmas" the last weekend.
_OF_WHICH = (
    r"\s+(?:before\s|(?:of|in)\s+(?:the\s+)?(?:(?:18|19|20)\d\d|"
    + "|".join(
        [*(month[:3] for month in MONTHS), "spring|summer|autumn|fall|winter|this|last|next"]
    )
    + "))"
)
_SOMEBODYS = r"(?<!her )(?<!his )(?<!my )(?<!our )(?<!your )(?<!their )(?<!mid )"

_Meaning = Callable[[re.Match[str], date], Spans]


def number(word: str) -> int:
    """Returns a number in digits or words; "a" is one, "a few" is three."""
    word = word.lower()
    if word in ("a", "an"):
        return 1
    if word.startswith("a "):
        return 3 if word == "a few" else 2
    return int(word) if word.isdecimal() else NUMBERS.index(word)


def relative(text: str, today: date) -> Iterator[tuple[int, int, str, Spans, str]]:
    """Yields the times in a text that are relative to today, and decades.

    Each has its start and end in the text, its kind ("day", "decade", "weekday" or "other"), its
    spans, and a note.
    """
    for match in _any().finditer(text):
        rule = next(name for name, found in match.groupdict().items() if found and name in _RULES)
        pattern, kind, meaning = _RULES[rule]
        inner = re.fullmatch(pattern, match[0], re.IGNORECASE)
        if inner is None:
            continue
        try:
            spans = meaning(inner, today)
        except (ValueError, OverflowError):  # for example 99999 years ago
            continue
        note = "three are meant by a few" if "a few" in match[0].lower() else ""
        yield match.start(), match.end(), kind, spans, note


def _near(match: re.Match[str], today: date) -> Spans:
    return (
        days_span(today + timedelta({"yesterday": -1, "tomorrow": 1}.get(match[0].lower(), 0))),
    )


def _last_night(match: re.Match[str], today: date) -> Spans:
    return (UNITS["night"](today, match[0].lower().startswith(("last", "past"))),)


def _before_last(match: re.Match[str], today: date) -> Spans:
    unit = match["unit"].lower()
    if unit in UNITS:
        return (UNITS[unit](today, 2),)
    return (days_span(today - timedelta(_back(unit, today) + 7)),)


def _last(match: re.Match[str], today: date) -> Spans:
    """Returns the latest one that is over ("last"), or the current one ("this")."""
    unit, this = match["unit"].lower(), match["which"].lower() == "this"
    if unit in UNITS:
        return (UNITS[unit](today, 0 if this else 1),)
    back = (today.weekday() - WEEKDAYS.index(unit)) % 7
    return (days_span(today - timedelta(back if this else _back(unit, today))),)


def _back(weekday: str, today: date) -> int:
    return (today.weekday() - WEEKDAYS.index(weekday)) % 7 or 7


def _ago(match: re.Match[str], today: date) -> Spans:
    return (UNITS[match["unit"].lower()](today, number(match["count"])),)


def _lately(match: re.Match[str], today: date) -> Spans:
    """Returns the last so many days, weeks, ..., which end with today."""
    unit, count = match["unit"].lower(), number(match["count"])
    if unit in ("day", "week"):
        first = today - timedelta(count if unit == "day" else 7 * count)
    else:
        start = months_back(today, count if unit == "month" else 12 * count)[0]
        first = date(start.year, start.month, min(today.day, _last_day(start.date())))
    return ((days_span(first)[0], days_span(today)[1]),)


def _this_day(match: re.Match[str], today: date) -> Spans:
    """Returns the same day of another year, or of all earlier years."""
    if match["count"]:
        return (days_span(same_day(today, today.year - number(match["count"]))),)
    return tuple(days_span(same_day(today, year)) for year in YEARS if year < today.year)


def _this_week(match: re.Match[str], today: date) -> Spans:
    """Returns the week around this day, so many years ago."""
    then = same_day(today, today.year - number(match["count"]))
    return (days_span(then - timedelta(3), 7),)


def same_day(today: date, year: int) -> date:
    """Returns the same day of another year; for 29 February, the last day of that month."""
    if (today.month, today.day) == (2, 29):
        return date(year, 3, 1) - timedelta(days=1)
    return today.replace(year=year)


def _last_day(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def decade(words: str, today: date) -> Span:
    """Returns ten years, by their digits or their name; the latest that have begun."""
    first = _DECADES.get(words.lower(), 0) or int(words)
    if first < 100:
        first += 1900 if 2000 + first > today.year else 2000
    return years_span(first, 10)


@cache
def _every(name: str) -> Spans:
    days = {"weekend": {5, 6}, "weekday": set(range(5))}.get(name) or {WEEKDAYS.index(name)}
    return weekdays_in([years_span(YEARS.start, len(YEARS))], days)


_RULES: dict[str, tuple[str, str, _Meaning]] = {
    "this_day": (rf"(?:on\s+)?this\s+day(?:,?\s+{COUNT}\s+years?\s+ago)?", "other", _this_day),
    "same_day": (rf"{COUNT}\s+years?\s+ago\s+(?:today|on\s+this\s+day)", "other", _this_day),
    "this_week": (rf"this\s+week,?\s+{COUNT}\s+years?\s+ago", "other", _this_week),
    "before_last": (rf"(?P<unit>{_UNIT}|{WEEKDAY})\s+before\s+last", "other", _before_last),
    "lately": (
        rf"(?:last|past)\s+{COUNT}\s+(?P<unit>day|week|month|year)s?(?!{_OF_WHICH})",
        "other",
        _lately,
    ),
    "night": (r"(?:last|this|past)\s+night|tonight", "other", _last_night),
    "last": (
        rf"(?P<which>last|this|past|previous)\s+(?P<unit>{WEEKDAY}|weekend|week|month|year)(?!{_OF_WHICH})",
        "other",
        _last,
    ),
    "ago": (rf"{COUNT}\s+(?P<unit>day|week|weekend|month|year)s?\s+ago", "other", _ago),
    "near": ("today|yesterday|tomorrow", "day", _near),
    "decade": (
        rf"(?:['’]?(?P<digits>(?:18|19|20)?\d0)['’]?s|{_SOMEBODYS}(?P<name>{'|'.join(_DECADES)}))",
        "decade",
        lambda match, today: (decade(match["digits"] or match["name"], today),),
    ),
    "weekdays": (rf"(?:(?:every|on\s+(?:an?|any))\s+(?:{WEEKDAY}|weekend)"
                 rf"|(?:{WEEKDAY}|weekend|weekday)s)", "weekday",
                 lambda match, today: _every(match[0].lower().split()[-1].removesuffix("s"))),
}  # fmt: skip


@cache
def _any() -> re.Pattern[str]:
    unnamed = {
        name: re.sub(r"\(\?P<\w+>", "(?:", pattern) for name, (pattern, *_) in _RULES.items()
    }
    rules = "|".join(f"(?P<{name}>{pattern})" for name, pattern in unnamed.items())
    return re.compile(rf"(?<![\w'’-])(?:{rules})(?![\w-])(?!['’]\w)", re.IGNORECASE)
