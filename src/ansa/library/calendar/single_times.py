"""Finds the single times in a text: names with days and years beside them, digits, words."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import pairwise

from ansa.library.calendar.holidays import (
    NOWHERE,
    SEASONS,
    Region,
    everywhere,
    festival,
    over_new_year,
    season_span,
)
from ansa.library.calendar.numeric_dates import CHUNK, MONTH_FIRST, read_digits, short_year
from ansa.library.calendar.relative import relative
from ansa.library.calendar.spans import (
    MONTHS,
    Spans,
    days_span,
    merge,
    month_span,
    years_span,
)
from ansa.library.calendar.times import (
    COUNTRY,
    SIDE,
    Time,
    TimeContext,
    TimeMention,
    Yearly,
    in_year,
)
from ansa.names import WORD, name_key

MOST = 64
"""The largest number of times in one text."""

_YEAR = r"(?:18|19|20)\d\d"
_SHORT = {"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"}
_WEAK_MONTHS = {"march", "may", *_SHORT}
_SUFFIX = r"(?:st|nd|rd|th|\.)?"
_DAY = rf"\d{{1,2}}(?!\d){_SUFFIX}"
_JOINS = r",\s*(?:and\s|or\s)?|-|–|&|\b(?:to|through|until|and|or)\b"
_DAYS = rf"{_DAY}(?:\s*(?:{_JOINS})\s*{_DAY})*"
_NUMBER = re.compile(r"\d{1,2}|to|through|until|[-–]")
_NAMES = re.compile(
    rf"(?<![\w'’])(?:{'|'.join([*MONTHS, *sorted(_SHORT, reverse=True)])}|{'|'.join(SEASONS)})"
    r"(?!\w|['’](?!\d))",
    re.IGNORECASE,
)
_LEFT_DAYS = re.compile(
    rf"(?<![\w.,:/'’-])(?:the\s+)?(?P<days>{_DAYS})(?:\s+of\s+|\s+|[-./]|(?<=\.))$", re.IGNORECASE
)
_BETWEEN = re.compile(r"\bbetween\s+$", re.IGNORECASE)
_RIGHT_DAYS = re.compile(
    rf"\.?\s+(?:the\s+)?(?P<days>{_DAYS})(?![\w/:])(?!\.\d)(?!-\d)(?!\s*(?:[ap]\.?m|years?|months?|"
    r"weeks?|days?)\b)",
    re.IGNORECASE,
)
_RIGHT_YEAR = re.compile(
    r"(?:\s+(?P<filler>holidays?|break|vacation|morning|afternoon|evening|night))?"
    rf"(?:(?:\.?,?\s+(?:of\s+)?|\.?[-./])(?P<year>{_YEAR})(?:(?:\s?[/–-]\s?)(?P<to>{_YEAR}|\d\d))?(?![\w:])"
    r"(?![/.–-]\d)|\.?,?\s+(?:of\s+)?['’](?P<short>\d\d)(?![\w:])"
    r"|\s+(?:of\s+)?(?P<bare>\d\d)(?:[/–-](?P<next>\d\d))?(?![\w:/.,–-]\d)(?![\w:]))",
    re.IGNORECASE,
)
_DAY_PARTS = {"morning", "afternoon", "evening", "night"}
_LEFT_YEAR = re.compile(rf"(?<![\w.,:/'’$€£#+–-])(?P<year>{_YEAR}),?\s+$")
NOT_OF_A_THING = re.compile(r"\s*(?:$|[,;.!?)])|\s+(?:with|and|or|at|in|on|by|near|but|from)\b")
"""Words after which a time is no part of a name: "in the summer sun" is no date."""


def times_in(text: str, reader: TimeContext) -> list[TimeMention]:
    """Returns the times of a text in their order, each by itself."""
    found: list[TimeMention] = []
    done = 0
    for start, end, time in _named(text, reader):
        if start >= done and len(found) < MOST:
            each = _dated(text, start, end, time, done, reader)
            found.append(each)
            done = each.end
    others = [*_in_digits(text, reader), *_in_words(text, reader)]
    for each in sorted(others, key=lambda other: (other.start, -other.end)):
        if len(found) < 2 * MOST and not any(
            other.start < each.end and each.start < other.end for other in found
        ):
            found.append(each)
    return sorted(found, key=lambda each: each.start)


def _named(text: str, reader: TimeContext) -> Iterator[tuple[int, int, Time]]:
    """Yields months, seasons and festivals by name; the longest name is preferred."""
    some = [(m.start(), m.end(), _by_name(m[0].lower())) for m in _NAMES.finditer(text)]
    for start, end, key in _festivals(text, reader):
        # Without its own days, a region has those of most countries; a national holiday depends on
        # it.
        weak = key.split()[-1] not in _DAYS_ALONE or not NOT_OF_A_THING.match(text, end)
        time = Time("festival", _festival(key), name=key.title(), local=COUNTRY, weak=weak)
        some.append((start, end, time))
    yield from sorted(some, key=lambda each: (each[0], -each[1]))


def _by_name(name: str) -> Time:
    if name in SEASONS:
        return Time("season", _season(name), name=name.title(), local=SIDE, weak=True)
    month = next(n for n, each in enumerate(MONTHS, 1) if each.startswith(name[:3]))
    return Time(
        "month", _in_month(month), name=MONTHS[month - 1].title(), weak=name in _WEAK_MONTHS
    )


@lru_cache(maxsize=64)
def _season(name: str) -> Yearly:
    return lambda year, region: (season_span(name, year, south=region.south),)


@lru_cache(maxsize=64)
def _in_month(month: int) -> Yearly:
    return lambda year, region: (month_span(year, month),)


@lru_cache(maxsize=512)
def _festival(key: str) -> Yearly:
    return lambda year, region: festival(key, year, region)


@lru_cache(maxsize=512)
def _days(month: int, days: tuple[tuple[int, int], ...]) -> Yearly:
    """Returns days of a month, given as pairs of the first and the last day."""

    def yearly(year: int, region: Region) -> Spans:
        leap = month == 2 and not isleap(year)
        kept = [(a, b) for a, b in days if not (leap and a == 29)]
        return merge(
            days_span(date(year, month, a), date(year, month, b - (leap and b == 29)).day - a + 1)
            for a, b in kept
        )

    return yearly


_LONGEST = 7  # the most words in the name of a holiday
_MAY_BE_KEPT = re.compile(
    rf"{_YEAR}|['’]\d\d|\b(?:last|this|on|at|during|every|since|after|before|until)\b|day\b|eve\b",
    re.IGNORECASE,
)
# Names that contain the word for a day.
_DAYS_ALONE = {"day", "eve", "friday", "saturday", "sunday", "monday"}


def _festivals(text: str, reader: TimeContext) -> Iterator[tuple[int, int, str]]:
    words = [(m.start(), m.end(), name_key(m[0])) for m in WORD.finditer(text)][:400]
    known = frozenset(everywhere())
    if _MAY_BE_KEPT.search(text):
        known |= reader.holidays()
    first = {key.split()[0] for key in known if key}
    at = 0
    while at < len(words):
        step = 1
        if words[at][2].split(" ")[0] in first:
            for length in range(min(_LONGEST, len(words) - at), 0, -1):
                some = words[at : at + length]
                between = (text[a[1] : b[0]] for a, b in pairwise(some))
                key = " ".join(word for *_, word in some)
                if key in known and all(not gap.strip(" \t.,()") for gap in between):
                    yield some[0][0], some[-1][1], key
                    step = length
                    break
        at += step


def _dated(
    text: str, start: int, end: int, time: Time, done: int, reader: TimeContext
) -> TimeMention:
    """Returns a name with the days before or after it, and the year on either side."""
    if time.kind == "month":
        left = _LEFT_DAYS.search(text, max(done, start - 60), start)
        right = None if left else _RIGHT_DAYS.match(text, end)
        if days := left or right:
            between = left and _BETWEEN.search(text, max(done, left.start() - 12), left.start())
            said = days["days"].replace(" and ", " to ") if between else days["days"]
            try:
                time = _of_month(said, time)
            except ValueError as error:
                start, end = min(start, days.start()), max(end, days.end())
                year = _RIGHT_YEAR.match(text, end)
                return TimeMention(start, year.end() if year else end, None, str(error))
            start, end = (days.start(), end) if left else (start, days.end())
            start = between.start() if between else start
    year = _RIGHT_YEAR.match(text, end)
    if year and (year["year"] or year["short"] or time.kind in ("season", "festival")):
        if year["bare"] and not year["next"] and not NOT_OF_A_THING.match(text, year.end()):
            return TimeMention(start, end, time)
        found = _of_years(time, start, year, reader.today)
        part = (year["filler"] or "").lower()
        if found.time is not None and part in _DAY_PARTS:
            return replace(found, time=replace(found.time, note=f"{part} was left out"))
        return found
    before = _LEFT_YEAR.search(text, max(done, start - 8), start)
    if before and (not time.weak or NOT_OF_A_THING.match(text, end)):
        return _checked(before.start(), end, time.of(int(before["year"])), time.kind)
    return TimeMention(start, end, time)


def _of_month(days: str, time: Time) -> Time:
    """Returns some days of a month: "3-5", "3, 4 and 7".

    Raises:
        ValueError: the month has no such day.
    """
    pairs: list[tuple[int, int]] = []
    to = False
    for token in _NUMBER.findall(days.lower()):
        if not token.isdecimal():
            to = True
            continue
        day = int(token)
        pairs = [*pairs[:-1], (pairs[-1][0], day)] if to and pairs else [*pairs, (day, day)]
        to = False
    assert time.yearly is not None
    month = time.yearly(2000, NOWHERE)[0][0].month
    for a, b in pairs:
        if not 1 <= a <= b <= monthrange(2000, month)[1]:
            raise ValueError("there is no such day")
    return Time("day", _days(month, tuple(pairs)), name=time.name)


def _of_years(time: Time, start: int, found: re.Match[str], today: date) -> TimeMention:
    """Returns the time with the year after it, or with two: "winter 2022/23"."""
    end, kind = found.end(), time.kind
    if found["short"]:
        return _checked(start, end, time.of(short_year(found["short"], today)), kind)
    if found["bare"]:
        first = short_year(found["bare"], today)
        second = found["next"] and short_year(found["next"], today)
    else:
        first, second = int(found["year"]), found["to"]
        if second:
            second = int(second) if len(second) == 4 else first // 100 * 100 + int(second)
    if not second:
        return _checked(start, end, time.of(first), kind)
    if second == first + 1 and kind == "season":
        return TimeMention(start, end, replace(time, weak=False, fixed=_over_new_year(time, first)))
    if second > first:
        years = range(first, second + 1)
        return TimeMention(start, end, replace(time, weak=False, fixed=_in_years(time, years)))
    return TimeMention(start, end, None, "its years are not in order")


def _over_new_year(time: Time, year: int) -> Callable[[Region], Spans]:
    """Returns a season that spans two years; nothing in a region where it does not."""
    name = time.name.lower()

    def fixed(region: Region) -> Spans:
        if over_new_year(name, south=region.south):
            return (season_span(name, year, south=region.south),)
        if region != NOWHERE and over_new_year(name, south=not region.south):
            return ()
        return tuple(season_span(name, each, south=region.south) for each in (year, year + 1))

    return fixed


def _in_years(time: Time, years: range) -> Callable[[Region], Spans]:
    yearly = time.yearly
    assert yearly is not None
    return lambda region: merge(span for year in years for span in in_year(yearly, year, region))


def _checked(start: int, end: int, time: Time, kind: str) -> TimeMention:
    """Returns a time with its year if that has such a day. A season may have both its ends."""
    assert time.yearly is not None
    assert time.year is not None
    try:
        spans = time.yearly(time.year, NOWHERE)
    except (ValueError, OverflowError):
        spans = ()
    if not spans and kind != "festival":
        return TimeMention(start, end, None, "there is no such day")
    return TimeMention(start, end, time)


def _in_digits(text: str, reader: TimeContext) -> Iterator[TimeMention]:
    for match in CHUNK.finditer(text):
        first = False
        if _may_need_order(match[0]):
            first = reader.home().country in MONTH_FIRST
        try:
            digits = read_digits(match[0], reader.today, month_first=first)
        except ValueError as error:
            why = str(error)
            why = (
                why if "there" in why or "it " in why or "years" in why else "there is no such day"
            )
            yield TimeMention(match.start(), match.end(), None, why)
            continue
        if digits is None:
            continue
        time = _digit_time(digits.year, digits.last, digits.month, digits.day)
        yield TimeMention(match.start(), match.end(), replace(time, note=digits.note))


def _may_need_order(chunk: str) -> bool:
    return re.fullmatch(r"\d{1,2}[/–-]\d{1,2}[/–-]\d{4}", chunk) is not None


def _digit_time(year: int | None, last: int | None, month: int | None, day: int | None) -> Time:
    if month is None:
        assert year is not None
        count = (last or year) - year + 1
        return Time("year", fixed=lambda region: (years_span(year, count),), year=year)
    if day is not None:
        return Time("day", _days(month, ((day, day),)), year, name="")
    return Time("month", _in_month(month), year, name=MONTHS[month - 1].title())


def _in_words(text: str, reader: TimeContext) -> Iterator[TimeMention]:
    for start, end, kind, spans, note in relative(text, reader.today):
        yield TimeMention(start, end, Time(kind, fixed=_constant(spans), note=note))


def _constant(spans: Spans) -> Callable[[Region], Spans]:
    return lambda region: spans
