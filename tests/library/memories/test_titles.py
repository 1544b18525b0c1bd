"""Titles say when something was as people remember it."""

from __future__ import annotations

from datetime import date

import pytest

from ansa.library.memories import titles


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (date(2024, 5, 14), date(2024, 5, 14), "14 May 2024"),
        (date(2024, 5, 1), date(2024, 5, 30), "May 2024"),
        (date(2024, 5, 1), date(2024, 7, 1), "May to July 2024"),
        (date(2024, 1, 1), date(2024, 12, 1), "2024"),
        (date(2019, 1, 1), date(2024, 1, 1), "2019 to 2024"),
        (None, None, ""),
    ],
)
def test_a_period_is_no_closer_than_people_remember(
    first: date | None, last: date | None, told: str
) -> None:
    assert titles.period(first, last) == told


def test_a_title_without_a_time_is_only_what_it_shows() -> None:
    assert titles.titled("Dogs", "") == "Dogs"
    assert titles.titled("Dogs", "2024") == "Dogs, 2024"


def test_years_are_counted_from_today() -> None:
    assert titles.years_ago(date(2023, 5, 14), date(2024, 5, 14)) == "1 year ago"
    assert titles.years_ago(date(2014, 5, 14), date(2024, 5, 14)) == "10 years ago"
