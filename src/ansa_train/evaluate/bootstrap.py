"""Bootstrap confidence intervals: a figure on photos drawn again and again from those at hand.

Photos are drawn, not queries: captions of one photo rise and fall together, and an interval that
takes them for independent is too narrow. Every statistic is a function of how often each photo
counts, so that a thousand draws are a few matrix products. Draws are the same for every statistic
over as many photos, which makes any difference of two estimates a paired one.

Percentile intervals of Efron, "Bootstrap Methods: Another Look at the Jackknife" (1979).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Weights = NDArray[np.float32]
"""(draws, photos): how often each photo counts in each draw."""

Statistic = Callable[[Weights], NDArray[np.floating[Any]]]
"""Weights -> (draws,) shares in 0..1; NaN where a draw says nothing."""

DRAWS, SEED = 1000, 0
_AT_ONCE = 100  # draws; bounds memory


@dataclass(frozen=True, eq=False, slots=True)
class Estimate:
    """A figure in percent, and its value on each draw of photos.

    Attributes:
        value: over all photos, each once.
        drawn: (draws,) the same over each draw.
    """

    value: float
    drawn: NDArray[np.float64]

    @property
    def interval(self) -> tuple[float, float]:
        """The middle 95 % of the draws."""
        if np.isnan(self.drawn).all():
            return float("nan"), float("nan")
        low, high = np.nanpercentile(self.drawn, (2.5, 97.5))
        return float(low), float(high)

    def minus(self, other: Estimate) -> Estimate:
        """The paired difference in points. Both figures must be over the same photos."""
        return Estimate(self.value - other.value, self.drawn - other.drawn)

    def gain_on(self, other: Estimate) -> Estimate:
        """The paired difference in percent of the other figure."""
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.divide(self.value, other.value) - 1.0
            drawn = self.drawn / other.drawn - 1.0
        return Estimate(100.0 * float(value), 100.0 * drawn)


def estimate(statistic: Statistic, photos: int, *, centred: bool = False) -> Estimate:
    """The statistic over all photos, and over 1,000 draws of as many with replacement.

    Args:
        statistic: a share in 0..1.
        photos: how many there are.
        centred: move the draws to lie around the value. For statistics of rank among few: a photo
            drawn twice stands beside itself, and each draw flatters the model.

    Raises:
        ValueError: there are no photos.
    """
    if not photos:
        raise ValueError("no photos to measure on")
    draws = _draws(photos)
    chunks = (draws[i : i + _AT_ONCE].astype(np.float32) for i in range(0, DRAWS, _AT_ONCE))
    drawn = np.concatenate([statistic(chunk) for chunk in chunks]).astype(np.float64)
    value = float(statistic(np.ones((1, photos), np.float32))[0])
    if centred and not np.isnan(drawn).all():
        drawn = (drawn + value - np.nanmean(drawn)).clip(0.0, 1.0)
    return Estimate(100.0 * value, 100.0 * drawn)


def share(hits: ArrayLike, owners: ArrayLike, photos: int) -> Statistic:
    """The share of queries that were answered right, as a statistic of photos.

    Args:
        hits: (queries,) whether each was answered right.
        owners: (queries,) index of the photo each belongs to.
        photos: how many there are; some may have no query.
    """
    right = np.bincount(owners, hits, photos).astype(np.float32)
    asked = np.bincount(owners, minlength=photos).astype(np.float32)

    def statistic(weights: Weights) -> NDArray[np.floating[Any]]:
        with np.errstate(invalid="ignore"):
            found: NDArray[np.floating[Any]] = (weights @ right) / (weights @ asked)
        return found

    return statistic


@lru_cache(maxsize=4)
def _draws(photos: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(SEED)
    even = np.full(photos, 1.0 / photos)
    return np.stack([rng.multinomial(photos, even).astype(np.uint8) for _ in range(DRAWS)])
