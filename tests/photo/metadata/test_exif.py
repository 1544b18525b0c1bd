from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.photo.metadata.exif import Exif, parse_exif, read_tiff
from ansa.photo.metadata.tiff import HugeDirectoryError
from ansa.photo.metadata.timestamps import Timestamp
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
    zone = timezone(timedelta(hours=2))
    assert exif.taken == Timestamp(datetime(2024, 5, 2, 12, 30, 5, tzinfo=zone))
    assert exif.where == pytest.approx((48.2082, -16.3738))
    assert exif.camera == "Canon EOS R5"


def test_a_time_taken_comes_before_digitized_before_changed() -> None:
    taken, digitized, changed = (text(f"2019:01:0{n} 03:04:05") for n in (1, 2, 3))
    main, exif = {0x0132: changed}, {0x9003: taken, 0x9004: digitized}
    days = []
    for _ in range(3):
        said = parse_exif(tiff_block(main, exif))
        days.append([when and when.moment.day for when in (said.taken, said.changed)])
        if exif:
            del exif[min(exif)]
    assert days == [[1, 3], [2, 3], [None, 3]]


def test_each_time_has_its_own_offset() -> None:
    main = {0x0132: text(TAKEN)}
    exif = {0x9003: text(TAKEN), 0x9011: text("+02:00"), 0x9010: text("-05:00")}
    said = parse_exif(tiff_block(main, exif))
    assert said.taken is not None
    assert said.changed is not None
    assert said.changed.moment - said.taken.moment == timedelta(hours=7)


CLOCK = {29: text("2012:06:07"), 7: (5, [(8, 1), (9, 1), (2100, 200)])}


@pytest.mark.parametrize(
    ("gps", "when"),
    [
        (CLOCK, Timestamp(datetime(2012, 6, 7, 8, 9, 10, tzinfo=UTC))),
        ({29: CLOCK[29]}, Timestamp(datetime(2012, 6, 7), "day")),
        ({**CLOCK, 7: (5, [(8, 1)])}, Timestamp(datetime(2012, 6, 7), "day")),
        ({**CLOCK, 7: (5, [(99, 1), (0, 1), (0, 1)])}, Timestamp(datetime(2012, 6, 7), "day")),
        ({**CLOCK, 29: text("0000:00:00")}, None),
        ({7: CLOCK[7]}, None),
    ],
)
def test_a_receivers_clock_is_utc(gps: dict[int, Any], when: Timestamp | None) -> None:
    assert parse_exif(exif_block(gps=gps)).gps_time == when


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
        {2: (10, [(-48, 1), (-12, 1), (0, 1)])},
        {1: text("S"), 2: (10, [(48, 1), (-12, 1), (0, 1)])},
        {2: (5, [(48, 1), (61, 1), (0, 1)])},
        {2: (5, [(48, 1), (12, 1), (75, 1)])},
        {2: (12, [float("nan")])},
        {2: (12, [float("inf"), 12.0])},
        {2: (12, [91.0])},
        {2: (5, [])},
        {2: (3, [48, 12, 0])},
        {2: text("48.2")},
    ],
)
def test_a_place_that_makes_no_sense_is_no_place(wrong: dict[int, Any]) -> None:
    assert parse_exif(exif_block(gps=GPS)).where == pytest.approx((48.2, 16 + 16 / 60 + 16 / 3600))
    assert parse_exif(exif_block(gps={**GPS, **wrong})).where is None


@pytest.mark.parametrize(
    ("latitude", "degrees"),
    [
        ((5, [(482, 10)]), 48.2),
        ((5, [(48, 1), (125, 10)]), 48 + 12.5 / 60),
        ((5, [(48, 1), (12, 1), (0, 1), (7, 1)]), 48.2),
        ((10, [(48, 1), (12, 1), (0, 1)]), 48.2),
        ((11, [48.25]), 48.25),
        ((12, [48.0, 12.0, 0.0]), 48.2),
        ((12, [48.0, 59.0, 60.0]), 49.0),
    ],
)
def test_degrees_have_many_forms(latitude: Any, degrees: float) -> None:
    for ref, sign in (("N", 1), ("S", -1), ("s", -1)):
        where = parse_exif(exif_block(gps={**GPS, 1: text(ref), 2: latitude})).where
        assert where is not None
        assert where[0] == pytest.approx(sign * degrees)


@pytest.mark.parametrize(
    "parts", [[(-33, 1), (-51, 1), (0, 1)], [(-33, 1), (51, 1), (0, 1)], [(-3385, 100)]]
)
def test_a_sign_that_agrees_with_its_hemisphere_says_it_twice(parts: list[Any]) -> None:
    south = parse_exif(exif_block(gps={**GPS, 1: text("S"), 2: (10, parts)})).where
    west = parse_exif(exif_block(gps={**GPS, 3: text("W"), 4: (10, parts)})).where
    assert south is not None
    assert west is not None
    assert (south[0], west[1]) == pytest.approx((-33.85, -33.85))


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
def test_an_unknown_orientation_is_none(orientation: int) -> None:
    assert parse_exif(exif_block(orientation=orientation)).orientation is None


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
    assert exif.orientation in (None, *range(1, 9))
    for when in (exif.taken, exif.changed, exif.gps_time):
        assert when is None or 1826 <= when.moment.year <= datetime.now(UTC).year + 1
    assert exif.where is None or (abs(exif.where[0]) <= 90 and abs(exif.where[1]) <= 180)
    assert exif.camera is None or exif.camera.isprintable()
