"""Crops keep what draws the eye, have the wanted shape, and are sane for any photo."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ansa.render.crop import best_crop
from ansa.scene import Box

ASPECTS = (1.0, 4 / 5, 16 / 9, 9 / 16)


def blob(x: float, y: float, side: int = 32, radius: float = 0.1) -> NDArray[np.float32]:
    """A disc of 1 around a place."""
    places = (np.arange(side) + 0.5) / side
    near = (places[None] - x) ** 2 + (places[:, None] - y) ** 2 <= radius**2
    return near.astype(np.float32)


def holds(box: Box, x: float, y: float, radius: float = 0.08) -> bool:
    """Whether a blob lies inside, but for less than a cell of its map."""
    return (
        box[0] <= max(0, x - radius)
        and box[2] >= min(1, x + radius)
        and box[1] <= max(0, y - radius)
        and box[3] >= min(1, y + radius)
    )


@given(
    st.sampled_from([*ASPECTS, 0.01, 100.0]),
    st.integers(1, 5000),
    st.integers(1, 5000),
    st.integers(0, 2**32 - 1),
    st.sampled_from([(32, 32), (1, 1), (3, 40)]),
)
def test_any_photo_gets_a_window_inside_it_of_at_least_a_pixel(
    aspect: float, width: int, height: int, seed: int, shape: tuple[int, int]
) -> None:
    saliency = np.random.default_rng(seed).random(shape, np.float32)
    left, top, right, bottom = best_crop(saliency, aspect, width, height)
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
    assert (right - left) * width >= 1 - 1e-6
    assert (bottom - top) * height >= 1 - 1e-6
    assert right - left == pytest.approx(1) or bottom - top == pytest.approx(1)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("size", [(400, 300), (300, 400), (1000, 1000)])
def test_the_window_has_the_wanted_shape(aspect: float, size: tuple[int, int]) -> None:
    left, top, right, bottom = best_crop(blob(0.3, 0.3), aspect, *size)
    assert (right - left) * size[0] / ((bottom - top) * size[1]) == pytest.approx(aspect)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("place", [0.05, 0.2, 0.5, 0.75, 0.95])
def test_a_subject_that_fits_is_kept_whole_wherever_it_is(aspect: float, place: float) -> None:
    assert holds(best_crop(blob(place, 0.5), aspect, 400, 300), place, 0.5)
    assert holds(best_crop(blob(0.5, place), aspect, 300, 400), 0.5, place)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("aspect", ASPECTS)
def test_where_nothing_draws_the_eye_the_centre_is_kept(value: float, aspect: float) -> None:
    left, top, right, bottom = best_crop(np.full((32, 32), value, np.float32), aspect, 400, 300)
    assert left + right == pytest.approx(1, abs=0.01)
    assert top + bottom == pytest.approx(1, abs=0.01)


def test_of_two_subjects_too_far_apart_one_is_kept_whole() -> None:
    both = np.maximum(blob(0.12, 0.5), blob(0.88, 0.5))
    box = best_crop(both, 1.0, 800, 300)
    assert holds(box, 0.12, 0.5) or holds(box, 0.88, 0.5)


def test_a_subject_too_high_for_the_window_keeps_its_head() -> None:
    person = np.zeros((32, 32), np.float32)
    person[4:10, 13:19] = 1
    person[10:, 8:24] = 1
    _, top, _, bottom = best_crop(person, 16 / 9, 400, 400)
    assert top <= 4 / 32
    assert bottom < 0.8


def test_a_subject_stays_where_the_photographer_put_it() -> None:
    left, _, right, _ = best_crop(blob(1 / 3, 0.5), 1.0, 400, 300)
    assert (1 / 3 - left) / (right - left) == pytest.approx(1 / 3, abs=0.03)


def test_a_mirrored_photo_gets_the_mirrored_crop() -> None:
    saliency = np.random.default_rng(0).random((32, 32), np.float32)
    left, _, right, _ = best_crop(saliency, 0.5, 400, 300)
    mirrored_left, _, mirrored_right, _ = best_crop(saliency[:, ::-1], 0.5, 400, 300)
    assert (1 - right, 1 - left) == pytest.approx((mirrored_left, mirrored_right), abs=1e-6)


@pytest.mark.parametrize("aspect", [0.0, -1.0, np.inf, np.nan])
def test_an_aspect_that_is_none_is_refused(aspect: float) -> None:
    with pytest.raises(ValueError, match="no crop"):
        best_crop(blob(0.5, 0.5), aspect, 400, 300)


@pytest.mark.parametrize("map_", [np.full((2, 2), np.nan), np.zeros((0, 4)), np.zeros(4)])
def test_what_is_no_map_is_refused(map_: NDArray[np.float32]) -> None:
    with pytest.raises(ValueError, match="saliency map"):
        best_crop(map_, 1.0, 400, 300)


@pytest.mark.parametrize("aspect", [9 / 16, 4 / 5])
def test_no_edge_goes_through_a_face_that_can_be_whole(aspect: float) -> None:
    faces: list[Box] = [(0.08, 0.3, 0.24, 0.55)]
    left, _, right, _ = best_crop(blob(0.7, 0.5), aspect, 1600, 1200, faces)
    slack = 0.01  # of a cell of windows
    assert left >= 0.24 - slack or (left <= 0.08 + slack and right >= 0.24 - slack)


def test_the_faces_of_a_couple_are_both_whole_where_they_fit() -> None:
    couple: list[Box] = [(0.1, 0.02, 0.3, 0.3), (0.35, 0.05, 0.55, 0.32)]
    tall = best_crop(blob(0.8, 0.8), 9 / 16, 1200, 1200, couple)
    assert tall[0] <= 0.1 + 0.01
    assert tall[2] >= 0.55 - 0.01
    wide = best_crop(blob(0.8, 0.8), 16 / 9, 1200, 1200, couple)
    assert wide[1] <= 0.02 + 0.01
    assert wide[3] >= 0.32 - 0.01


def test_of_two_faces_too_far_apart_one_is_whole_and_the_other_is_not_cut() -> None:
    faces: list[Box] = [(0.2, 0.3, 0.35, 0.6), (0.6, 0.3, 0.75, 0.6)]
    left, _, right, _ = best_crop(blob(0.48, 0.5), 9 / 16, 1600, 1200, faces)
    slack = 0.02
    whole = [face for face in faces if left <= face[0] + slack and right >= face[2] - slack]
    outside = [face for face in faces if face[2] <= left + slack or face[0] >= right - slack]
    assert len(whole) == len(outside) == 1
