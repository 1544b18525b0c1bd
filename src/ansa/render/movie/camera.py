"""Plans the slow move of a virtual camera over a photo, which keeps the subject in view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.render.crop import best_crop
from ansa.scene import Box

_CLOSE = 0.88  # the nearer window, as a share of the wider
_HAIR = 0.01  # of a photo's side
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
    saliency: NDArray[np.float32] | None,
    aspect: float,
    width: int,
    height: int,
    outward: bool,
    heads: Sequence[Box] = (),
) -> Move:
    """Plans the camera's move over a photo.

    It goes from the best crop of the wanted shape nearer to what draws the eye. Where the photo is
    much longer than that shape, it also pans along it, and ends where the best crop is. Heads that
    are whole in the best crop are whole all the time, and no edge passes over another one.

    Args:
        saliency: shape (h, w), 0..1; if None, the subject is assumed in the middle.
        aspect: width divided by height of the film.
        width: pixels of the upright photo.
        height: pixels of the upright photo.
        outward: the same way back: away from the subject.
        heads: where people's heads are, in 0..1 of the photo; see
            :func:`ansa.render.heads.heads_of`.
    """
    seen = np.zeros((8, 8), np.float32) if saliency is None else saliency
    wide = best_crop(seen, aspect, width, height, heads)
    near = _nearer(seen, wide, [head for head in heads if _holds(wide, head)])
    start = _pan(wide, heads)
    return Move(near, start) if outward else Move(start, near)


def _nearer(saliency: NDArray[np.float32], window: Box, heads: Sequence[Box]) -> Box:
    """A smaller window inside another, at the position with the most saliency that holds all heads.

    It is no smaller than these need.
    """
    left, top, right, bottom = window
    x, y = _middle(saliency, window)
    wide, high = right - left, bottom - top
    about = _around(heads) if heads else (x, y, x, y)
    close = max(_CLOSE, (about[2] - about[0]) / wide, (about[3] - about[1]) / high)
    wide, high = min(close, 1.0) * wide, min(close, 1.0) * high
    x0 = min(max(x - wide / 2, left, about[2] - wide), right - wide, about[0])
    y0 = min(max(y - high / 2, top, about[3] - high), bottom - high, about[1])
    # Heads may reach over the window by a hair.
    x0, y0 = min(max(x0, left), right - wide), min(max(y0, top), bottom - high)
    return x0, y0, x0 + wide, y0 + high


def _around(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _holds(window: Box, head: Box) -> bool:
    """Whether a head is whole in a window, but for a hair."""
    return (
        window[0] - _HAIR <= head[0]
        and window[1] - _HAIR <= head[1]
        and window[2] + _HAIR >= head[2]
        and window[3] + _HAIR >= head[3]
    )


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


def _pan(window: Box, heads: Sequence[Box]) -> Box:
    """The window, moved along the side that it does not fill towards the larger free space.

    It is moved less where an edge would else pass over a head.
    """
    left, top, right, bottom = window
    across = _way(left, right, [(head[0], head[2]) for head in heads])
    along = _way(top, bottom, [(head[1], head[3]) for head in heads])
    return left + across, top + along, right + across, bottom + along


def _way(low: float, high: float, heads: Sequence[tuple[float, float]]) -> float:
    """How far a window from ``low`` to ``high`` is moved along one axis."""
    after = 1 - high
    if after < low:  # the other way round
        return -_way(1 - high, 1 - low, [(1 - end, 1 - start) for start, end in heads])
    way = _WAY * after
    for start, end in heads:
        for edge in (low, high):
            if end > edge:  # a head that the edge has passed already does not matter
                way = min(way, max(0.0, start - edge))
    return way
