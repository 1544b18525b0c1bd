"""The targets of a detector at each place of its grids, and its losses.

Feng et al., "TOOD: Task-aligned One-stage Object Detection" (2021): an object is learned by the
places that already find it best, by class and by box together, whatever grid they belong to; how
high a place is to score is how well its box fits. Li et al., "Generalized Focal Loss" (2020): the
score's loss is its cross entropy to that, times the square of what is missing. An object that is
only likely is to be scored so much less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

PLACES = 9
"""Places at most that learn one object."""
LEAST = 0.05
"""How well the best place is taken to fit at least, so that what nothing finds yet is learned."""
_SCORE, _FIT = 0.5, 6.0
"""Powers of score and fit in how well a place finds an object (Feng et al., eq. 1)."""


@dataclass(frozen=True, slots=True)
class AlignedTargets:
    """The targets of all places for one batch.

    Attributes:
        scores: (n, classes, places) 0..1.
        counts: of that shape; False where nothing is to be learned.
        boxes: (n, 4, places) left, top, right, bottom in 0..1 of the object to be learned.
        weight: (n, places) of its box; 0 where there is none.
    """

    scores: Tensor
    counts: Tensor
    boxes: Tensor
    weight: Tensor


def places(sides: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Centres (places, 2), x and y in 0..1, and cell sizes (places,) of grids, row by row."""
    centres, cells = [], []
    for side in sides:
        along = (torch.arange(side) + 0.5) / side
        centres.append(torch.stack([along.repeat(side), along.repeat_interleave(side)], dim=1))
        cells.append(torch.full((side * side,), 1 / side))
    return torch.cat(centres), torch.cat(cells)


@torch.no_grad()
def targets(
    known: Sequence[NDArray[np.float32]],
    logits: Tensor,
    boxes: Tensor,
    centres: Tensor,
    cells: Tensor,
) -> AlignedTargets:
    """Chooses the places that are to find each object, and what they are to say.

    Args:
        known: for each picture what is known of it.
        logits: (n, classes, places) that the detector gives.
        boxes: (n, 4, places) that it gives, in 0..1.
        centres: of the places, see :func:`places`.
        cells: and their sizes.
    """
    # One picture at a time: together, all would be padded to the one with the most boxes.
    each = [
        _targets(boxes_known, logits[[at]], boxes[[at]], centres, cells)
        for at, boxes_known in enumerate(known)
    ]
    return AlignedTargets(*map(torch.cat, zip(*each, strict=True)))


def _targets(
    known: NDArray[np.float32], logits: Tensor, boxes: Tensor, centres: Tensor, cells: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Returns the attributes of the targets of one picture, with a first axis of one."""
    corners, kinds, chances = _with_a_row(known)
    within = _within(corners, centres, cells)
    fit = _overlaps(corners, boxes.transpose(1, 2)) * within
    score = logits.sigmoid().gather(1, kinds[:, :, None].expand(-1, -1, len(cells)))
    aligned = score**_SCORE * fit**_FIT * (chances > 0)[:, :, None]
    # A small number keeps the nearest place of an object that nothing finds yet.
    aligned = aligned + 1e-12 * (within * (chances > 0)[:, :, None]) * (1 + fit)
    best = aligned.topk(min(PLACES, len(cells)), dim=2)
    learns = torch.zeros_like(aligned).scatter(2, best.indices, (best.values > 0).float())
    # A place learns one object: the one that it fits best, the likelier the rather.
    rival = learns * (fit + 1e-6) * chances[:, :, None]
    learns = learns * (rival == rival.amax(dim=1, keepdim=True))
    aligned = aligned * learns
    most = aligned.amax(dim=2, keepdim=True).clamp(min=1e-12)
    fits = (fit * learns).amax(dim=2, keepdim=True).clamp(min=LEAST)
    wanted = aligned / most * fits * chances[:, :, None]
    weight, which = wanted.max(dim=1)
    kind = kinds.gather(1, which)
    scores = torch.zeros_like(logits).scatter_(1, kind[:, None], weight[:, None])
    learned = corners.gather(1, which[:, :, None].expand(-1, -1, 4)).transpose(1, 2)
    counts = torch.ones_like(logits, dtype=torch.bool)
    unsure = _inside(corners, centres) & ((chances == 0) & (corners[..., 2] > 0))[:, :, None]
    picture, row, place = unsure.nonzero(as_tuple=True)
    counts[picture, kinds[picture, row], place] = False
    return scores, counts | (scores > 0), learned, weight


def score_loss(logits: Tensor, wanted: AlignedTargets) -> Tensor:
    """Summed loss of scores, in nats; see the module."""
    missing = (wanted.scores - logits.sigmoid()).abs().square()
    each = F.binary_cross_entropy_with_logits(logits, wanted.scores, reduction="none") * missing
    return (each * wanted.counts).sum()


def box_loss(boxes: Tensor, wanted: AlignedTargets) -> Tensor:
    """Summed 1 - GIoU (Rezatofighi et al., 2019), each place by its weight.

    Args:
        boxes: (n, 4, places) left, top, right, bottom in 0..1.
        wanted: the targets.
    """
    where = wanted.weight > 0
    a, b = boxes.transpose(1, 2)[where], wanted.boxes.transpose(1, 2)[where]
    shared = _area(torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:]))
    hull = _area(torch.minimum(a[:, :2], b[:, :2]), torch.maximum(a[:, 2:], b[:, 2:]))
    union = _area(a[:, :2], a[:, 2:]) + _area(b[:, :2], b[:, 2:]) - shared
    giou = shared / union.clamp(min=1e-9) - (hull - union) / hull.clamp(min=1e-9)
    return ((1 - giou) * wanted.weight[where]).sum()


def _with_a_row(known: NDArray[np.float32]) -> tuple[Tensor, Tensor, Tensor]:
    """Boxes (1, m, 4), classes and chances (1, m) of a picture; of one without, a row of zeros."""
    rows = torch.from_numpy(known if len(known) else np.zeros((1, 6), np.float32))[None]
    return rows[..., :4], rows[..., 5].long(), rows[..., 4]


def _inside(corners: Tensor, centres: Tensor) -> Tensor:
    """(n, m, places) which places have their centre in which box."""
    x, y = centres.T
    left, top, right, bottom = corners[..., None].unbind(2)
    inside: Tensor = (left < x) & (x < right) & (top < y) & (y < bottom)
    return inside


def _within(corners: Tensor, centres: Tensor, cells: Tensor) -> Tensor:
    """The same, and of each grid the place that holds the middle of the box, however small."""
    x, y = centres.T
    left, top, right, bottom = corners[..., None].unbind(2)
    half = cells / 2
    across = ((left + right) / 2 - x).abs() <= half
    down = ((top + bottom) / 2 - y).abs() <= half
    within: Tensor = _inside(corners, centres) | (across & down)
    return within


def _overlaps(first: Tensor, second: Tensor) -> Tensor:
    """(n, m, k) intersection over union of boxes (n, m, 4) and (n, k, 4)."""
    a, b = first[:, :, None], second[:, None]
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    shared = _area(low, high)
    union = _area(a[..., :2], a[..., 2:]) + _area(b[..., :2], b[..., 2:]) - shared
    fit: Tensor = shared / union.clamp(min=1e-9)
    return fit


def _area(low: Tensor, high: Tensor) -> Tensor:
    return (high - low).clamp(min=0).prod(dim=-1)
