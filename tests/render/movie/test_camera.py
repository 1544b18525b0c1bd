"""The camera stays inside the photo, keeps its shape, and ends near what draws the eye."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.render.movie.camera import plan_move
from ansa.scene import Box

WIDE = 16 / 9


def subject(x: float, y: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    ys, xs = np.mgrid[0:32, 0:32] / 32
    found: np.ndarray[tuple[int, int], np.dtype[np.float32]] = np.exp(
        -((xs - x) ** 2 + (ys - y) ** 2) / 0.01
    ).astype(np.float32)
    return found


def holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


@pytest.mark.parametrize(("width", "height"), [(4000, 3000), (3000, 4000), (5000, 800), (10, 900)])
@pytest.mark.parametrize("outward", [False, True])
def test_every_window_is_of_the_movies_shape_and_inside(
    width: int, height: int, outward: bool
) -> None:
    move = plan_move(subject(0.7, 0.3), WIDE, width, height, outward)
    for share in (0, 0.3, 1):
        left, top, right, bottom = move.at(share)
        assert min(left, top) >= -1e-9
        assert max(right, bottom) <= 1 + 1e-9
        shape = (right - left) * width / ((bottom - top) * height)
        assert shape == pytest.approx(WIDE, rel=0.15 if width == 10 else 0.01)


def test_it_goes_nearer_to_what_draws_the_eye_or_comes_from_there() -> None:
    near = plan_move(subject(0.8, 0.5), WIDE, 4000, 3000, outward=False)
    assert holds(near.end, 0.8, 0.5)
    assert near.end[2] - near.end[0] < near.start[2] - near.start[0]
    assert sum(near.end[::2]) / 2 > 0.5
    away = plan_move(subject(0.8, 0.5), WIDE, 4000, 3000, outward=True)
    assert (away.start, away.end) == (near.end, near.start)


def test_over_a_high_photo_it_pans_to_the_subject() -> None:
    move = plan_move(subject(0.5, 0.2), WIDE, 3000, 4000, outward=False)
    assert holds(move.end, 0.5, 0.2)
    assert move.start[1] - move.end[1] > 0.05


def test_it_starts_and_stops_gently() -> None:
    move = plan_move(subject(0.9, 0.5), WIDE, 6000, 2000, outward=False)
    lefts = [move.at(share)[0] for share in np.linspace(0, 1, 11)]
    steps = np.abs(np.diff(lefts))
    assert steps[0] < steps[5]
    assert steps[-1] < steps[5]


def test_without_saliency_the_middle_counts() -> None:
    move = plan_move(None, WIDE, 1600, 900, outward=False)
    assert sum(move.end[::2]) / 2 == pytest.approx(0.5)
