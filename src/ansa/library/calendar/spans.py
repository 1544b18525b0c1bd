"""Spans of clock time: days, months, years, parts of them, and how spans are combined."""

from __future__ import annotations

from bisect import bisect
from calendar import SATURDAY
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

Span = tuple[datetime, datetime]
"""From the first instant, inclusive, to the second, exclusive; naive local time."""

Spans = tuple[Span, ...]
"""Spans in the order of time that neither overlap nor touch."""

BEGIN, END = datetime.min, datetime.max
"""The limits of the calendar, which spans without a limit on one side reach."""

YEARS = range(1826, 2101)
"""The years of yearly times, which begin with the oldest photograph that survives."""

MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_EPOCH = datetime(1970, 1, 1)


def clock(moment: datetime) -> float:
    """Converts a local time to seconds since 1970 on the same clock."""
    if moment.tzinfo:
        moment = moment.replace(tzinfo=None)
    return (moment - _EPOCH).total_seconds()


def after(moment: datetime, step: timedelta) -> datetime:
    """Returns a moment later or earlier, but always inside the calendar."""
    try:
        return moment + step
    except OverflowError:
        return END if step > timedelta() else BEGIN


def days_span(first: date, count: int = 1) -> Span:
    """Returns some days from a first day on."""
    start = datetime.combine(first, time())
    return start, after(start, timedelta(count))


def month_span(year: int, month: int, count: int = 1) -> Span:
    """Returns some months from a first month on.

    Raises:
        ValueError: there is no such month.
    """
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month}")
    return _month(12 * year + month - 1), _month(12 * year + month - 1 + count)


def years_span(year: int, count: int = 1) -> Span:
    """Returns some years from a first year on.

    Raises:
        ValueError: the year is not in 1..9999.
    """
    return month_span(year, 1, 12 * count)


def _month(number: int) -> datetime:
    """Returns the first instant of a month, counted from the year 0."""
    return END if number >= 12 * 10_000 else datetime(number // 12, number % 12 + 1, 1)


def _week(today: date, back: int) -> Span:
    return days_span(today - timedelta(today.weekday() + 7 * back), 7)


def _weekend(today: date, back: int) -> Span:
    return days_span(today - timedelta(today.weekday() - SATURDAY + 7 * back), 2)


def _night(today: date, back: int) -> Span:
    start, end = days_span(today - timedelta(back))
    return start + timedelta(hours=18), end + timedelta(hours=6)


def months_back(today: date, back: int) -> Span:
    """Returns the month so many months before the current one."""
    number = 12 * today.year + today.month - 1 - back
    return month_span(number // 12, number % 12 + 1)


# (today, how many units back) -> the span of that unit.
UNITS: dict[str, Callable[[date, int], Span]] = {
    "day": lambda today, back: days_span(today - timedelta(back)),
    "night": _night,
    "week": _week,
    "weekend": _weekend,
    "month": months_back,
    "year": lambda today, back: years_span(today.year - back),
}


def weekdays_in(spans: Iterable[Span], days: set[int]) -> Spans:
    """Returns the days in some spans with these weekdays, 0 for Monday."""
    found = []
    for start, end in spans:
        day, last = start.date(), after(end, timedelta(microseconds=-1)).date()
        for number in range(day.toordinal(), last.toordinal() + 1):
            if (number - 1) % 7 in days:
                found.append(days_span(date.fromordinal(number)))
    return overlap(merge(found), tuple(spans))


def merge(spans: Iterable[Span]) -> Spans:
    """Returns spans in order; spans that overlap or touch are merged."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def overlap(spans: Spans, others: Spans) -> Spans:
    """Returns the intersection of two lists of spans."""
    few, many = sorted((spans, others), key=len)
    found = []
    for start, end in few:
        place = max(bisect(many, (start, END)) - 1, 0)
        while place < len(many) and many[place][0] < end:
            if start < many[place][1]:
                found.append((max(start, many[place][0]), min(end, many[place][1])))
            place += 1
    return tuple(found)


def spans_words(spans: Spans) -> str:
    """Describes spans in words; of many, the first and the last."""
    if len(spans) <= 4:
        return " and ".join(map(span_words, spans))
    return f"{len(spans):,} times from {span_words(spans[0])} to {span_words(spans[-1])}"


def span_words(span: Span) -> str:
    """Describes a span: "1 June 2023 to 31 August 2023", "14 July 2023 18:00 to 19:00"."""
    start, end = span
    if start == BEGIN:
        return "any time" if end == END else f"before {_instant(end)}"
    if end == END:
        return f"since {_instant(start)}"
    if start.time() == time() == end.time():
        last = end - timedelta(days=1)
        same = last.date() == start.date()
        return day_words(start) if same else f"{day_words(start)} to {day_words(last)}"
    until = _clock(end) if end.date() == start.date() else f"{day_words(end)} {_clock(end)}"
    return f"{day_words(start)} {_clock(start)} to {until}"


def day_words(moment: date, *, year: bool = True) -> str:
    """Describes a day, with or without its year."""
    name = f"{moment.day} {MONTHS[moment.month - 1].title()}"
    return f"{name} {moment.year}" if year else name


def _instant(moment: datetime) -> str:
    return day_words(moment) + (f" {_clock(moment)}" if moment.time() != time() else "")


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"
