"""The light of a photo: what an edit by the measure gives back is the photo before."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.render.styles.light import measure_light, warmth_against
from ansa.render.styles.tone import warmth_gains
from tests.render.styles.streets import draw_street


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2), (50, 70)])
@pytest.mark.parametrize("value", [0, 1, 127, 254, 255])
def test_a_plain_picture_has_no_fault(shape: tuple[int, int], value: int) -> None:
    light = measure_light(np.full((*shape, 3), value, np.uint8))
    assert (light.exposure, light.flatness, light.cast, light.colourfulness) == (0, 0, 0, 0)


def test_a_grey_photo_has_no_cast() -> None:
    grey = np.repeat(draw_street(1).mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    assert measure_light(grey).cast == 0


def test_darker_photos_are_measured_darker_and_flatter_ones_flatter() -> None:
    pixels = draw_street(2)
    dark, flat = (pixels * 0.5).astype(np.uint8), (pixels * 0.5 + 64).astype(np.uint8)
    light = measure_light(pixels)
    assert measure_light(dark).exposure < light.exposure - 0.5
    assert measure_light(flat).flatness > light.flatness + 0.5


@pytest.mark.parametrize("cast", [-0.4, -0.1, 0.2, 0.6])
def test_the_warmth_against_a_cast_takes_it_away(cast: float) -> None:
    red, _, blue = warmth_gains(warmth_against(cast))
    assert np.log(red / blue) == pytest.approx(-cast, abs=0.02)


def test_noise_of_any_kind_gives_finite_numbers() -> None:
    rng = np.random.default_rng(0)
    for shape in ((1, 2), (3, 1), (7, 5), (64, 64)):
        light = measure_light(rng.integers(0, 256, (*shape, 3)).astype(np.uint8))
        numbers = light.exposure, light.flatness, light.cast, light.colourfulness
        assert np.isfinite(numbers).all()
