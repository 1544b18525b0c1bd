from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from ansa.library.searching.spans import UNITS, day_span, every, overlap, span_words, union, yearly


@pytest.mark.parametrize(
    ("name", "year", "words"),
    [
        ("easter", 2023, "7 April 2023 to 10 April 2023"),
        ("easter", 2025, "18 April 2025 to 21 April 2025"),
        ("easter", 2038, "23 April 2038 to 26 April 2038"),
        ("thanksgiving", 2023, "23 November 2023"),
        ("thanksgiving", 2029, "22 November 2029"),
        ("winter", 2023, "1 December 2023 to 29 February 2024"),
        ("new year", 2022, "31 December 2022 to 1 January 2023"),
        ("sept", 2024, "1 September 2024 to 30 September 2024"),
    ],
)
def test_what_comes_every_year_is_when_calendars_say(name: str, year: int, words: str) -> None:
    assert span_words(yearly(name)(year)) == words


def test_every_year_has_its_own_and_none_overlap() -> None:
    for name in ("easter", "thanksgiving", "winter", "new year", "february"):
        spans = every(yearly(name))
        assert all(a[1] < b[0] for a, b in pairwise(spans))


@pytest.mark.parametrize("unit", UNITS)
def test_units_follow_each_other_backwards(unit: str) -> None:
    for today in (date(2024, 2, 29), date(2026, 11, 23), date(2026, 1, 1)):
        this, last = (UNITS[unit](today, back) for back in (0, 1))
        assert last[0] < this[0]
        assert last[1] <= this[0] or unit == "night"
        if unit not in ("weekend", "night"):
            assert this[0] <= datetime.combine(today, datetime.min.time()) < this[1]


def test_overlap_and_union() -> None:
    day, next_day = (day_span(date(2024, 5, 1) + timedelta(n)) for n in (0, 1))
    assert overlap((day,), (next_day,)) == ()
    assert overlap((day,), (day, next_day)) == (day,)
    assert union((next_day,), (day,)) == (day, next_day)
