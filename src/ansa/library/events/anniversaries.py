"""Anniversaries: days of the year with photos in more years than chance would explain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from math import comb

MonthDay = tuple[int, int]

_CHANCE = 0.05  # expected number of such days by chance in a whole library
_DAYS = 366


def yearly_days(days: Collection[date]) -> list[MonthDay]:
    """Returns the days of the year, as month and day, that have photos year after year.

    If photos fell on days by chance, the number of years of one day would be binomial. A day
    counts if chance would give fewer than 0.05 days of the year with as many years as it has
    (Bonferroni's correction). Consecutive days are a yearly journey and not an anniversary.

    Args:
        days: all days with photos.
    """
    if not days:
        return []
    first, last = min(days), max(days)
    share = len(set(days)) / ((last - first).days + 1)
    years: defaultdict[MonthDay, set[int]] = defaultdict(set)
    for day in days:
        years[day.month, day.day].add(day.year)
    kept = {each for each, seen in years.items() if _unlikely(each, len(seen), first, last, share)}
    numbers = {date(2000, *each).toordinal() % _DAYS for each in kept}
    return sorted(
        each
        for each in kept
        if not {(date(2000, *each).toordinal() + step) % _DAYS for step in (-1, 1)} & numbers
    )


def _unlikely(day: MonthDay, seen: int, first: date, last: date, share: float) -> bool:
    there = sum(_lies(year, day, first, last) for year in range(first.year, last.year + 1))
    by_chance = sum(
        comb(there, years) * share**years * (1 - share) ** (there - years)
        for years in range(seen, there + 1)
    )
    return seen > 1 and _DAYS * by_chance < _CHANCE


def _lies(year: int, day: MonthDay, first: date, last: date) -> bool:
    try:
        return first <= date(year, *day) <= last
    except ValueError:  # 29 February in another year
        return False
