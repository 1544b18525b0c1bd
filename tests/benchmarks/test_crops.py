"""A crop is judged by the faces that its edges go through."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.scene import Box
from benchmarks.crops import can_be_kept, cuts, large_faces

LEFT: Box = (0.1, 0.2, 0.3, 0.4)
RIGHT: Box = (0.6, 0.2, 0.8, 0.4)
WIDE: Box = (0.0, 0.2, 0.9, 0.4)


@pytest.mark.parametrize(
    ("left", "cut"), [(0.0, False), (0.2, True), (0.29, False), (0.11, False), (0.3, False)]
)
def test_a_face_is_cut_if_parts_of_it_are_on_both_sides(left: float, cut: bool) -> None:
    assert cuts((left, 0.0, left + 0.4, 1.0), [LEFT]) == cut


@pytest.mark.parametrize(("faces", "kept"), [([LEFT, RIGHT], True), ([WIDE], False), ([], False)])
def test_it_could_have_kept_a_face_if_one_fits(faces: list[Box], kept: bool) -> None:
    assert can_be_kept((0.2, 0.0, 0.6, 1.0), faces) == kept


def test_small_faces_and_those_of_a_crowd_may_be_cut() -> None:
    small: Box = (0.5, 0.5, 0.52, 0.54)
    rows = np.array([[*LEFT, 0.9, 0], [*small, 0.8, 0]], np.float32)
    (face,) = large_faces(rows)
    assert face == pytest.approx(LEFT)
    assert large_faces(np.repeat(rows, 5, axis=0)) == []
    assert large_faces(np.zeros((0, 6), np.float32)) == []
