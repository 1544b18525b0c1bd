from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ansa.photo.pixels import resize_square, upright_pixels
from tests.photos import QUARTERS, as_camera_stores, draw_photo, quarters


@pytest.mark.parametrize(
    "mode", ["L", "LA", "1", "P", "PA", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV"]
)
def test_every_mode_becomes_the_same_picture(mode: str) -> None:
    image = Image.new("RGB", (8, 6), "white")
    image.paste("black", (0, 0, 4, 6))
    source = image.convert("RGBA").convert(mode) if mode == "PA" else image.convert(mode)
    pixels = upright_pixels(source)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - np.asarray(image)).max() <= 2


def test_lab_colours_are_understood() -> None:
    lab = Image.merge("LAB", [Image.new("L", (4, 4), v) for v in (255, 128, 128)])
    assert upright_pixels(lab).min() > 245


@pytest.mark.parametrize("dtype", [">u2", "<u2", "int32", "float32"])
def test_deep_greys_keep_their_brightness(dtype: str) -> None:
    values = np.linspace(0, 65535, 64).reshape(8, 8)
    pixels = upright_pixels(Image.fromarray(values.astype(dtype)))
    assert np.abs(pixels[..., 0].astype(int) - values / 257).max() <= 1


def test_greys_from_nought_to_one_keep_their_brightness_and_odd_values_are_black() -> None:
    values = np.array([[0, 0.5, 1], [np.nan, np.inf, -3]], dtype=np.float32)
    assert upright_pixels(Image.fromarray(values))[..., 0].tolist() == [[0, 127, 255], [0, 0, 0]]


def test_transparency_shows_white() -> None:
    image = Image.new("RGBA", (2, 1), (255, 0, 0, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    assert upright_pixels(image)[0].tolist() == [[255, 0, 0], [255, 255, 255]]


def test_a_transparent_palette_colour_shows_white() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 0, 0])
    image.putpixel((1, 0), 1)
    image.info["transparency"] = 1
    assert upright_pixels(image)[0].tolist() == [[10, 20, 30], [255, 255, 255]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_ends_upright(orientation: int) -> None:
    pixels = upright_pixels(as_camera_stores(quarters(), orientation), orientation)
    assert np.array_equal(pixels, np.asarray(quarters()))
    corners = [tuple(pixels[y, x].tolist()) for y in (5, -5) for x in (5, -5)]
    assert tuple(corners) == QUARTERS


@pytest.mark.parametrize("size", [(640, 480), (481, 1000), (224, 900), (100, 50)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "I;16"])
def test_the_shorter_side_keeps_what_was_asked_for(mode: str, size: tuple[int, int]) -> None:
    pixels = upright_pixels(Image.new(mode, size), min_side=224)
    short = min(pixels.shape[:2])
    assert min(size) >= short >= min(224, min(size))
    assert short < 448


def test_the_source_stays_as_it_is() -> None:
    image = draw_photo(100, 80).convert("RGBA")
    before = image.tobytes()
    upright_pixels(image, 6, 20)
    assert (image.size, image.mode, image.tobytes()) == ((100, 80), "RGBA", before)


def test_a_square_holds_the_whole_photo() -> None:
    square = resize_square(np.asarray(quarters(200, 100)), 50)
    assert square.shape == (50, 50, 3)
    assert tuple(tuple(square[y, x].tolist()) for y in (5, 45) for x in (5, 45)) == QUARTERS
