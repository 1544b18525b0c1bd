from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest

from ansa.library.searching.dates import When, both, take_dates
from ansa.library.searching.times import clock

TODAY = date(2026, 11, 23)  # a Monday


def understood(text: str, today: date = TODAY) -> tuple[str, str]:
    rest, times = take_dates(text, today)
    when = both(times)
    return rest, str(when) if when else ""


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2024-05-01", "1 May 2024"),
        ("2024-05", "1 May 2024 to 31 May 2024"),
        ("2023", "1 January 2023 to 31 December 2023"),
        ("July 14th, 2023", "14 July 2023"),
        ("14 of july 2023", "14 July 2023"),
        ("summer 2023", "1 June 2023 to 31 August 2023"),
        ("christmas 2023", "24 December 2023 to 26 December 2023"),
        ("new year’s eve 2022", "31 December 2022"),
        ("easter 2024", "29 March 2024 to 1 April 2024"),
        ("thanksgiving 2024", "28 November 2024"),
        ("the 90s", "1 January 1990 to 31 December 1999"),
        ("yesterday", "22 November 2026"),
        ("last christmas", "24 December 2025 to 26 December 2025"),
        ("last summer", "1 June 2026 to 31 August 2026"),
        ("last july", "1 July 2026 to 31 July 2026"),
        ("last year", "1 January 2025 to 31 December 2025"),
        ("last month", "1 October 2026 to 31 October 2026"),
        ("last week", "16 November 2026 to 22 November 2026"),
        ("last weekend", "21 November 2026 to 22 November 2026"),
        ("last monday", "16 November 2026"),
        ("two weeks ago", "9 November 2026 to 15 November 2026"),
        ("last 3 months", "23 August 2026 to 23 November 2026"),
        ("july", "1 July to 31 July of any year"),
        ("in may", "1 May to 31 May of any year"),
        ("february 29", "29 February of any year"),
        ("at christmas", "24 December to 26 December of any year"),
        ("since 2020", "since 1 January 2020"),
        ("before may 2019", "before 1 May 2019"),
        ("2019-2021", "1 January 2019 to 31 December 2021"),
        ("between june 2020 and march 2021", "1 June 2020 to 31 March 2021"),
    ],
)
def test_words_for_a_time_are_understood(text: str, meaning: str) -> None:
    assert understood(text) == ("", meaning)
    assert understood(f"a dog {text}") == ("a dog", meaning)
    assert understood(f"{text}, a dog") == ("a dog", meaning)


@pytest.mark.parametrize(
    "text",
    [
        "may", "march", "christmas tree", "a summer dress", "in the summer sun", "12 men",
        "31 june 2023", "2023-13-45", "2023-99", "99999 years ago", "9999 years ago",
        "from 2021 to 2019", "2049", "since july", "ISO 12345", "Mary", "夏 2023年", "",
    ],
)  # fmt: skip
def test_what_is_no_time_stays_in_the_text(text: str) -> None:
    assert understood(text) == (text, "")


def test_times_that_overlap_narrow_each_other_and_others_are_alternatives() -> None:
    assert understood("july sunset last year") == ("sunset", "1 July 2025 to 31 July 2025")
    assert understood("cat 2022 or 2024")[1] == (
        "1 January 2022 to 31 December 2022 and 1 January 2024 to 31 December 2024"
    )


def test_last_christmas_is_over() -> None:
    assert understood("last christmas", date(2026, 12, 25))[1].endswith("26 December 2025")
    assert understood("last christmas", date(2026, 12, 27))[1].endswith("26 December 2026")


def test_winter_of_a_year_is_both_its_ends() -> None:
    (when,) = take_dates("winter 2023", TODAY)[1]
    assert holding(when, "2023-01-31", "2023-03-01", "2023-12-01", "2024-02-29") == [1, 0, 1, 1]


def test_days_begin_and_end_at_midnight_and_no_time_is_never_meant() -> None:
    (when,) = take_dates("14 july 2023", TODAY)[1]
    times = "2023-07-13T23:59:59", "2023-07-14T00:00", "2023-07-14T23:59:59", "2023-07-15T00:00"
    assert holding(when, *times) == [False, True, True, False]
    assert not when.holds(np.array([np.nan])).any()


def test_clocks_at_1970_are_in_no_recent_year() -> None:
    (when,) = take_dates("since 2020", TODAY)[1]
    assert holding(when, "1970-01-01", "2036-02-07") == [False, True]


def test_many_times_in_a_long_query_are_bounded() -> None:
    rest, times = take_dates("july " * 2000, TODAY)
    assert len(times) == 8
    assert rest.startswith("july july")


def holding(when: When, *moments: str) -> list[bool]:
    clocks = np.array([clock(datetime.fromisoformat(moment)) for moment in moments])
    return when.holds(clocks).tolist()  # type: ignore[no-any-return]
