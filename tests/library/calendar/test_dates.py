"""Words for times mean what they say; what is not understood is said, and never made wider."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansa.library.calendar.dates import QueryTime, both, take_dates
from ansa.library.calendar.holidays import Region
from ansa.library.calendar.spans import MONTHS, WEEKDAYS, clock, day_words
from ansa.library.calendar.times import TimeContext

TODAY = date(2026, 11, 23)  # a Monday
SOUTH, NORTH = Region("AU", True), Region("DE", False)


def reader(today: date = TODAY, home: Region | None = None) -> TimeContext:
    return TimeContext(today, lambda: home or Region(), lambda: frozenset({"independence day"}))


def understood(text: str, today: date = TODAY) -> tuple[str, str]:
    dates = take_dates(text, reader(today))
    when = both(dates.times)
    return dates.rest, str(when) if when else ""


def the_time(text: str, today: date = TODAY, home: Region | None = None) -> QueryTime:
    dates = take_dates(text, reader(today, home))
    when = both(dates.times)
    assert when, f"{text}: {dates}"
    assert not dates.rest
    return when


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2024-05-01", "1 May 2024"),
        ("2024-05", "1 May 2024 to 31 May 2024"),
        ("2022/12", "1 December 2022 to 31 December 2022"),
        ("12/2022", "1 December 2022 to 31 December 2022"),
        ("2023", "1 January 2023 to 31 December 2023"),
        ("30.12.2023", "30 December 2023"),
        ("30. 12. 2023", "30 December 2023"),
        ("2022.12.25", "25 December 2022"),
        ("2022 12 25", "25 December 2022"),
        ("12/25/2022", "25 December 2022"),
        ("25/12/2022", "25 December 2022"),
        ("25-12-2022", "25 December 2022"),
        ("25-dec-2022", "25 December 2022"),
        ("20221225", "25 December 2022"),
        ("0001-01-02", "2 January 1"),
        ("31/12/86", "31 December 1986"),
        ("30.12.", "30 December of any year"),
        ("July 14th, 2023", "14 July 2023"),
        ("friday, 14 july 2023", "14 July 2023"),
        ("14 of july 2023", "14 July 2023"),
        ("3-5 july 2022", "3 July 2022 to 5 July 2022"),
        ("july 3-5, 2022", "3 July 2022 to 5 July 2022"),
        ("between 3 and 5 july 2022", "3 July 2022 to 5 July 2022"),
        ("2022-12-24 and 2022-12-26", "24 December 2022 and 26 December 2022"),
        ("Q3 2022", "1 July 2022 to 30 September 2022"),
        ("14 and 16 july 2022", "14 July 2022 and 16 July 2022"),
        ("2023-07-14 18:00", "14 July 2023 18:00 to 19:00"),
        ("2023-07-14T18:23", "14 July 2023 18:23 to 18:24"),
        ("14 july 2023 at 6 pm", "14 July 2023 18:00 to 19:00"),
        ("14 july 2023 18:00-20:00", "14 July 2023 18:00 to 20:00"),
        ("14 july 2023, 6 pm to 8 pm", "14 July 2023 18:00 to 20:00"),
        ("20230714T182311", "14 July 2023 18:23:11 to 18:23:12"),
        ("2022-12-24..2022-12-26", "24 December 2022 to 26 December 2022"),
        ("a sunday in may 2021", "5 times from 2 May 2021 to 30 May 2021"),
        ("around christmas 2022", "21 December 2022 to 29 December 2022"),
        ("circa 1990", "1 January 1989 to 31 December 1991"),
        ("a year ago today", "23 November 2025"),
        ("summer holidays 2023", "1 June 2023 to 31 August 2023"),
        ("summer 2023", "1 June 2023 to 31 August 2023"),
        ("summer of '69", "1 June 1969 to 31 August 1969"),
        ("summer 22", "1 June 2022 to 31 August 2022"),
        ("2022 summer", "1 June 2022 to 31 August 2022"),
        ("winter 2022/23", "1 December 2022 to 28 February 2023"),
        ("winter 2022-2023", "1 December 2022 to 28 February 2023"),
        ("the winter of 22/23", "1 December 2022 to 28 February 2023"),
        ("2022/23", "1 January 2022 to 31 December 2023"),
        ("2019-21", "1 January 2019 to 31 December 2021"),
        ("christmas 2023", "24 December 2023 to 26 December 2023"),
        ("Valentine’s Day 2023", "14 February 2023"),
        ("new year’s eve 2022", "31 December 2022"),
        ("new year's eve", "31 December of any year"),
        ("new year 2024", "31 December 2023 to 1 January 2024"),
        ("easter 2024", "29 March 2024 to 1 April 2024"),
        ("thanksgiving 2024", "28 November 2024"),
        ("the 90s", "1 January 1990 to 31 December 1999"),
        ("nineties", "1 January 1990 to 31 December 1999"),
        ("late 90s", "1 January 1997 to 31 December 1999"),
        ("today", "23 November 2026"),
        ("yesterday", "22 November 2026"),
        ("day before yesterday", "21 November 2026"),
        ("the week before last", "9 November 2026 to 15 November 2026"),
        ("the summer before last", "1 June 2025 to 31 August 2025"),
        ("last christmas", "24 December 2025 to 26 December 2025"),
        ("last summer", "1 June 2026 to 31 August 2026"),
        ("last july", "1 July 2026 to 31 July 2026"),
        ("last year", "1 January 2025 to 31 December 2025"),
        ("last month", "1 October 2026 to 31 October 2026"),
        ("last week", "16 November 2026 to 22 November 2026"),
        ("last weekend", "21 November 2026 to 22 November 2026"),
        ("last night", "22 November 2026 18:00 to 23 November 2026 06:00"),
        ("last monday", "16 November 2026"),
        ("two weeks ago", "9 November 2026 to 15 November 2026"),
        ("last 3 months", "23 August 2026 to 23 November 2026"),
        ("on this day, 3 years ago", "23 November 2023"),
        ("this week, 3 years ago", "20 November 2023 to 26 November 2023"),
        ("july", "1 July to 31 July of any year"),
        ("in may", "1 May to 31 May of any year"),
        ("february 29", "29 February of any year"),
        ("at christmas", "24 December to 26 December of any year"),
        ("at easter", "Easter of any year"),
        ("every weekend", "every weekend"),
        ("sundays in 2022", "every Sunday within 1 January 2022 to 31 December 2022"),
        ("first week of may 2021", "1 May 2021 to 7 May 2021"),
        ("last week of may 2021", "25 May 2021 to 31 May 2021"),
        ("second monday of may 2022", "9 May 2022"),
        ("early 2021", "1 January 2021 to 30 April 2021"),
        ("end of june 2022", "21 June 2022 to 30 June 2022"),
        ("third quarter of 2022", "1 July 2022 to 30 September 2022"),
        ("the day before christmas 2022", "23 December 2022"),
        ("two weeks after easter 2023", "11 April 2023 to 24 April 2023"),
        ("the last weekend before christmas 2022", "17 December 2022 to 18 December 2022"),
        ("weekend of May 4, 2024", "4 May 2024 to 5 May 2024"),
        ("weekend of 4 May 2024", "4 May 2024 to 5 May 2024"),
        ("since 2020", "since 1 January 2020"),
        ("2020 onwards", "since 1 January 2020"),
        ("after 2019", "since 1 January 2020"),
        ("no later than 2019", "before 1 January 2020"),
        ("2019 or earlier", "before 1 January 2020"),
        ("before may 2019", "before 1 May 2019"),
        ("2019-2021", "1 January 2019 to 31 December 2021"),
        ("since 2019 until 2021", "1 January 2019 to 31 December 2021"),
        ("after 2019 and before 2022", "1 January 2020 to 31 December 2021"),
        ("between june 2020 and march 2021", "1 June 2020 to 31 March 2021"),
        ("june to august 2023", "1 June 2023 to 31 August 2023"),
        ("december to february 2023", "1 December 2022 to 28 February 2023"),
        ("christmas to new year 2023", "24 December 2022 to 1 January 2023"),
        ("june 2022 to august", "1 June 2022 to 31 August 2022"),
        ("june to yesterday", "1 June 2026 to 22 November 2026"),
        ("june to august", "1 June to 31 August of any year"),
        ("july or august 2022", "1 July 2022 to 31 August 2022"),
        ("june july 2022", "1 June 2022 to 31 July 2022"),
        ("june, july and august 2022", "1 June 2022 to 31 August 2022"),
        ("july/august 2022", "1 July 2022 to 31 August 2022"),
        ("july 2022 and 2024", "1 July 2022 to 31 July 2022 and 1 July 2024 to 31 July 2024"),
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
        "99999 years ago", "9999 years ago", "2049", "ISO 12345", "Mary", "夏 2023年", "",
        "spring-summer dress", "IMG_2023", "v2.2023", "192.168.2.2023", "16:9", "24-70mm", "3.5",
        "a woman in her thirties", "summer and winter clothes", "independence day parade",
    ],
)  # fmt: skip
def test_what_is_no_time_stays_in_the_text(text: str) -> None:
    dates = take_dates(text, reader())
    assert (dates.rest, dates.times, dates.unread) == (text, (), ())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("31 june 2023", "there is no such day"),
        ("29 february 2023", "there is no such day"),
        ("30.13.2023", "there is no such day"),
        ("2023-13-45", "there is no such day"),
        ("2023-99", "there is no month 99"),
        ("24.-26.12.2022", "it is not a way to write dates that is known"),
        ("2022-W12", "it is not a way to write dates that is known"),
        ("25/12/22", "it may be 25 December 2022 or 22 December 2025; write the year in full"),
        ("from 2021 to 2019", "it ends before it begins"),
        ("since july", "it does not say of which year"),
        ("tuesday 14 july 2023", "that day is no Tuesday"),
        ("14 july 2023 25:00", "there is no such hour"),
        ("fifth monday of february 2022", "it has no fifth monday"),
    ],
)
def test_what_looks_like_a_time_and_is_none_is_said_and_never_read_as_a_wider_one(
    text: str, why: str
) -> None:
    dates = take_dates(f"a dog {text}", reader())
    assert (dates.rest, dates.times) == (f"a dog {text}", ())
    assert [told for _, told in dates.unread] == [why]


@pytest.mark.parametrize(
    ("text", "left"),
    [("12 2023", "12"), ("week 12 of 2023", "12"), ("feburary 2023", "feburary"),
     ("14. Dezember 2023", "Dezember"), ("2023 wintre", "wintre")],
)  # fmt: skip
def test_what_stands_beside_a_time_and_may_belong_to_it_is_said_to_be_left_out(
    text: str, left: str
) -> None:
    (when,) = take_dates(f"dogs {text}", reader()).times
    assert str(when) == "1 January 2023 to 31 December 2023"
    assert when.note == f'"{left}" beside it was not read as a part of it'
    assert take_dates("dogs 2023 beach", reader()).times[0].note == ""


def test_of_two_readings_the_region_decides_and_what_was_taken_is_said() -> None:
    for text in ("03/04/2022", "3-4-2022"):
        assert str(the_time(text)) == "3 April 2022"
        assert the_time(text).note == "read with the day first; not as 4 March 2022"
        assert str(the_time(text, home=Region("US"))) == "4 March 2022"
        assert "month first" in the_time(text, home=Region("US")).note
    assert the_time("03.04.2022", home=Region("US")).note == ""
    assert str(the_time("03.04.2022", home=Region("US"))) == "3 April 2022"


def test_times_that_overlap_narrow_each_other_and_others_are_alternatives() -> None:
    assert understood("july sunset last year") == ("sunset", "1 July 2025 to 31 July 2025")
    assert understood("last year, july") == ("", "1 July 2025 to 31 July 2025")
    assert understood("july and last year") == ("", "1 July 2025 to 31 July 2025")
    assert understood("cat 2022 or 2024")[1] == (
        "1 January 2022 to 31 December 2022 and 1 January 2024 to 31 December 2024"
    )


def test_last_christmas_is_over() -> None:
    assert understood("last christmas", date(2026, 12, 25))[1].endswith("26 December 2025")
    assert understood("last christmas", date(2026, 12, 27))[1].endswith("26 December 2026")


def test_winter_of_a_year_is_both_its_ends() -> None:
    when = the_time("winter 2023")
    assert holding(when, "2023-01-31", "2023-03-01", "2023-12-01", "2024-02-29") == [1, 0, 1, 1]


def test_seasons_and_holidays_are_those_of_where_photos_were_taken() -> None:
    days = "2024-01-15", "2024-07-15", "2024-12-15"
    assert holding(the_time("summer 2024"), *days, region=NORTH) == [0, 1, 0]
    assert holding(the_time("summer 2024"), *days, region=SOUTH) == [1, 0, 1]
    assert holding(the_time("summer 2023/24"), *days, region=SOUTH) == [1, 0, 0]
    assert holding(the_time("winter 2023/24"), *days, region=SOUTH) == [0, 0, 0]
    assert holding(the_time("last winter"), "2026-01-15", "2026-07-15", region=SOUTH) == [0, 1]
    easter = the_time("easter 2024")
    assert holding(easter, "2024-03-31", "2024-05-05", region=Region("GR")) == [0, 1]
    assert holding(easter, "2024-03-31", "2024-05-05", region=NORTH) == [1, 0]
    assert holding(the_time("independence day 2024"), "2024-07-04", region=Region("US")) == [1]
    assert "south of the equator" in the_time("summer 2024").told([NORTH, SOUTH])


def test_days_begin_and_end_at_midnight_and_no_time_is_never_meant() -> None:
    when = the_time("14 july 2023")
    times = "2023-07-13T23:59:59", "2023-07-14T00:00", "2023-07-14T23:59:59", "2023-07-15T00:00"
    assert holding(when, *times) == [False, True, True, False]
    assert not when.holds(np.array([np.nan])).any()


def test_clocks_at_1970_are_in_no_recent_year() -> None:
    assert holding(the_time("since 2020"), "1970-01-01", "2036-02-07") == [False, True]


def test_many_times_in_a_long_query_are_bounded() -> None:
    dates = take_dates("july " * 2000, reader())
    assert len(dates.times) == 8
    assert dates.rest.startswith("july july")


@given(st.dates(), st.sampled_from(range(9)))
@example(date(2024, 2, 29), 0)
@example(date(9999, 12, 31), 3)
@example(date(1, 1, 1), 2)
def test_a_day_in_any_spelling_is_exactly_that_day(day: date, form: int) -> None:
    month = MONTHS[day.month - 1]
    year = f"{day.year:04}"
    forms = [
        day.isoformat(),
        f"{day.day}.{day.month}.{year}",
        f"{year}.{day.month:02}.{day.day:02}",
        f"{year}/{day.month}/{day.day}",
        f"{day.day:02}/{day.month:02}/{year}",
        *([f"{day.day} {month} {year}", f"{month} {day.day}, {year}"] * (1850 < day.year < 2090)),
        *([f"{WEEKDAYS[day.weekday()]} {day.day} {month} {year}"] * (1850 < day.year < 2090)),
        *([f"{year}{day.month:02}{day.day:02}"] * (1850 < day.year < 2027)),
    ]
    when = the_time(forms[form % len(forms)])
    start = datetime.combine(day, datetime.min.time())
    ((first, last),) = when.spans
    assert first == start
    assert last == start + timedelta(1) if day < date.max else last == datetime.max


TOKENS = """june may march sunday 2022 2019 '21 90s nineties christmas winter summer easter eve new
year day week weekend month last first this before after since until between and or to - , / from in
of the not early end 3 14 31 29 february 00 99999 0 12/25/2022 2022-12 2022/23 25.12. 18:00 at pm
ago years yesterday today a few 2022-02-30 every december january 1 dog ’ . 夏 ٣"""
WORDS = st.sampled_from(TOKENS.split())


@settings(deadline=None)  # holidays of a country are loaded once
@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=9).map(" ".join)))
@example("²³ july ²")
@example("\ud800 2022")
@example("9999-12-31 to 9999-12-31")
@example("the week before 0001-01-01")
def test_any_text_is_read_without_an_error_and_into_spans_in_order(text: str) -> None:
    dates = take_dates(text, reader(home=Region("US")))
    for when in dates.times:
        for region in (Region(), NORTH, SOUTH):
            spans = when.meaning(region)
            assert all(start < end for start, end in spans)
            assert all(a[1] < b[0] for a, b in pairwise(spans))
            assert when.told([region])
    if both(dates.times) is None:
        assert dates.rest == text


@given(st.dates(date(1850, 1, 1), date(2090, 1, 1)), st.integers(0, 400), st.booleans())
def test_a_range_holds_its_ends_and_nothing_outside(first: date, days: int, words: bool) -> None:
    last = first + timedelta(days)
    form = day_words if words else date.isoformat
    when = the_time(f"{form(first)} to {form(last)}")
    inside = [first, last, first + timedelta(days // 2)]
    outside = [first - timedelta(1), last + timedelta(1)]
    assert all(holding(when, *(day.isoformat() for day in inside)))
    assert not any(holding(when, *(day.isoformat() for day in outside)))


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1850, 2090))
def test_a_range_of_months_with_one_year_is_the_shortest_that_ends_in_it(
    first: int, last: int, year: int
) -> None:
    when = the_time(f"{MONTHS[first - 1]} to {MONTHS[last - 1]} {year}")
    ((start, end),) = when.spans
    assert (start.month, start.year) == (first, year - (first > last))
    assert (end - timedelta(1)).month == last
    assert end - start <= timedelta(366)


def holding(when: QueryTime, *moments: str, region: Region | None = None) -> list[bool]:
    clocks = np.array([clock(datetime.fromisoformat(moment)) for moment in moments])
    where = [(region, np.ones(len(clocks), np.bool_))] if region else []
    return when.holds(clocks, where).tolist()  # type: ignore[no-any-return]
