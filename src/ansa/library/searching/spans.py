"""Spans of time as calendars have them: days, weeks, months, seasons, festivals."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

Span = tuple[datetime, datetime]
"""From the first instant on, to before the second; naive clock time."""

BEGIN, END = datetime(1826, 1, 1), datetime(2101, 1, 1)  # the oldest photograph that survives
MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
FESTIVALS = {  # the first day's month and day, and how many days
    "christmas eve": (12, 24, 1),
    "christmas": (12, 24, 3),
    "xmas": (12, 24, 3),
    "new years eve": (12, 31, 1),
    "new year": (12, 31, 2),
    "halloween": (10, 31, 1),
    "valentines day": (2, 14, 1),
}
MOVABLE = "easter", "thanksgiving"


def day_span(day: date) -> Span:
    """One day."""
    start = datetime.combine(day, time())
    return start, start + timedelta(1)


def month_span(year: int, month: int, count: int = 1) -> Span:
    """Some months from one on."""

    def start(months: int) -> datetime:
        return datetime(year + (month - 1 + months) // 12, (month - 1 + months) % 12 + 1, 1)

    return start(0), start(count)


def years_span(year: int, count: int) -> Span:
    """Some years from one on."""
    return datetime(year, 1, 1), datetime(year + count, 1, 1)


def yearly(name: str) -> Callable[[int], Span]:
    """A month, a season or a festival by its year."""
    if name in SEASONS:
        return lambda year: month_span(year, SEASONS[name], 3)
    if name in FESTIVALS:
        month, day, days = FESTIVALS[name]
        return lambda year: _from(date(year, month, day), days)
    if name == "easter":
        return lambda year: _from(_easter(year) - timedelta(2), 4)
    if name == "thanksgiving":  # the fourth Thursday of November
        return lambda year: day_span(date(year, 11, 22 + (3 - date(year, 11, 1).weekday()) % 7))
    return lambda year: month_span(year, month_of(name))


def _from(day: date, days: int) -> Span:
    start = day_span(day)[0]
    return start, start + timedelta(days)


def _easter(year: int) -> date:
    """Easter Sunday, by the anonymous Gregorian algorithm (Meeus, 1991)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * i) // 451
    month, day = divmod(h + i - 7 * m + 114, 31)
    return date(year, month, day + 1)


def every(yearly: Callable[[int], Span], *, leaps: bool = False) -> tuple[Span, ...]:
    """What comes once a year, in all years that photos may be of, or in leap years alone."""
    years = range(BEGIN.year, END.year)
    return tuple(yearly(year) for year in years if not leaps or isleap(year))


def _week(today: date, back: int) -> Span:
    return _from(today - timedelta(today.weekday() + 7 * back), 7)


def _weekend(today: date, back: int) -> Span:
    return _from(today - timedelta(today.weekday() - 5 + 7 * back), 2)


def months_back(today: date, back: int) -> Span:
    """The month so many before this one."""
    months = 12 * today.year + today.month - 1 - back
    return month_span(months // 12, months % 12 + 1)


UNITS: dict[str, Callable[[date, int], Span]] = {  # today, how many back -> that one
    "day": lambda today, back: day_span(today - timedelta(back)),
    "night": lambda today, back: (
        day_span(today - timedelta(back))[0] + timedelta(hours=18),
        day_span(today - timedelta(back))[1] + timedelta(hours=6),
    ),
    "week": _week,
    "weekend": _weekend,
    "month": months_back,
    "year": lambda today, back: years_span(today.year - back, 1),
}


def overlap(spans: tuple[Span, ...], others: tuple[Span, ...]) -> tuple[Span, ...]:
    """Where both hold."""
    pairs = ((max(a, c), min(b, d)) for a, b in spans for c, d in others if a < d and c < b)
    return tuple(sorted(pairs))


def union(spans: tuple[Span, ...], others: tuple[Span, ...]) -> tuple[Span, ...]:
    """Where either holds; they must not overlap."""
    return tuple(sorted({*spans, *others}))


def span_words(span: Span) -> str:
    """A span in words: "1 June 2023 to 31 August 2023"."""
    start, end = span
    if start == BEGIN:
        return f"before {day_name(end)}"
    if end == END:
        return f"since {day_name(start)}"
    last = end - timedelta(seconds=1)
    if last.date() == start.date():
        return day_name(start)
    return f"{day_name(start)} to {day_name(last)}"


def day_name(moment: datetime, *, year: bool = True) -> str:
    """A day in words, with or without its year."""
    name = f"{moment.day} {MONTHS[moment.month - 1].title()}"
    return f"{name} {moment.year}" if year else name


def month_of(name: str) -> int:
    """1..12, by a month's name or its first letters."""
    return next(n for n, month in enumerate(MONTHS, 1) if month.startswith(name[:3]))
