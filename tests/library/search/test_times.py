from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.library.search.times import Times, parse_moment

TOKYO = timezone(timedelta(hours=9))
HAWAII = timezone(timedelta(hours=-10))


def inside(taken: datetime | None, after: object = None, before: object = None) -> bool:
    start = None if after is None else parse_moment(after)  # type: ignore[arg-type]
    end = None if before is None else parse_moment(before)  # type: ignore[arg-type]
    return bool(Times.of([taken]).between(start, end)[0])


@pytest.mark.parametrize(
    ("moment", "parsed"),
    [
        ("2023", datetime(2023, 1, 1)),
        ("2023-07", datetime(2023, 7, 1)),
        ("2023-07-14", datetime(2023, 7, 14)),
        ("2023-07-14T18:00", datetime(2023, 7, 14, 18)),
        ("2023-07-14T18:00+09:00", datetime(2023, 7, 14, 18, tzinfo=TOKYO)),
        ("14.07.2023", datetime(2023, 7, 14)),
        ("12/25/2022", datetime(2022, 12, 25)),
        ("summer 2023", datetime(2023, 6, 1)),
        ("14 july 2023 18:00", datetime(2023, 7, 14, 18)),
        (date(2023, 7, 14), datetime(2023, 7, 14)),
        (datetime(2023, 7, 14, 18), datetime(2023, 7, 14, 18)),
    ],
)
def test_moments_are_read_as_their_first_instant(moment: object, parsed: datetime) -> None:
    assert parse_moment(moment) == parsed  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["", "a dog yesterday", "2023-13", "31.06.2023", "july", "since 2020", "10/12/9", "\udcff"],
)
def test_what_is_no_date_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date like 2023"):
        parse_moment(text)


def test_after_takes_its_instant_in_and_before_leaves_it_out() -> None:
    taken = datetime(2023, 7, 14)
    assert inside(taken, after="2023-07-14")
    assert not inside(taken, before="2023-07-14")
    assert inside(taken, before="2023-07-15")
    assert inside(taken, "2023-07-14", "2023-07-15")


def test_photos_without_a_time_are_in_no_span() -> None:
    assert not inside(None, after="1900")
    assert not inside(None, before="2100")


def test_a_date_means_the_day_where_the_photo_was_taken() -> None:
    """New Year's Eve in Tokyo and in Hawaii, whatever the time in Greenwich."""
    for zone in (TOKYO, HAWAII, None):
        evening = datetime(2023, 12, 31, 23, 30, tzinfo=zone)
        assert inside(evening, after="2023-12-31", before="2024-01-01")
        assert not inside(evening, after="2024-01-01")


def test_moments_with_offsets_on_both_sides_are_compared_as_instants() -> None:
    taken = datetime(2024, 1, 1, 8, tzinfo=TOKYO)  # 23:00 in Greenwich
    assert inside(taken, before=datetime(2024, 1, 1, tzinfo=UTC))
    assert not inside(taken, before="2024-01-01")
    assert not inside(taken.replace(tzinfo=None), before=datetime(2024, 1, 1, tzinfo=UTC))


def test_the_hour_that_daylight_saving_repeats_keeps_its_clock_face() -> None:
    for fold in (0, 1):
        taken = datetime(2023, 10, 29, 2, 30, fold=fold)
        assert inside(taken, after="2023-10-29T02:00", before="2023-10-29T03:00")


moments = st.datetimes(
    min_value=datetime(1826, 1, 1),
    timezones=st.one_of(st.none(), st.sampled_from([UTC, TOKYO, HAWAII])),
)


@given(moments, moments)
def test_every_photo_is_either_before_a_moment_or_since_it(
    taken: datetime, bound: datetime
) -> None:
    assert inside(taken, after=bound) != inside(taken, before=bound)


def order(*taken: str | None) -> list[int]:
    times = Times.of(None if each is None else datetime.fromisoformat(each) for each in taken)
    return np.argsort(times.order, kind="stable").tolist()  # type: ignore[no-any-return]


def test_photos_that_state_their_offset_are_ordered_as_instants() -> None:
    set_back = "2023-10-29T02:10:00+01:00", "2023-10-29T02:50:00+02:00"
    assert order(*set_back) == [1, 0]
    assert order("2023-05-10T17:00:00+09:00", "2023-05-10T10:00:00-07:00") == [0, 1]
    assert order("2023-05-10T23:59:00-10:00", "2023-05-11T13:59:00+14:00") == [1, 0]


def test_a_clock_without_an_offset_is_set_like_that_of_the_nearest_photo_with_one() -> None:
    tokyo, camera, paris = (
        "2023-05-10T17:00:00+09:00",
        "2023-05-10T17:30:00",
        "2023-05-09T12:00+02:00",
    )
    assert order(camera, paris, tokyo) == [1, 2, 0]
    # Read as if it were UTC, it would come after what was taken hours later at home.
    assert order("2023-05-10T17:30:00", tokyo, "2023-05-10T11:00:00+02:00") == [1, 0, 2]
    assert order("2023-05-10T17:30:00", None, "2023-05-10T17:00:00") == [2, 0, 1]


@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(2020, 1, 1), datetime(2020, 1, 5)),
            st.one_of(st.none(), st.integers(-12, 14)),
        ),
        max_size=12,
    )
)
def test_there_is_one_order_of_all_that_keeps_stated_instants(
    taken: list[tuple[datetime, int | None]],
) -> None:
    zones = [None if hours is None else timezone(timedelta(hours=hours)) for _, hours in taken]
    times = Times.of(
        moment.replace(tzinfo=zone) for (moment, _), zone in zip(taken, zones, strict=True)
    )
    stated = ~np.isnan(times.instant)
    assert (times.order[stated] == times.instant[stated]).all()
    assert not np.isnan(times.order).any()
    if not stated.any():
        assert (times.order == times.clock).all()
    else:
        offsets = times.clock[stated] - times.instant[stated]
        assert np.isin(np.round(times.clock - times.order), np.round(offsets)).all()
