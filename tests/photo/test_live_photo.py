"""Tests which film beside a photo is that of a Live Photo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ansa.photo.film import FilmHeader
from ansa.photo.live_photo import is_live_film
from ansa.scene import Facts
from tests.photos import write_photo

NOON = datetime(2024, 5, 2, 12, 0, 0)


def header(taken: datetime | None, seconds: float | None = 3.0, live_id: str = "") -> FilmHeader:
    facts = Facts(320, 240, "MP4", taken=taken, taken_source="film", seconds=seconds)
    return FilmHeader(facts, live_id)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stills")
    return write_photo(folder / "IMG_1.jpg", taken=f"{NOON:%Y:%m:%d %H:%M:%S}")


@pytest.mark.parametrize(
    "taken",
    [
        None,
        NOON + timedelta(seconds=2),
        (NOON - timedelta(hours=9, seconds=1)).replace(tzinfo=UTC),
        (NOON + timedelta(hours=5, minutes=45)).replace(tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_a_short_film_of_the_same_moment_in_any_zone_is_one_with_the_still(
    still: Path, taken: datetime | None
) -> None:
    assert is_live_film(header(taken), still)


@pytest.mark.parametrize("apart", [timedelta(days=1), timedelta(minutes=5), timedelta(days=-400)])
def test_a_film_of_another_time_is_another_film(still: Path, apart: timedelta) -> None:
    assert not is_live_film(header((NOON + apart).replace(tzinfo=UTC)), still)


def test_a_long_film_is_another_film(still: Path) -> None:
    assert not is_live_film(header(NOON, seconds=9.0), still)


def test_an_identifier_in_both_files_decides(still: Path, tmp_path: Path) -> None:
    name = "9F3C2B6A-1D0E-4C57-8E6B-5A1C0F2D7E11"
    stated = tmp_path / "IMG_2.jpg"
    stated.write_bytes(still.read_bytes() + name.encode())
    other = (NOON + timedelta(days=3)).replace(tzinfo=UTC)  # exported later
    assert is_live_film(header(other, live_id=name), stated)
    assert not is_live_film(header(other, live_id=name), still)


@pytest.mark.parametrize("data", [b"", b"no photo"])
def test_beside_a_still_that_cannot_be_read_a_film_is_not_lost(tmp_path: Path, data: bytes) -> None:
    broken = tmp_path / "IMG_3.jpg"
    broken.write_bytes(data)
    assert not is_live_film(header(None), broken)
    assert not is_live_film(header(None), tmp_path / "gone.jpg")
