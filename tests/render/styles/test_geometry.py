"""Straightening turns clockwise and leaves no empty corner; crops have at least one pixel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ansa.render.styles.apply import apply_edit
from ansa.render.styles.geometry import cropped, kept_share, straightened
from ansa.render.styles.photo_edit import PhotoEdit


def test_a_level_line_leans_to_the_right_afterwards() -> None:
    pixels = np.zeros((101, 201, 3), np.uint8)
    pixels[50:52] = 255
    turned = np.asarray(straightened(Image.fromarray(pixels), 5))
    assert turned[:, 5, 0].argmax() < turned[:, -6, 0].argmax()


@pytest.mark.parametrize("degrees", [-45, -12.5, -1, 3, 30])
@pytest.mark.parametrize("size", [(300, 200), (120, 200), (64, 64)])
def test_no_corner_is_empty_and_the_shape_stays(degrees: float, size: tuple[int, int]) -> None:
    white = Image.new("RGB", size, "white")
    turned = straightened(white, degrees)
    assert np.asarray(turned).min() > 200
    assert turned.width / turned.height == pytest.approx(size[0] / size[1], rel=0.03)


def test_nothing_is_cut_off_what_is_not_turned() -> None:
    picture = Image.new("RGB", (30, 20))
    assert straightened(picture, 0) is picture
    assert kept_share(30, 20, 0) == 1


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.floats(-45, 45),
    st.floats(0, 0.95),
    st.floats(0, 0.95),
)
def test_any_size_can_be_turned_and_cropped(
    width: int, height: int, degrees: float, left: float, top: float
) -> None:
    pixels = np.zeros((height, width, 3), np.uint8)
    crop = (left, top, min(1, left + 0.05), min(1, top + 0.05))
    edited = apply_edit(pixels, PhotoEdit(0.5, straighten=degrees, crop=crop))
    assert min(edited.shape) >= 1
    assert edited.dtype == np.uint8


def test_a_crop_is_the_part_that_it_names() -> None:
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[25:50, 100:150] = 200
    part = np.asarray(cropped(Image.fromarray(pixels), (0.5, 0.25, 0.75, 0.5)))
    assert part.shape == (25, 50, 3)
    assert (part == 200).all()
