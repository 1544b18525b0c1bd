"""Reads dates in digits: "2023-07-14", "30.12.2023", "12/25/2022", "20221225", "2022-12".

If only one of two numbers can be the month, it is. If both can, the order of the region is used:
month first in the United States and countries with the same order, day first elsewhere. A note says
which order was used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ansa.library.calendar.spans import YEARS, day_words

MONTH_FIRST = frozenset("US AS FM GU MH MP PH PR PW UM VI".split())  # noqa: SIM905
"""Countries that write the month before the day, according to Unicode's CLDR."""

CHUNK = re.compile(
    r"(?<![\w'’/:#$€£+–-])(?<!\w\.)"
    r"(?:(?P<spaced>\d{1,2}\.\s\d{1,2}\.\s?\d{4}|\d{4}\s\d\d\s\d\d)"
    r"|(?P<dotted>\d{1,2}\.\d{1,2}\.)(?![\d.])"
    r"|(?P<glued>\d++(?:[-–./:]\d++)*+))"
    r"(?=$|T\d|[^\w/:%-])"
)
"""Groups of digits with their separators."""

_SEPARATORS = re.compile(r"[-–./\s]+")


@dataclass(frozen=True, slots=True)
class Digits:
    """A date in digits.

    Attributes:
        year: its first or only year; None if it has none.
        last: the last year of a range of years; otherwise None.
        month: 1..12; None for whole years.
        day: 1..31; None for whole months and years.
        note: an explanation of how it was read; empty if none is needed.
    """

    year: int | None
    month: int | None = None
    day: int | None = None
    last: int | None = None
    note: str = ""


def read_digits(chunk: str, today: date, *, month_first: bool) -> Digits | None:
    """Returns the date in a group of digits; None if they are no date.

    Args:
        chunk: a match of :data:`CHUNK`.
        today: the current day: years of two digits are in the last hundred years, and a year alone
            is not far in the future.
        month_first: the order that is used if the numbers do not determine it.

    Raises:
        ValueError: they look like a date, but no date or several dates fit; the message says why.
    """
    if ":" in chunk:
        return None
    parts = [part for part in _SEPARATORS.split(chunk) if part]
    if len(parts) == 1:
        return _alone(parts[0], today)
    if len(parts) == 2:
        return _pair(parts, chunk, today)
    return _triple(parts, today, month_first, "." in chunk) if len(parts) == 3 else None


def short_year(digits: str, today: date) -> int:
    """Returns the latest year with these last two digits that is not in the future."""
    year = today.year // 100 * 100 + int(digits)
    return year if year <= today.year else year - 100


def _alone(digits: str, today: date) -> Digits | None:
    if len(digits) == 4 and YEARS.start <= int(digits) <= today.year + 1:
        return Digits(int(digits))
    if len(digits) == 8 and YEARS.start <= int(digits[:4]) <= today.year + 1:
        try:
            day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            return None
        return _digits(day)
    return None


def _pair(parts: list[str], chunk: str, today: date) -> Digits | None:
    lengths, (first, second) = [len(part) for part in parts], [int(part) for part in parts]
    if lengths == [4, 4]:
        if first > second or "." in chunk:
            raise ValueError("the years are not in order")
        return Digits(first, last=second)
    if lengths[0] == 4 and lengths[1] <= 2:
        later = first // 100 * 100 + second
        if lengths[1] == 2 and second > 12 and "." not in chunk and first < later <= today.year:
            return Digits(first, last=later)
        return Digits(first, _month(second))
    if lengths[0] <= 2 and lengths[1] == 4:
        return Digits(second, _month(first))
    if chunk.endswith("."):
        try:
            date(2000, second, first)
        except ValueError:
            return None
        return Digits(None, second, first)
    return None


def _month(number: int) -> int:
    if not 1 <= number <= 12:
        raise ValueError(f"there is no month {number}")
    return number


def _triple(parts: list[str], today: date, month_first: bool, dots: bool) -> Digits | None:
    lengths, (a, b, c) = [len(part) for part in parts], [int(part) for part in parts]
    if lengths[0] == 4 and max(lengths[1:]) <= 2:
        return _digits(date(a, b, c))
    if lengths[2] == 4 and max(lengths[:2]) <= 2:
        days = list(_valid((c, b, a), (c, a, b)))
        if not days:
            raise ValueError("there is no such day")
        if len(set(days)) == 1 or dots:  # dots follow the day wherever they are used
            return _digits(days[0])
        taken, other = days if not month_first else days[::-1]
        order = "month" if month_first else "day"
        return _digits(taken, f"read with the {order} first; not as {day_words(other)}")
    if lengths != [2, 2, 2]:
        return None
    year = short_year(parts[2], today)
    days = list(_valid((year, b, a), (year, a, b)))
    if 2000 + a <= today.year:
        days += _valid((2000 + a, b, c))
    if not days:
        return None
    if len(set(days)) > 1:
        ways = " or ".join(map(day_words, dict.fromkeys(days)))
        raise ValueError(f"it may be {ways}; write the year in full")
    return _digits(days[0])


def _valid(*days: tuple[int, int, int]) -> Iterator[date]:
    for each in days:
        try:
            yield date(*each)
        except ValueError:
            continue


def _digits(day: date, note: str = "") -> Digits:
    return Digits(day.year, day.month, day.day, note=note)
