"""The best crop of a photo at a wanted shape, from its saliency."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Box

ASPECTS = {"1:1": 1.0, "4:5": 4 / 5, "16:9": 16 / 9, "9:16": 9 / 16}
"""Width by height of usual crops."""

_PLACES = 257
"""How many places of the window are compared."""

_CUT = 0.1
"""What an edge through the subject costs: this times the share of saliency that lies along it."""

_SHIFT = 0.02
"""What it costs to show the subject elsewhere in the window than it was in the photo."""


def best_crop(
    saliency: NDArray[np.float32], aspect: float, photo_width: int, photo_height: int
) -> Box:
    """The largest window of a shape, where it keeps most of what draws the eye.

    Such a window is as wide or as high as the photo, so it slides along one axis. Of places that
    keep as much, the best is the one where the subject stands as it did in the photo (at the left
    third, say) and no edge goes through it; a photo where nothing draws the eye is cut at its
    centre.

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
    share = aspect * photo_height / photo_width
    if share < 1:
        left, right = _slide(saliency.sum(axis=0), max(share, 1 / photo_width))
        return (left, 0.0, right, 1.0)
    top, bottom = _slide(saliency.sum(axis=1), min(1.0, max(1 / share, 1 / photo_height)))
    return (0.0, top, 1.0, bottom)


def _slide(profile: NDArray[np.float32], length: float) -> tuple[float, float]:
    """Start and end of the best window of a length, along saliency summed across the other axis."""
    weights = np.clip(profile.astype(np.float64), 0, None)
    cells = len(weights)
    # A trace everywhere, so that a window has a middle even where nothing draws the eye.
    weights = weights + 1e-6 * max(1.0, weights.sum())
    weights /= weights.sum()
    edges = np.linspace(0, 1, cells + 1)
    centres = (edges[1:] + edges[:-1]) / 2
    starts = np.linspace(0, 1 - length, _PLACES)
    ends = starts + length

    def within(values: NDArray[np.float64]) -> NDArray[np.float64]:
        below = np.concatenate([[0], np.cumsum(values)])
        inside: NDArray[np.float64] = np.interp(ends, edges, below) - np.interp(
            starts, edges, below
        )
        return inside

    def through(places: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much more than anywhere lies along an edge; the photo's own cut nothing."""
        inside = (places > 0) & (places < 1)
        along = np.interp(places, centres, weights * cells) - 1
        return np.clip(along, 0, None) * inside

    kept = within(weights)
    subject = within(weights * centres) / np.maximum(kept, 1e-12)
    shift = np.abs(starts - subject * (1 - length))
    score = kept - _CUT * (through(starts) + through(ends)) - _SHIFT * shift
    start = float(starts[np.argmax(score)])
    return start, min(1.0, start + length)
