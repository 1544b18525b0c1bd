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


COUPLE: list[Box] = [(0.05, 0.08, 0.3, 0.4), (0.32, 0.1, 0.56, 0.42)]


def whole(window: Box, head: Box, slack: float = 0.01) -> bool:
    return (
        window[0] <= head[0] + slack
        and window[1] <= head[1] + slack
        and window[2] >= head[2] - slack
        and window[3] >= head[3] - slack
    )


@pytest.mark.parametrize("aspect", [16 / 9, 9 / 16])
@pytest.mark.parametrize(("width", "height"), [(1200, 1200), (1400, 1300), (1200, 1500)])
@pytest.mark.parametrize("outward", [False, True])
def test_a_couple_is_whole_at_every_time_of_a_close_up(
    aspect: float, width: int, height: int, outward: bool
) -> None:
    move = plan_move(subject(0.9, 0.9), aspect, width, height, outward, COUPLE)
    for share in np.linspace(0, 1, 11):
        window = move.at(share)
        assert all(whole(window, head) for head in COUPLE)
        assert min(window) >= -1e-9
        assert max(window) <= 1 + 1e-9
        shape = (window[2] - window[0]) * width / ((window[3] - window[1]) * height)
        assert shape == pytest.approx(aspect, rel=0.01)


def test_no_edge_passes_over_a_head_that_is_not_in_the_picture() -> None:
    """One person stands left, another far right; only one of them fits."""
    apart: list[Box] = [(0.1, 0.3, 0.22, 0.6), (0.8, 0.3, 0.86, 0.45)]
    move = plan_move(subject(0.16, 0.5), 9 / 16, 4000, 2000, False, apart)
    for share in np.linspace(0, 1, 21):
        window = move.at(share)
        assert whole(window, apart[0])
        assert window[2] <= apart[1][0] + 0.01


def test_heads_that_reach_everywhere_leave_the_window_where_it_is() -> None:
    everywhere: list[Box] = [(0.0, 0.0, 1.0, 1.0)]
    move = plan_move(subject(0.5, 0.5), WIDE, 1200, 1200, False, everywhere)
    assert 0 <= min(move.start) <= max(move.start) <= 1 + 1e-9
    assert 0 <= min(move.end) <= max(move.end) <= 1 + 1e-9
