"""Objects as centres on grids of several strides: what a detector is to say, and what it errs by.

Zhou et al., "Objects as Points" (2019): each class has a heat map with a peak at the centre of
each object. Liu et al., "Training-Time-Friendly Network" (2020): all cells near a centre learn its
box, which takes far fewer steps than the centre alone. Tian et al., "FCOS" (2019): large objects go
to coarse grids. Li et al., "Generalized Focal Loss" (2020): a peak is as high as it is sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_NEAR = 0.54
"""Share of a box whose cells learn it (Liu et al.)."""
_LIKELY = 0.3
"""A less sure object does not take the cells of another."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid, and the objects it is for.

    Attributes:
        cells: along a side.
        least: longest side of an object from which on it is for this grid, in 0..1 of the picture.
        most: and up to which. The ranges of grids overlap, as what is in between fits both.
    """

    cells: int
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class CenterNetTargets:
    """What one grid is to say of a batch.

    Attributes:
        near: (n, classes, cells, cells) 1 at centres, falling to 0 around them, and 1 wherever
            nothing is to be learned.
        sure: of that shape: how sure the object is whose centre it is; 0 where there is none.
        boxes: (n, 4, cells, cells) left, top, right, bottom in 0..1, of the object to be learned.
        weight: (n, cells, cells) of its box.
    """

    near: Tensor
    sure: Tensor
    boxes: Tensor
    weight: Tensor


def targets(known: Sequence[NDArray[np.float32]], grid: Grid, classes: int) -> CenterNetTargets:
    """See :class:`CenterNetTargets`.

    Args:
        known: for each picture what is known of it, see
            :data:`ansa_train.data.augment.mosaic.Known`.
        grid: where.
        classes: how many there are.
    """
    n, side = len(known), grid.cells
    near = np.zeros((n, classes, side, side), np.float32)
    sure = np.zeros_like(near)
    boxes = np.zeros((n, 4, side, side), np.float32)
    weight = np.zeros((n, side, side), np.float32)
    for i, rows in enumerate(known):
        spans = (rows[:, 2:4] - rows[:, :2]).max(axis=1, initial=0)
        # What comes last has the cells: what is likely there, and of that the small.
        for row in rows[np.lexsort((-spans, rows[:, 4] >= _LIKELY))]:
            _draw(row, grid, near[i], sure[i], boxes[i], weight[i])
    return CenterNetTargets(*(torch.from_numpy(each) for each in (near, sure, boxes, weight)))


def _draw(
    row: NDArray[np.float32],
    grid: Grid,
    near: NDArray[np.float32],
    sure: NDArray[np.float32],
    boxes: NDArray[np.float32],
    weight: NDArray[np.float32],
) -> None:
    """Draw one object into the targets of its picture."""
    left, top, right, bottom = (float(x) * grid.cells for x in row[:4])
    chance, kind = float(row[4]), int(row[5])
    if chance == 0:
        where = np.s_[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))]
        near[kind][where] = 1
        return
    if not grid.least <= max(right - left, bottom - top) / grid.cells <= grid.most:
        return
    x, y = (min(int(c), grid.cells - 1) for c in ((left + right) / 2, (top + bottom) / 2))
    spread_x, spread_y = (max(_NEAR * s / 6, 0.3) for s in (right - left, bottom - top))
    wide, high = int(3 * spread_x), int(3 * spread_y)
    x0, x1 = max(0, x - wide), min(grid.cells, x + wide + 1)
    y0, y1 = max(0, y - high), min(grid.cells, y + high + 1)
    across = np.exp(-0.5 * ((np.arange(x0, x1) - x) / spread_x) ** 2)
    down = np.exp(-0.5 * ((np.arange(y0, y1) - y) / spread_y) ** 2)
    heat = (down[:, None] * across[None]).astype(np.float32)
    where = np.s_[y0:y1, x0:x1]
    np.maximum(near[kind][where], heat, out=near[kind][where])
    sure[kind, y, x] = max(sure[kind, y, x], chance)
    boxes[:, y0:y1, x0:x1] = row[:4, None, None]
    weight[where] = chance * heat / heat.sum()


def heat_loss(logits: Tensor, wanted: CenterNetTargets) -> Tensor:
    """Summed focal loss of heat maps, in nats.

    A centre's loss is the cross entropy to how sure it is, times the square of what is missing;
    any other place's falls with the fourth power of its nearness to one (Zhou et al., eq. 1).
    """
    scores = logits.sigmoid()
    softplus = torch.nn.functional.softplus(logits)  # -log(1 - score)
    centre = wanted.sure > 0
    at_centres = (softplus - wanted.sure * logits) * (wanted.sure - scores).square()
    elsewhere = (1 - wanted.near) ** 4 * scores.square() * softplus
    return torch.where(centre, at_centres, elsewhere).sum()


def box_loss(boxes: Tensor, wanted: CenterNetTargets) -> Tensor:
    """Summed 1 - GIoU (Rezatofighi et al., 2019), each object's cells by their weight.

    Args:
        boxes: (n, 4, cells, cells) left, top, right, bottom in 0..1.
        wanted: the targets of that grid.
    """
    where = wanted.weight > 0
    a, b = boxes.movedim(1, -1)[where], wanted.boxes.movedim(1, -1)[where]
    shared = _area(torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:]))
    hull = _area(torch.minimum(a[:, :2], b[:, :2]), torch.maximum(a[:, 2:], b[:, 2:]))
    union = _area(a[:, :2], a[:, 2:]) + _area(b[:, :2], b[:, 2:]) - shared
    giou = shared / union.clamp(min=1e-9) - (hull - union) / hull.clamp(min=1e-9)
    return ((1 - giou) * wanted.weight[where]).sum()


def _area(low: Tensor, high: Tensor) -> Tensor:
    return (high - low).clamp(min=0).prod(dim=1)
