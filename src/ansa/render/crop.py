"""Finds the best crop of a photo at a given aspect ratio, from its saliency map."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Box

ASPECTS = {"1:1": 1.0, "4:5": 4 / 5, "16:9": 16 / 9, "9:16": 9 / 16}
"""Common aspect ratios, width divided by height."""

_PLACES = 257
"""The number of window positions that are compared."""

_CUT = 0.1
"""The weight of the penalty for cutting the subject: of the share of saliency along the edges."""

_FITS = 0.9
"""A subject does not fit if no window keeps this share of its saliency."""

_HEAD = 0.5
"""The extra weight of the top of a subject that does not fit, so that it keeps its head."""

_SHIFT = 0.02
"""The penalty for moving the subject to another relative position than in the photo."""

_GUESS = 0.01
"""The mean saliency of a weak guess at the centre, which decides where nothing is salient."""


def best_crop(
    saliency: NDArray[np.float32], aspect: float, photo_width: int, photo_height: int
) -> Box:
    """The largest window of an aspect ratio, at the position that keeps the most saliency.

    Such a window is as wide or as high as the photo, so it slides along one axis. Of places that
    keep as much, the best is the one where the subject stands as it did in the photo (at the left
    third, say) and no edge goes through it. A subject too high for the window keeps its upper part,
    which is where heads are; a photo where nothing draws the eye is cut at its centre.

    Args:
        saliency: (h, w), 0..1 of any size: :attr:`ansa.Scene.saliency`.
        aspect: width by height of the crop, in pixels: 1, 4 / 5, 16 / 9, ...
        photo_width: pixels of the upright photo.
        photo_height: pixels of the upright photo.

    Returns:
        The window in 0..1 of the photo, at least one pixel wide and high.

    Raises:
        ValueError: no map of finite numbers, or an aspect or a size that is not above zero.
    """
    if saliency.ndim != 2 or not saliency.size or not np.isfinite(saliency).all():
        raise ValueError(f"a saliency map is (h, w) finite numbers, not {saliency.shape}")
    if not (0 < aspect < math.inf and photo_width >= 1 and photo_height >= 1):
        raise ValueError(f"no crop of {photo_width} x {photo_height} pixels to {aspect} : 1")
    seen = np.sqrt(np.clip(saliency.astype(np.float64), 0, 1))  # a second subject counts too
    seen -= seen.min()
    guess = _GUESS * (1 - float(seen.max())) + 1e-6
    share = aspect * photo_height / photo_width
    if share < 1:
        left, right, _ = _slide(seen.mean(axis=0), max(share, 1 / photo_width), guess)
        return (left, 0.0, right, 1.0)
    rows, height = seen.mean(axis=1), min(1.0, max(1 / share, 1 / photo_height))
    top, bottom, kept = _slide(rows, height, guess)
    if kept < _FITS and rows.any():
        rows = seen.max(axis=1)  # a head is narrow, and counts as much as shoulders
        above = np.cumsum(rows) / rows.sum()
        top, bottom, _ = _slide(rows * (1 + _HEAD * (1 - 2 * above)), height, guess)
    return (0.0, top, 1.0, bottom)


def _slide(profile: NDArray[np.float64], length: float, guess: float) -> tuple[float, float, float]:
    """The start and end of the best window of a length, and the share of saliency it keeps.

    ``profile`` is the mean saliency across the other axis.
    """
    cells = len(profile)
    edges = np.linspace(0, 1, cells + 1)
    centres = (edges[1:] + edges[:-1]) / 2
    middle = np.exp(-((centres - 0.5) ** 2) / (2 * 0.25**2))
    weights = profile + guess * middle / middle.mean()
    weights /= weights.sum()
    starts = np.linspace(0, 1 - length, _PLACES)
    ends = starts + length

    def within(values: NDArray[np.float64]) -> NDArray[np.float64]:
        below = np.concatenate([[0], np.cumsum(values)])
        inside: NDArray[np.float64] = np.interp(ends, edges, below) - np.interp(
            starts, edges, below
        )
        return inside

    def through(places: NDArray[np.float64]) -> NDArray[np.float64]:
        """The saliency along an edge above the mean; 0 at the borders of the photo itself."""
        along: NDArray[np.float64] = np.interp(places, centres, weights * cells) - 1
        return np.clip(along, 0, None) * ((places > 0) & (places < 1))

    kept = within(weights)
    subject = within(weights * centres) / np.maximum(kept, 1e-12)
    shift = np.abs(starts - subject * (1 - length))
    score = kept - _CUT * (through(starts) + through(ends)) - _SHIFT * shift
    best = int(np.argmax(score))
    return float(starts[best]), min(1.0, float(ends[best])), float(kept[best])
