"""A screen is laid over a photo so that its subject is whole and the clock's place is calm."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ansa.library.wallpapers.framing import CLOCKS, best_framing
from ansa.scene import Box, Object

SIDE = 64


def spot(left: int, top: int, right: int, bottom: int) -> NDArray[np.float32]:
    saliency = np.zeros((32, 32), np.float32)
    saliency[top:bottom, left:right] = 1
    return saliency


def busy(left: float, top: float, right: float, bottom: float) -> NDArray[np.uint8]:
    """A grey photo with noise in one part."""
    pixels = np.full((SIDE, SIDE, 3), 90, np.uint8)
    rng = np.random.default_rng(0)
    rows, columns = (
        slice(int(top * SIDE), int(bottom * SIDE)),
        slice(int(left * SIDE), int(right * SIDE)),
    )
    noise = rng.integers(0, 256, pixels[rows, columns].shape[:2])
    pixels[rows, columns] = noise[..., None]
    return pixels


@pytest.mark.parametrize(
    ("aspect", "size"), [(16 / 9, (400, 300)), (9 / 16, (400, 300)), (1.0, (300, 900))]
)
def test_the_window_has_the_shape_and_is_as_large_as_it_can_be(
    aspect: float, size: tuple[int, int]
) -> None:
    left, top, right, bottom = best_framing(aspect, size, spot(3, 3, 9, 9)).box
    width, height = (right - left) * size[0], (bottom - top) * size[1]
    assert width / height == pytest.approx(aspect)
    assert max(right - left, bottom - top) == pytest.approx(1)
    assert min(left, top) >= 0


def test_the_subject_is_whole_wherever_it_stands() -> None:
    framing = best_framing(1.0, (800, 300), spot(24, 5, 31, 20))
    assert framing.whole > 0.99
    assert framing.box[2] > 0.95


def test_an_object_that_stands_out_is_not_cut() -> None:
    saliency = spot(10, 10, 16, 16)
    wide: Box = (0.30, 0.25, 0.66, 0.75)
    without = best_framing(1.0, (900, 300), saliency)
    with_it = best_framing(1.0, (900, 300), saliency, [Object("dog", 0.9, wide)])
    assert with_it.box[0] <= wide[0] + 0.03
    assert with_it.box[2] >= without.box[2]


def test_doubtful_objects_and_those_nobody_looks_at_move_nothing() -> None:
    saliency = spot(2, 10, 8, 20)
    alone = best_framing(1.0, (900, 300), saliency)
    far: Box = (0.7, 0.3, 0.99, 0.7)
    for other in (Object("dog", 0.3, (0.2, 0.2, 0.9, 0.9)), Object("dog", 0.9, far)):
        assert best_framing(1.0, (900, 300), saliency, [other]) == alone


def test_the_clock_stands_where_it_covers_nothing() -> None:
    upright = spot(10, 0, 20, 8)  # its head is at the top of the photo
    framing = best_framing(1.0, (300, 600), upright, clock=CLOCKS["bottom"])
    assert framing.box[1] < 0.1
    assert framing.covered == 0
    over_it = best_framing(1.0, (300, 300), upright, clock=CLOCKS["top"])
    assert over_it.covered > 0.1
    assert over_it.score < framing.score


def test_calm_is_told_from_busy_by_the_pixels() -> None:
    even = np.zeros((1, 1), np.float32)
    for clock, noisy in {"left": (0, 0, 0.5, 1), "right": (0.5, 0, 1, 1)}.items():
        pixels = busy(*noisy)
        there = best_framing(1.0, (300, 300), even, clock=CLOCKS[clock], pixels=pixels)
        other = {"left": "right", "right": "left"}[clock]
        elsewhere = best_framing(1.0, (300, 300), even, clock=CLOCKS[other], pixels=pixels)
        assert there.calm is not None
        assert elsewhere.calm is not None
        assert there.calm < 0.3 < 0.9 < elsewhere.calm


def test_the_window_moves_to_where_the_clock_has_calm() -> None:
    pixels = busy(0, 0, 1, 0.5)
    even = np.zeros((1, 1), np.float32)
    framing = best_framing(1.0, (300, 600), even, clock=CLOCKS["top"], pixels=pixels)
    assert framing.box[1] == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(("grey", "text"), [(20, "light"), (235, "dark")])
def test_the_text_can_be_read(grey: int, text: str) -> None:
    pixels = np.full((SIDE, SIDE, 3), grey, np.uint8)
    even = np.zeros((1, 1), np.float32)
    assert best_framing(1.0, (9, 9), even, clock=CLOCKS["top"], pixels=pixels).text == text


def test_without_a_clock_nothing_needs_to_be_calm() -> None:
    framing = best_framing(1.0, (9, 9), np.zeros((1, 1), np.float32))
    assert (framing.whole, framing.covered, framing.calm, framing.text) == (1, 0, 1, None)
