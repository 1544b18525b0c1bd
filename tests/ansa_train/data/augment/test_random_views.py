from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ansa_train.data.augment.random_views import augment
from ansa_train.recipe import View
from tests.photos import draw_photo, quarters

CROP = View(scale=0.2, largest=0.6)


def test_a_whole_view_is_the_photo_itself() -> None:
    photo = draw_photo()
    assert augment(photo, View(), random.Random(0)) is photo


def test_the_same_random_numbers_give_the_same_view() -> None:
    view = View(scale=0.3, jitter=0.3)
    first, again, other = (augment(draw_photo(), view, random.Random(s)) for s in (1, 1, 2))
    assert first == again
    assert first != other


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 10**6))
def test_a_crop_of_any_photo_has_pixels_and_keeps_within_it(
    width: int, height: int, seed: int
) -> None:
    seen = augment(Image.new("RGB", (width, height)), View(scale=0.01), random.Random(seed))
    assert 1 <= seen.width <= width
    assert 1 <= seen.height <= height


def test_crops_keep_about_the_area_they_are_told_to() -> None:
    photo = draw_photo(400, 300)
    crops = [augment(photo, CROP, random.Random(s)) for s in range(200)]
    areas = np.array([c.width * c.height / (400 * 300) for c in crops])
    assert areas.max() <= 0.6 * 1.02
    assert areas.min() >= 0.2 * 0.98
    assert areas.max() - areas.min() > 0.3


def test_half_the_views_are_mirrored() -> None:
    left, right = (200, 40, 40), (40, 160, 40)  # the upper corners of `quarters`
    seen = [augment(quarters(), View(scale=0.9), random.Random(s)) for s in range(100)]
    corners = [s.getpixel((0, 0)) for s in seen]
    assert set(corners) == {left, right}
    assert 30 < corners.count(right) < 70


def test_without_jitter_no_colour_changes_and_with_it_light_does() -> None:
    grey = Image.new("RGB", (64, 64), (100, 100, 100))
    assert augment(grey, CROP, random.Random(0)).getcolors() is not None
    plain = [augment(grey, CROP, random.Random(s)).getpixel((0, 0)) for s in range(10)]
    assert set(plain) == {(100, 100, 100)}
    view = View(scale=0.5, jitter=0.2)
    lit = [np.asarray(augment(grey, view, random.Random(s))).mean() for s in range(50)]
    assert min(lit) < 95
    assert max(lit) > 105
    assert min(lit) > 100 * 0.8**2 - 2
    assert max(lit) < 100 * 1.2**2 + 2
