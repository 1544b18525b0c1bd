"""Sums over rectangles are those of the cells and parts of cells that lie in them."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.render.integral_image import IntegralImage

MAP = np.arange(12, dtype=np.float64).reshape(3, 4)


def test_a_box_of_whole_cells_has_their_sum() -> None:
    boxes = np.array([[0.0, 0.0, 1.0, 1.0], [0.25, 1 / 3, 0.75, 1.0]])
    sums = IntegralImage(MAP).sum(boxes) * MAP.size
    assert sums == pytest.approx([MAP.sum(), MAP[1:, 1:3].sum()])
    assert IntegralImage(MAP).mean(boxes) == pytest.approx([MAP.mean(), MAP[1:, 1:3].mean()])


def test_a_part_of_a_cell_counts_by_its_area() -> None:
    box = np.array([[0.125, 0.0, 0.25, 1 / 6]])  # a quarter of the first cell
    assert IntegralImage(MAP + 1).sum(box) * MAP.size == pytest.approx([0.25])


def test_what_lies_outside_counts_nothing_and_an_empty_box_has_no_mean() -> None:
    image = IntegralImage(MAP)
    assert image.sum(np.array([[-1.0, -1.0, 2.0, 2.0]])) == pytest.approx([MAP.mean()])
    assert image.mean(np.array([[0.5, 0.5, 0.5, 0.9]])).tolist() == [0.0]
