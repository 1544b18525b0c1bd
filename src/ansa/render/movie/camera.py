"""Plans the slow move of a virtual camera over a photo, which keeps the subject in view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.render.crop import best_crop
from ansa.scene import Box

_CLOSE = 0.88  # the nearer window, as a share of the wider
_WAY = 0.35  # of the free way beside a window that fills one side, how much is panned


@dataclass(frozen=True, slots=True)
class Move:
    """A move from one window of a photo to another of the same shape, both in 0..1 of the photo."""

    start: Box
    end: Box

    def at(self, share: float) -> Box:
        """The window after a share of the time, 0..1. The move starts and stops gently."""
        gentle = share * share * (3 - 2 * share)
        left, top, right, bottom = (
            a + gentle * (b - a) for a, b in zip(self.start, self.end, strict=True)
        )
        return left, top, right, bottom


def plan_move(
    saliency: NDArray[np.float32] | None, aspect: float, width: int, height: int, outward: bool
) -> Move:
    """Plans the camera's move over a photo.

    It goes from the best crop of the wanted shape nearer to what draws the eye. Where the photo is
    much longer than that shape, it also pans along it, and ends where the best crop is.

    Args:
        saliency: shape (h, w), 0..1; if None, the subject is assumed in the middle.
        aspect: width divided by height of the film.
        width: pixels of the upright photo.
        height: pixels of the upright photo.
        outward: the same way back: away from the subject.
    """
    seen = np.zeros((8, 8), np.float32) if saliency is None else saliency
    wide = best_crop(seen, aspect, width, height)
    near = _nearer(seen, wide)
    start = _pan(wide)
    return Move(near, start) if outward else Move(start, near)


def _nearer(saliency: NDArray[np.float32], window: Box) -> Box:
    """A smaller window inside another, at the position with the most saliency."""
    left, top, right, bottom = window
    x, y = _middle(saliency, window)
    wide, high = _CLOSE * (right - left), _CLOSE * (bottom - top)
    x0 = min(max(x - wide / 2, left), right - wide)
    y0 = min(max(y - high / 2, top), bottom - high)
    return x0, y0, x0 + wide, y0 + high


def _middle(saliency: NDArray[np.float32], window: Box) -> tuple[float, float]:
    """The centre of mass of the saliency in a window; the window's centre if there is none."""
    left, top, right, bottom = window
    high, wide = saliency.shape
    ys, xs = (np.arange(high) + 0.5) / high, (np.arange(wide) + 0.5) / wide
    inside = np.outer((ys >= top) & (ys <= bottom), (xs >= left) & (xs <= right))
    weight = np.clip(saliency, 0, 1) * inside
    total = float(weight.sum())
    if total <= 0:
        return (left + right) / 2, (top + bottom) / 2
    return float((weight.sum(0) @ xs) / total), float((weight.sum(1) @ ys) / total)


def _pan(window: Box) -> Box:
    """The window, moved along the side that it does not fill towards the larger free space."""
    left, top, right, bottom = window

    def shift(low: float, high: float) -> float:
        before, after = low, 1 - high
        return _WAY * after if after >= before else -_WAY * before

    across, along = shift(left, right), shift(top, bottom)
    return left + across, top + along, right + across, bottom + along
