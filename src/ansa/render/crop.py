"""Finds the best crop of a photo at a given aspect ratio, from its saliency map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.render.integral_image import IntegralImage
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

_HEAD_CUT, _HEAD_LOST, _TOUCHED = 2.8, 2.4, 0.03
"""The penalties for cutting all heads and for leaving them out, and the share that may be cut off:
of two faces that do not fit, one is whole and the other is not there."""

_OFF_CENTRE = 2.0
"""The penalty for moving a window by the size of a head that it cannot hold from its centre: of a
close-up, the eyes and the mouth stay."""

_CLOSE, _FAR = 0.2, 0.25
"""Heads that together take this share of a photo's side count fully, small ones a quarter."""

_SHIFT = 0.02
"""The penalty for moving the subject to another relative position than in the photo."""

_GUESS = 0.01
"""The mean saliency of a weak guess at the centre, which decides where nothing is salient."""


def best_crop(
    saliency: NDArray[np.float32],
    aspect: float,
    photo_width: int,
    photo_height: int,
    heads: Sequence[Box] = (),
) -> Box:
    """The largest window of an aspect ratio, at the position that keeps the most saliency.

    Such a window is as wide or as high as the photo, so it slides along one axis. Of places that
    keep as much, the best is the one where the subject stands as it did in the photo (at the left
    third, say) and no edge goes through it. A subject too high for the window keeps its upper part,
    which is where heads are; a photo where nothing draws the eye is cut at its centre. No edge goes
    through a known head where that can be avoided, and as many heads as possible are whole.

    Args:
        saliency: (h, w), 0..1 of any size: :attr:`ansa.Scene.saliency`.
        aspect: width by height of the crop, in pixels: 1, 4 / 5, 16 / 9, ...
        photo_width: pixels of the upright photo.
        photo_height: pixels of the upright photo.
        heads: where people's heads are, in 0..1 of the photo; see
            :func:`ansa.render.heads.heads_of`.

    Returns:
        The window in 0..1 of the photo, at least one pixel wide and high.

    Raises:
        ValueError: no map of finite numbers, or an aspect or a size that is not above zero.
    """
    if saliency.ndim != 2 or not saliency.size or not np.isfinite(saliency).all():
        raise ValueError(f"a saliency map is (h, w) finite numbers, not {saliency.shape}")
    if not (0 < aspect < math.inf and photo_width >= 1 and photo_height >= 1):
        raise ValueError(f"no crop of {photo_width} x {photo_height} pixels to {aspect} : 1")
    seen, guess = visible_saliency(saliency)
    share = aspect * photo_height / photo_width
    if share < 1:
        across = [(box[0], box[2]) for box in heads]
        length = max(share, 1 / photo_width)
        left, right, _ = _best_window(seen.mean(axis=0), length, guess, across)
        return (left, 0.0, right, 1.0)
    along = [(box[1], box[3]) for box in heads]
    rows, height = seen.mean(axis=1), min(1.0, max(1 / share, 1 / photo_height))
    top, bottom, kept = _best_window(rows, height, guess, along)
    if kept < _FITS and rows.any():
        rows = seen.max(axis=1)  # a head is narrow, and counts as much as shoulders
        above = np.cumsum(rows) / rows.sum()
        top, bottom, _ = _best_window(rows * (1 + _HEAD * (1 - 2 * above)), height, guess, along)
    return (0.0, top, 1.0, bottom)


@dataclass(frozen=True, slots=True)
class SlidingWindows:
    """Windows of one length along one axis of a photo, and what speaks for each; all (k,).

    Attributes:
        starts: where each begins, in 0..1 of the photo.
        ends: where it ends.
        kept: the share of the saliency that it keeps, 0..1.
        cost: what it costs that its edges cut the subject, or that this stands elsewhere in it than
            in the photo; from 0.
    """

    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    kept: NDArray[np.float64]
    cost: NDArray[np.float64]


def slide_window(
    profile: NDArray[np.float64], length: float, guess: float, count: int
) -> SlidingWindows:
    """Windows of a length at evenly spaced positions.

    Args:
        profile: (n,), the saliency along the axis on which the window slides.
        length: of the window, above 0, at most 1.
        guess: the mean saliency of a weak guess at the centre.
        count: the number of positions, at least 1.
    """
    cells = len(profile)
    edges = np.linspace(0, 1, cells + 1)
    centres = (edges[1:] + edges[:-1]) / 2
    middle = np.exp(-((centres - 0.5) ** 2) / (2 * 0.25**2))
    weights = profile + guess * middle / middle.mean()
    weights /= weights.mean()
    starts = np.linspace(0, 1 - length, count)
    ends = np.minimum(1.0, starts + length)
    windows = np.stack([starts, np.zeros_like(starts), ends, np.ones_like(starts)], axis=1)

    def through(places: NDArray[np.float64]) -> NDArray[np.float64]:
        """The saliency along an edge above the mean; 0 at the borders of the photo itself."""
        along: NDArray[np.float64] = np.interp(places, centres, weights) - 1
        return np.clip(along, 0, None) * ((places > 0) & (places < 1))

    kept = IntegralImage(weights[None]).sum(windows)
    subject = IntegralImage((weights * centres)[None]).sum(windows) / np.maximum(kept, 1e-12)
    shift = np.abs(starts - subject * (1 - length))
    cost = _CUT * (through(starts) + through(ends)) + _SHIFT * shift
    return SlidingWindows(starts, ends, kept, cost)


def cut_heads(
    starts: NDArray[np.float64], ends: NDArray[np.float64], heads: Sequence[tuple[float, float]]
) -> NDArray[np.float64]:
    """What it costs windows (k,) that they cut heads or leave them out, from 0 to about 3.

    Large heads outweigh what else draws the eye; small ones may be people in the background.

    Args:
        starts: where each window begins.
        ends: where it ends; all are of one length.
        heads: where each head begins and ends along the same axis; large ones count more.
    """
    cost = np.zeros_like(starts)
    total = sum(end - start for start, end in heads)
    weight = min(1.0, max(_FAR, total / _CLOSE))
    for start, end in heads:
        size = max(end - start, 1e-6)
        inside = np.clip(np.minimum(ends, end) - np.maximum(starts, start), 0, None) / size
        cut = (inside > _TOUCHED) & (inside < 1 - _TOUCHED)
        share = weight * size / max(total, 1e-6)
        cost += share * np.where(cut, _HEAD_CUT, _HEAD_LOST * (inside <= _TOUCHED))
        if size > ends[0] - starts[0]:
            cost += share * _OFF_CENTRE * np.abs(starts + ends - start - end) / (2 * size)
    return cost


def visible_saliency(saliency: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
    """A saliency map (h, w) as windows are compared by it, and the guess that goes with it.

    The square root makes a second subject count too.
    """
    seen = np.sqrt(np.clip(saliency.astype(np.float64), 0, 1))
    seen -= seen.min()
    return seen, _GUESS * (1 - float(seen.max())) + 1e-6


def _best_window(
    profile: NDArray[np.float64],
    length: float,
    guess: float,
    heads: Sequence[tuple[float, float]],
) -> tuple[float, float, float]:
    """The start and end of the best window of a length, and the share of saliency it keeps."""
    windows = slide_window(profile, length, guess, _PLACES)
    lost = cut_heads(windows.starts, windows.ends, heads)
    best = int(np.argmax(windows.kept - windows.cost - lost))
    return float(windows.starts[best]), float(windows.ends[best]), float(windows.kept[best])
