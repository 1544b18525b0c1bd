from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.exif import Exif, HugeDirectoryError, parse_exif, read_tiff
from tests.photos import (
    exif_block,
    text,
    tiff_block,
    tiff_that_unpacks_to_gigabytes,
    tiff_with_many_entries,
)

TAKEN = "2024:05:02 12:30:05"


@pytest.mark.parametrize("order", ["<", ">"])
def test_time_place_camera_and_orientation_are_read(order: str) -> None:
    block = exif_block(
        orientation=6,
        taken=TAKEN,
        offset="+02:00",
        make="Canon",
        model="Canon EOS R5",
        place=(48.2082, -16.3738),
        order=order,
    )
    exif = parse_exif(block)
    assert exif.orientation == 6
    assert exif.taken == datetime(2024, 5, 2, 12, 30, 5, tzinfo=timezone(timedelta(hours=2)))
    assert exif.latitude == pytest.approx(48.2082)
    assert exif.longitude == pytest.approx(-16.3738)
    assert exif.camera == "Canon EOS R5"


@pytest.mark.parametrize(
    ("offset", "zone"),
    [
        ("Z", UTC),
        ("-0330", timezone(-timedelta(hours=3, minutes=30))),
        ("+14:00", timezone(timedelta(hours=14))),
    ],
)
def test_a_time_with_an_offset_is_aware(offset: str, zone: timezone) -> None:
    taken = parse_exif(exif_block(taken=TAKEN, offset=offset)).taken
    assert taken == datetime(2024, 5, 2, 12, 30, 5, tzinfo=zone)


@pytest.mark.parametrize("offset", [None, "", "   :  ", "+25:00", "+01:75", "CEST", "+1"])
def test_a_time_without_a_sane_offset_is_naive(offset: str | None) -> None:
    taken = parse_exif(exif_block(taken=TAKEN, offset=offset)).taken
    assert taken == datetime(2024, 5, 2, 12, 30, 5)


@pytest.mark.parametrize(
    "date",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2024:13:01 00:00:00",
        "2023:02:29 12:00:00",
        "2024:05:02 25:00:00",
        "1825:12:31 12:00:00",
        "9999:12:31 23:59:59",
        (datetime.now(UTC) + timedelta(days=2)).strftime("%Y:%m:%d %H:%M:%S"),
        "last summer",
        "",
        "２０２４:05:02 12:30:05",
    ],
)
def test_an_absurd_date_is_no_date(date: str) -> None:
    assert parse_exif(exif_block(taken=date)).taken is None


def test_a_clock_may_be_some_hours_ahead() -> None:
    soon = (datetime.now(UTC) + timedelta(hours=14)).replace(microsecond=0, tzinfo=None)
    assert parse_exif(exif_block(taken=soon.strftime("%Y:%m:%d %H:%M:%S"))).taken == soon


def test_without_a_date_taken_the_date_of_the_file_counts() -> None:
    block = exif_block(taken="0000:00:00 00:00:00", modified="2019:01:02 03:04:05")
    exif = parse_exif(block)
    assert (exif.taken, exif.taken_source) == (datetime(2019, 1, 2, 3, 4, 5), "file change tag")
    assert (
        parse_exif(exif_block(taken=TAKEN, modified="2019:01:02 03:04:05")).taken_source == "exif"
    )


GPS = {1: text("N"), 2: (5, [(48, 1), (12, 1), (0, 1)]), 3: text("E"), 4: (5, [(16, 1)] * 3)}


@pytest.mark.parametrize(
    "wrong",
    [
        {2: (5, [(0, 0)] * 3), 4: (5, [(0, 0)] * 3)},
        {2: (5, [(48, 1), (12, 1), (0, 0)])},
        {2: (5, [(0, 1)] * 3), 4: (5, [(0, 1)] * 3)},
        {2: (5, [(91, 1), (0, 1), (0, 1)])},
        {4: (5, [(180, 1), (1, 1), (0, 1)])},
        {1: text("X")},
        {3: text("")},
        {2: (5, [(48, 1)])},
        {2: (3, [48, 12, 0])},
        {2: text("48.2")},
    ],
)
def test_a_place_that_makes_no_sense_is_no_place(wrong: dict[int, Any]) -> None:
    assert parse_exif(exif_block(gps=GPS)).latitude == pytest.approx(48.2)
    exif = parse_exif(exif_block(gps={**GPS, **wrong}))
    assert (exif.latitude, exif.longitude) == (None, None)


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("NIKON CORPORATION", "NIKON D850", "NIKON D850"),
        ("Apple", "iPhone 15 Pro", "Apple iPhone 15 Pro"),
        ("  Apple ", None, "Apple"),
        (None, "X100V\0garbage", "X100V"),
        ("Evil\x1b[31m\nCam", "", "Evil [31m Cam"),
        ("", "", None),
    ],
)
def test_the_camera_is_named_once(make: str | None, model: str | None, camera: str | None) -> None:
    assert parse_exif(exif_block(make=make, model=model)).camera == camera


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_unknown_orientation_is_upright(orientation: int) -> None:
    assert parse_exif(exif_block(orientation=orientation)).orientation == 1


@pytest.mark.parametrize(
    "block", [b"", b"Exif\0\0", b"garbage", b"II*\0\xff\xff\xff\xff", b"MM\0*"]
)
def test_garbage_says_nothing(block: bytes) -> None:
    assert parse_exif(block) == Exif()


def test_directories_that_point_at_themselves_end() -> None:
    assert parse_exif(tiff_block({0x8769: (4, [8]), 0x8825: (4, [8])})) == Exif()


@pytest.mark.parametrize("file", [tiff_with_many_entries(), tiff_that_unpacks_to_gigabytes()])
def test_a_huge_directory_is_refused(file: bytes) -> None:
    with pytest.raises(HugeDirectoryError):
        read_tiff(io.BytesIO(file))
    assert parse_exif(file) == Exif()


@given(st.binary(max_size=300))
def test_no_bytes_break_it(block: bytes) -> None:
    parse_exif(block)
    parse_exif(b"II*\0\x08\0\0\0" + block)
    parse_exif(b"MM\0+\0\x08\0\0" + block)


FULL = exif_block(
    orientation=6, taken=TAKEN, offset="+02:00", make="A", model="B", place=(-48.2, 16.3)
)


@given(st.lists(st.tuples(st.integers(0, len(FULL) - 1), st.integers(0, 255)), max_size=12))
def test_mangled_exif_gives_sane_facts_or_none(changes: list[tuple[int, int]]) -> None:
    block = bytearray(FULL)
    for at, value in changes:
        block[at] = value
    exif = parse_exif(bytes(block))
    assert exif.orientation in range(1, 9)
    assert exif.taken is None or 1826 <= exif.taken.year <= datetime.now(UTC).year + 1
    assert exif.latitude is None or -90 <= exif.latitude <= 90
    assert exif.longitude is None or -180 <= exif.longitude <= 180
    assert exif.camera is None or exif.camera.isprintable()
