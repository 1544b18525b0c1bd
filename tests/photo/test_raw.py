"""RAW photos: the preview inside, and the facts of the file."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from ansa.photo.errors import PhotoError, UnsupportedPhoto
from ansa.photo.metadata.exif import read_main
from ansa.photo.read import read_colours, read_facts, read_photo
from tests.photos import QUARTERS, as_camera_stores, quarters, raw_file
from tests.raws import dng


def refusal(photo: bytes) -> str | None:
    """The remedy of the error with which a photo is refused; None if it is read."""
    try:
        read_photo(photo)
    except PhotoError as error:
        return error.remedy
    return None


def test_the_preview_of_a_raw_photo_is_read_with_the_facts_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "photo.dng"
    path.write_bytes(dng(preview=quarters(320, 240)))
    pixels, facts = read_photo(path)
    corners = [pixels[10, 10], pixels[10, -10], pixels[-10, 10], pixels[-10, -10]]
    np.testing.assert_allclose(corners, QUARTERS, atol=16)
    assert facts.taken == datetime(2024, 5, 2, 12, 30, 10)
    assert facts.camera == "Drawn One"
    assert facts.format == "RAW"
    assert (facts.width, facts.height) == (320, 240)
    np.testing.assert_allclose(read_colours(path)[0][10, 10], QUARTERS[0], atol=16)
    assert read_facts(path.read_bytes()).taken == facts.taken


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_raw_photo_stands_upright(orientation: int) -> None:
    stored = as_camera_stores(quarters(320, 240), orientation)
    data = dng(preview=stored, size=stored.size, orientation=orientation)
    pixels, facts = read_photo(data)
    assert pixels.shape == (240, 320, 3)
    assert (facts.width, facts.height) == (320, 240)
    np.testing.assert_allclose(pixels[10, 10], QUARTERS[0], atol=16)


def test_a_raw_photo_without_a_preview_is_developed() -> None:
    pixels, facts = read_photo(dng(without_preview=True))
    assert min(pixels.shape[:2]) >= 100
    assert facts.camera == "Drawn One"


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_what_a_sensor_saw_is_developed_in_its_colours_and_stands_upright(orientation: int) -> None:
    stored = as_camera_stores(quarters(640, 480), orientation)
    data = dng(seen=stored, orientation=orientation, without_preview=True)
    pixels, facts = read_photo(data)
    assert (facts.width, facts.height) == (640, 480)
    assert pixels.shape == (240, 320, 3)
    spots = [pixels[20, 20], pixels[20, -20], pixels[-20, 20], pixels[-20, -20]]
    for spot, colour in zip(spots, QUARTERS, strict=True):
        assert np.corrcoef(spot, colour)[0, 1] > 0.9
    assert facts.taken == datetime(2024, 5, 2, 12, 30, 10)


@pytest.mark.parametrize("magic", [b"IIRO", b"IIRS", b"IIU\0"])
def test_facts_of_olympus_and_panasonic_are_read_though_they_are_not_quite_tiff(
    magic: bytes,
) -> None:
    found = read_main(io.BytesIO(magic + dng(orientation=6)[4:]))
    assert found.camera == "Drawn One"
    assert found.orientation == 6
    assert found.taken is not None
    assert found.taken.moment == datetime(2024, 5, 2, 12, 30, 10)


def test_a_raw_photo_of_an_unknown_maker_is_refused_in_words() -> None:
    with pytest.raises(UnsupportedPhoto, match="does not know"):
        read_photo(b"IIRO\x08\0\0\0" + bytes(4000))
    with pytest.raises(UnsupportedPhoto, match="does not know"):
        read_photo(raw_file())


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_a_raw_photo_that_is_cut_off_is_read_or_refused_in_words(share: float) -> None:
    data = dng()
    assert refusal(data[: int(len(data) * share)]) != ""


@pytest.mark.parametrize("seed", range(10))
def test_a_mangled_raw_photo_is_read_or_refused_in_words(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mangled = bytearray(dng(size=(160, 120)))
    for place in rng.integers(0, 5000, 40):
        mangled[place] = rng.integers(256)
    assert refusal(bytes(mangled)) != ""
