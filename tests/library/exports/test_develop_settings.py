"""Edits in the names of Camera Raw; crops as the corners of a turned rectangle."""

from __future__ import annotations

import math

import pytest

from ansa.library.exports.develop_settings import develop_settings
from ansa.render.styles import PhotoEdit
from ansa.render.styles.geometry import kept_share


def corners(settings: dict[str, str]) -> list[float]:
    return [float(settings[f"Crop{side}"]) for side in ("Left", "Top", "Right", "Bottom")]


def test_light_and_colours_have_adobes_names() -> None:
    edit = PhotoEdit(exposure=0.5, contrast=-0.25, warmth=1500, black_and_white=True)
    settings = develop_settings(edit, (300, 200))
    assert settings["Exposure2012"] == "+0.50"
    assert settings["Contrast2012"] == "-25"
    assert settings["IncrementalTemperature"] == "+29"
    assert settings["WhiteBalance"] == "Custom"
    assert settings["ConvertToGrayscale"] == "True"
    assert "HasCrop" not in settings


def test_what_is_not_edited_is_not_written() -> None:
    assert develop_settings(PhotoEdit(), (3, 2)).keys() == {"ProcessVersion", "HasSettings"}


def test_a_raw_photo_keeps_its_own_white_balance() -> None:
    settings = develop_settings(PhotoEdit(warmth=-1000), (300, 200), raw=True)
    assert not {"WhiteBalance", "IncrementalTemperature", "Temperature"} & settings.keys()


def test_a_crop_is_in_shares_of_the_photo() -> None:
    settings = develop_settings(PhotoEdit(crop=(0.1, 0.2, 0.7, 1.0)), (300, 200))
    assert corners(settings) == pytest.approx([0.1, 0.2, 0.7, 1.0])
    assert float(settings["CropAngle"]) == 0
    assert settings["HasCrop"] == "True"


def test_a_turned_crop_is_told_as_camera_raw_tells_it() -> None:
    """A known example: from 0.4, 0.3 to 0.9, 0.8, turned by 10 degrees about its own middle."""
    width, height = 4288, 2848
    share = kept_share(width, height, 10)
    middle = 0.15 * width, 0.05 * height  # of the crop, from the photo's centre
    cos, sin = math.cos(math.radians(10)), math.sin(math.radians(10))
    x, y = cos * middle[0] - sin * middle[1], sin * middle[0] + cos * middle[1]
    across, down = 0.5 + x / width / share, 0.5 + y / height / share
    half = 0.25 / share
    edit = PhotoEdit(straighten=10, crop=(across - half, down - half, across + half, down + half))
    settings = develop_settings(edit, (width, height))
    assert float(settings["CropAngle"]) == -10
    expected = [0.374965, 0.36916, 0.925035, 0.73084]
    assert corners(settings) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, [0.1, 0.2, 0.5, 0.8]),
        (2, [0.5, 0.2, 0.9, 0.8]),
        (3, [0.5, 0.2, 0.9, 0.8]),
        (4, [0.1, 0.2, 0.5, 0.8]),
        (5, [0.2, 0.1, 0.8, 0.5]),
        (6, [0.2, 0.5, 0.8, 0.9]),
        (7, [0.2, 0.5, 0.8, 0.9]),
        (8, [0.2, 0.1, 0.8, 0.5]),
    ],
)
def test_a_crop_is_of_the_photo_as_it_is_stored(orientation: int, expected: list[float]) -> None:
    edit = PhotoEdit(crop=(0.1, 0.2, 0.5, 0.8))
    settings = develop_settings(edit, (200, 300), orientation=orientation)
    assert corners(settings) == pytest.approx(expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_mirrored_photo_is_turned_the_other_way(orientation: int) -> None:
    settings = develop_settings(PhotoEdit(straighten=4), (200, 300), orientation=orientation)
    mirrored = orientation in (2, 4, 5, 7)
    assert float(settings["CropAngle"]) == (4 if mirrored else -4)
    left, top, right, bottom = corners(settings)
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
