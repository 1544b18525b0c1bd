"""How far a slice falls behind other photos of the same sources, and how sure that is.

Photos in the dark are from other sources than photos in the sun, and sources differ more than
light does. So a slice is not compared with all the rest, but with the rest weighted by source as
the slice is (direct standardisation): what is left of the gap is not the sources'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa_train.evaluate.bootstrap import Estimate, Statistic, Weights, estimate
from ansa_train.slicing.photo_metrics import PhotoMetric

ENOUGH = 30
"""Photos that a slice needs to have a figure, and those it is compared with."""


@dataclass(frozen=True, slots=True, eq=False)
class SliceFigure:
    """One metric under one condition.

    Attributes:
        metric: its name.
        photos: how many photos of the slice were asked something, of the sources that have photos
            on both sides; of all sources if too few have.
        value: in percent, over these photos.
        rest: in percent, over the other photos of these sources, weighted by source as the slice.
        gap: ``value`` - ``rest`` in points, on the same draws; None if there is no rest.
    """

    metric: str
    photos: int
    value: Estimate
    rest: Estimate | None
    gap: Estimate | None

    @property
    def behind(self) -> bool:
        """Whether the slice surely falls behind: the whole interval of the gap is below zero."""
        return self.gap is not None and self.gap.interval[1] < 0

    @property
    def rank(self) -> float:
        """What slices are ordered by, worst first: the gap at its smallest."""
        return float("inf") if self.gap is None else self.gap.interval[1]


def slice_figure(
    metric: PhotoMetric, member: NDArray[np.int8], sources: Sequence[str]
) -> SliceFigure | None:
    """A metric's figure for a slice; None if too few of its photos were asked something.

    Args:
        metric: over n photos.
        member: (n,) 1 in the slice, 0 outside, -1 if unknown.
        sources: (n,) of the photos.
    """
    asked = metric.asked > 0
    inside = asked & (member == 1)
    if inside.sum() < ENOUGH:
        return None
    rows = np.flatnonzero(asked)  # the same for every slice, and so are the draws
    part, other = inside[rows], (asked & (member == 0))[rows]
    right, total = metric.right[rows], metric.asked[rows]
    # Only sources with photos on both sides can be compared.
    names = np.array(sources)[rows]
    both = sorted(set(names[part]) & set(names[other]))
    shared = np.isin(names, both)
    if min((part & shared).sum(), (other & shared).sum()) < ENOUGH:
        value = estimate(_share(right, total, part), len(rows))
        return SliceFigure(metric.name, int(inside.sum()), value, None, None)
    masks = [names == name for name in both]
    common = estimate(_share(right, total, part & shared), len(rows))
    rest = estimate(_standardised(right, total, part, other, masks), len(rows))
    photos = int((part & shared).sum())
    return SliceFigure(metric.name, photos, common, rest, common.minus(rest))


def share_of(right: NDArray[np.float32], asked: NDArray[np.float32]) -> Estimate:
    """The share of answers that are right, in percent; both (photos,), some photo asks something"""
    return estimate(_share(right, asked, np.ones(len(right), bool)), len(right))


def paired(before: PhotoMetric, now: PhotoMetric) -> tuple[int, Estimate, Estimate] | None:
    """A metric before and after a change, on the same photos and draws.

    Returns:
        how many photos were asked something, the share before, and the share now, in percent; None
        if too few were asked.
    """
    rows = np.flatnonzero((before.asked > 0) | (now.asked > 0))
    if len(rows) < ENOUGH:
        return None
    figures = (share_of(each.right[rows], each.asked[rows]) for each in (before, now))
    old, new = figures
    return len(rows), old, new


def _share(
    right: NDArray[np.float32], total: NDArray[np.float32], part: NDArray[np.bool_]
) -> Statistic:
    hits, asked = right * part, total * part

    def statistic(weights: Weights) -> NDArray[np.float32]:
        with np.errstate(invalid="ignore", divide="ignore"):
            found: NDArray[np.float32] = (weights @ hits) / (weights @ asked)
        return found

    return statistic


def _standardised(
    right: NDArray[np.float32],
    total: NDArray[np.float32],
    part: NDArray[np.bool_],
    other: NDArray[np.bool_],
    masks: Sequence[NDArray[np.bool_]],
) -> Statistic:
    inside = np.stack([total * (part & mask) for mask in masks], 1)
    hits = np.stack([right * (other & mask) for mask in masks], 1)
    asked = np.stack([total * (other & mask) for mask in masks], 1)

    def statistic(weights: Weights) -> NDArray[np.float32]:
        share, rest = weights @ inside, weights @ asked
        with np.errstate(invalid="ignore", divide="ignore"):
            each = np.where(rest > 0, (weights @ hits) / rest, 0)
            share = np.where(rest > 0, share, 0)
            found: NDArray[np.float32] = (each * share).sum(1) / share.sum(1)
        return found

    return statistic
