"""Times are kept as far as they surely go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.photo.metadata.timestamps import parse_timestamp
from ansa.scene import when_text

USUAL = "2013-03-04T05:06:07"


@pytest.mark.parametrize(
    ("text", "said"),
    {
        "2013:03:04 05:06:07": USUAL,
        "2013:3:4 5:06:07": USUAL,
        "2013: 3: 4  5: 6: 7": USUAL,
        "2013.03.04 05:06:07": USUAL,
        "2013/03/04 05.06.07": USUAL,
        "2013-03-04T05:06:07.891": USUAL,
        "2013:03:04:05:06:07": USUAL,
        "2013:03:04: 05:06:07": USUAL,
        "2013:03:0405:06:07": USUAL,
        "2013 03 04 05:06:07": USUAL,
        "2013:03:04 05:06:07\0\0 \0": USUAL,
        "  2013:03:04 05:06:07  ": USUAL,
        "2013:03:04 05:06:07 AM": USUAL,
        "2013:03:04 05:06:07:08": USUAL,
        "20130304 050607": USUAL,
        "20130304T050607": USUAL,
        "20130304050607": USUAL,
        "Mon Mar 04 05:06:07 2013": USUAL,
        "Mon Mar  4 05:06:07 CET 2013": USUAL,
        "Mar 4, 2013 5:06:07 AM": USUAL,
        "2013:03:04 05:06:07Z": f"{USUAL}+00:00",
        "2013-03-04T05:06:07+0200": f"{USUAL}+02:00",
        "2013-03-04T05:06:07.25-05:30": f"{USUAL}-05:30",
        "Mon, 04 Mar 2013 05:06:07 GMT": f"{USUAL}+00:00",
        "4 March 2013 05:06:07": USUAL,
        "2013:03:04 05:06:07 PM": "2013-03-04T17:06:07",
        "2013:03:04 12:06:07 am": "2013-03-04T00:06:07",
        "2015:08:22 24:08:19": "2015-08-22T00:08:19",
        "2016:12:31 23:59:60": "2016-12-31T23:59:59",
        "2013:03:04 05:06": "2013-03-04T05:06",
        "2013-03-04T05:06+01:00": "2013-03-04T05:06+01:00",
        "2013:03:04 05:06:  ": "2013-03-04T05:06",
        "2013:03:04 05:06:75": "2013-03-04T05:06",
        "2013:03:04 05:  :  ": "2013-03-04T05",
        "2013:03:04": "2013-03-04",
        "2013:03:04   :  :  ": "2013-03-04",
        "2013:03:04 25:00:00": "2013-03-04",
        "2013:03:04 05:75:00": "2013-03-04",
        "2013:03:04 garbage": "2013-03-04",
        "99:12:25 10:00:00": "1999-12-25T10:00:00",
        "25.12.2013 05:06": "2013-12-25T05:06",
        "12/25/2013": "2013-12-25",
        "2013年03月04日 05:06": "2013-03-04T05:06",
    }.items(),
)
def test_what_a_time_surely_says_is_kept(text: str, said: str) -> None:
    when = parse_timestamp(text)
    assert when is not None
    assert when_text(when.moment, when.precision) == said


@pytest.mark.parametrize(
    "text",
    [
        "0000:00:00 00:00:00",
        "0000:00:00",
        "    :  :     :  :  ",
        "2024:13:01 00:00:00",
        "2023:02:29 12:00:00",
        "2013:00:00 05:06:07",
        "1825:12:31 12:00:00",
        "9999:12:31 23:59:59",
        "03/04/2013 05:06",
        "13:03:04 05:06:07",
        "12013:03:04",
        "2013",
        "2013:03",
        "last summer",
        "",
        "２０２４:05:02 12:30:05",
    ],
)
def test_what_is_no_day_is_no_time(text: str) -> None:
    assert parse_timestamp(text) is None


@pytest.mark.parametrize(
    ("offset", "zone"),
    [
        ("Z", UTC),
        ("-0330", timezone(-timedelta(hours=3, minutes=30))),
        ("+14:00", timezone(timedelta(hours=14))),
        ("+2", timezone(timedelta(hours=2))),
        (" +02:00\0", timezone(timedelta(hours=2))),
    ],
)
def test_a_time_with_an_offset_is_aware(offset: str, zone: timezone) -> None:
    when = parse_timestamp("2024:05:02 12:30:05", offset)
    assert when is not None
    assert when.moment == datetime(2024, 5, 2, 12, 30, 5, tzinfo=zone)


@pytest.mark.parametrize("offset", ["", "   :  ", "+25:00", "+01:75", "CEST"])
def test_a_time_without_a_sane_offset_is_naive(offset: str) -> None:
    when = parse_timestamp("2024:05:02 12:30:05", offset)
    assert when is not None
    assert when.moment == datetime(2024, 5, 2, 12, 30, 5)


def test_a_clock_may_be_some_hours_ahead_but_not_days() -> None:
    soon = (datetime.now(UTC) + timedelta(hours=14)).replace(microsecond=0, tzinfo=None)
    when = parse_timestamp(soon.strftime("%Y:%m:%d %H:%M:%S"))
    assert when is not None
    assert when.moment == soon
    assert parse_timestamp((soon + timedelta(days=2)).strftime("%Y:%m:%d %H:%M:%S")) is None


@given(
    st.datetimes(datetime(1830, 1, 1), datetime(2024, 1, 1)),
    st.sampled_from([":", "-", "/", "."]),
    st.sampled_from([" ", "T", "  ", ": "]),
    st.booleans(),
)
def test_every_time_is_read_back(moment: datetime, a: str, between: str, padded: bool) -> None:
    form = "02d" if padded else "d"
    day = a.join(format(part, form) for part in (moment.month, moment.day))
    clock = ":".join(format(part, form) for part in (moment.hour, moment.minute, moment.second))
    when = parse_timestamp(f"{moment.year}{a}{day}{between}{clock}")
    assert when is not None
    assert (when.moment, when.precision) == (moment.replace(microsecond=0), "second")


@given(st.text(max_size=200), st.text(max_size=20))
def test_no_text_breaks_it(text: str, offset: str) -> None:
    for each in (text, f"2013:03:04 {text}", f"2013:03:04 05:06{text}"):
        when = parse_timestamp(each, offset)
        assert when is None or when.moment.year >= 1826
