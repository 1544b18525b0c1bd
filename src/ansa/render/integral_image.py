"""Sums over rectangles of a map, from its summed-area table (Crow, SIGGRAPH 1984)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
"""(k, 4): left, top, right, bottom, in 0..1 of the map."""


class IntegralImage:
    """Sums over any rectangles of a map, whose edges may lie between its cells.

    Args:
        values: float64 (h, w).
    """

    def __init__(self, values: NDArray[np.float64]) -> None:
        height, width = values.shape
        self._below = np.zeros((height + 1, width + 1))
        self._below[1:, 1:] = values.cumsum(axis=0).cumsum(axis=1) / values.size

    def sum(self, boxes: Boxes) -> NDArray[np.float64]:
        """The sum over each of some boxes (k, 4), as a share of the number of cells: (k,).

        Of the whole map it is the mean.
        """
        left, top, right, bottom = boxes.clip(0, 1).T
        below = self._at
        return below(right, bottom) - below(left, bottom) - below(right, top) + below(left, top)

    def mean(self, boxes: Boxes) -> NDArray[np.float64]:
        """The mean over each of some boxes (k, 4): (k,); 0 for a box without an area."""
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        sums = self.sum(boxes)
        return np.divide(sums, areas, out=np.zeros_like(sums), where=areas > 0)

    def _at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum above and to the left of points, interpolated between the cells' corners."""
        height, width = (n - 1 for n in self._below.shape)
        column, row = x * width, y * height
        c = np.minimum(column.astype(np.intp), width - 1)
        r = np.minimum(row.astype(np.intp), height - 1)
        u, v, below = column - c, row - r, self._below
        above = (1 - u) * below[r, c] + u * below[r, c + 1]
        under = (1 - u) * below[r + 1, c] + u * below[r + 1, c + 1]
        at: NDArray[np.float64] = (1 - v) * above + v * under
        return at
