"""The tilt of a photo is told by its edges, and not where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ansa.render.styles.geometry import straightened
from ansa.render.styles.tilt import estimate_tilt, tilt_of_edges
from ansa.scene import Quality
from tests.render.styles.streets import draw_street


@pytest.mark.parametrize("tilt", [-8.0, -5.0, -3.0, 3.0, 5.0, 8.0])
@pytest.mark.parametrize("seed", range(3))
def test_a_tilted_street_is_known_to_be_tilted(tilt: float, seed: int) -> None:
    pixels = np.asarray(straightened(Image.fromarray(draw_street(seed, 480, 360)), tilt))
    assert tilt_of_edges(pixels) == pytest.approx(tilt, abs=1.5)


@pytest.mark.parametrize("seed", range(3))
def test_a_level_street_is_level(seed: int) -> None:
    assert abs(tilt_of_edges(draw_street(seed))) < 0.5


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 3), (20, 20)])
def test_a_tiny_photo_has_no_tilt(shape: tuple[int, int]) -> None:
    assert tilt_of_edges(np.zeros((*shape, 3), np.uint8)) == 0


def test_a_photo_without_edges_has_no_tilt() -> None:
    assert tilt_of_edges(np.full((200, 300, 3), 90, np.uint8)) == pytest.approx(0, abs=1e-6)
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    assert abs(tilt_of_edges(noise)) < 1.5


def test_where_edges_say_nothing_the_quality_signal_tells_the_side() -> None:
    plain = np.full((200, 300, 3), 90, np.uint8)
    signal = Quality(0, 0, 0, 0, 0, tilt=6.0, overall=0.9)
    assert estimate_tilt(plain, signal) > 0.9
    assert estimate_tilt(plain, None) == pytest.approx(0, abs=1e-6)
    street = np.asarray(straightened(Image.fromarray(draw_street(0, 480, 360)), 5.0))
    assert estimate_tilt(street, signal) == pytest.approx(5, abs=2)
