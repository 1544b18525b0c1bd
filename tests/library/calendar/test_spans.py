from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from ansa.library.calendar.spans import (
    BEGIN,
    END,
    UNITS,
    days_span,
    merge,
    month_span,
    overlap,
    span_words,
    weekdays_in,
    years_span,
)


@pytest.mark.parametrize("unit", UNITS)
def test_units_follow_each_other_backwards(unit: str) -> None:
    for today in (date(2024, 2, 29), date(2026, 11, 23), date(2026, 1, 1)):
        this, last = (UNITS[unit](today, back) for back in (0, 1))
        assert last[0] < this[0]
        assert last[1] <= this[0] or unit == "night"
        if unit not in ("weekend", "night"):
            assert this[0] <= datetime.combine(today, datetime.min.time()) < this[1]


def test_overlap_and_merge() -> None:
    day, next_day = (days_span(date(2024, 5, 1) + timedelta(n)) for n in (0, 1))
    assert overlap((day,), (next_day,)) == ()
    assert overlap((day,), (days_span(date(2024, 5, 1), 9),)) == (day,)
    assert merge([next_day, day]) == (days_span(date(2024, 5, 1), 2),)
    days = weekdays_in([years_span(2024)], {6})
    assert overlap(days, (month_span(2024, 9),)) == weekdays_in([month_span(2024, 9)], {6})


def test_the_calendar_ends_where_years_do() -> None:
    assert days_span(date.max)[1] == END == years_span(9999)[1]
    assert span_words((BEGIN, END)) == "any time"
    with pytest.raises(ValueError, match="no month 13"):
        month_span(2024, 13)
