"""Days that people keep every year stand out from those that chance repeats."""

from __future__ import annotations

import random
from datetime import date, timedelta

from ansa.library.events.anniversaries import yearly_days

YEARS = range(2015, 2025)


def some_days(share: float, seed: int) -> set[date]:
    """Days of ten years, each with the same chance."""
    chance = random.Random(seed)
    days = (date(2015, 1, 1) + timedelta(days=n) for n in range(3652))
    return {day for day in days if chance.random() < share}


def test_a_day_of_every_year_is_found_among_others() -> None:
    kept = {date(year, 5, 14) for year in YEARS}
    assert yearly_days(some_days(0.15, 1) | kept) == [(5, 14)]


def test_chance_alone_keeps_no_day() -> None:
    found = [yearly_days(some_days(share, seed)) for seed in range(10) for share in (0.05, 0.3)]
    assert sum(map(bool, found)) <= 2  # one in twenty is what is allowed


def test_where_nearly_every_day_has_photos_none_stands_out() -> None:
    assert yearly_days(some_days(0.9, 3) | {date(year, 5, 14) for year in YEARS}) == []


def test_a_yearly_journey_is_no_anniversary() -> None:
    week = {date(year, 7, day) for year in YEARS for day in range(1, 8)}
    assert yearly_days(some_days(0.05, 4) | week) == []


def test_the_new_year_is_a_row_too() -> None:
    turn = {day for year in YEARS for day in (date(year, 12, 31), date(year, 1, 1))}
    assert yearly_days(some_days(0.05, 5) | turn) == []


def test_a_leap_day_and_too_few_days_are_no_error() -> None:
    assert yearly_days({date(year, 2, 29) for year in (2016, 2020, 2024)}) == [(2, 29)]
    assert yearly_days({date(2024, 1, 1)}) == []
    assert yearly_days(set()) == []
