"""Where in one picture another one lies, if it is an edited copy of it.

Corners of both are matched, and many maps are tried on two matches each (Fischler and Bolles,
Random Sample Consensus, 1981); the one that most matches agree with is fitted to those. Places are
in longer sides of their picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.library.cleanup.keypoints import ComparisonImage

Affine = NDArray[np.float64]
"""(2, 3): from x, y, 1 in one picture to x, y in another."""

Points = NDArray[np.float64]
"""(n, 2): x and y."""

_LEAST_LIKE = 0.75
_TRIES = 200
_NEAR = 0.015  # matches that agree with a map
_LEAST_MATCHES = 6
_MOST_TURN = 0.45  # a sine
_SCALES = 0.25, 4.0
_PLACES = 32  # in a row, for how much of a picture lies on another


@dataclass(frozen=True, slots=True)
class Alignment:
    """A way in which one picture may lie in another.

    Attributes:
        map: from places in the first to places in the second, as it is mirrored.
        mirrored: whether the second picture is to be turned left to right.
        matches: how many corners agree.
    """

    map: Affine
    mirrored: bool
    matches: int = 0


def whole(one: ComparisonImage, other: ComparisonImage) -> list[Alignment]:
    """The whole of the second picture on the whole of the first, as it is and mirrored."""
    sides = extent(other) / extent(one)
    map_ = np.array([[sides[0], 0.0, 0.0], [0.0, sides[1], 0.0]])
    return [Alignment(map_, mirrored=False), Alignment(map_, mirrored=True)]


def alignments(one: ComparisonImage, other: ComparisonImage) -> list[Alignment]:
    """Ways in which the second picture may show a part of the first, or the other way round."""
    found: list[Alignment] = []
    if not len(one.corners.at) or not len(other.corners.at):
        return found
    for mirrored in (False, True):
        at, look = other.corners.at, other.corners.look
        if mirrored:
            at, look = at * (-1, 1) + (extent(other)[0], 0), other.corners.mirrored
        like = one.corners.look @ look.T
        best, back = like.argmax(axis=1), like.argmax(axis=0)
        each = np.arange(len(best))
        rows = np.flatnonzero((back[best] == each) & (like[each, best] >= _LEAST_LIKE))
        fit = _consensus(one.corners.at[rows], at[best[rows]])
        if fit is not None:
            found.append(Alignment(fit[0], mirrored, fit[1]))
    return found


def extent(detail: ComparisonImage) -> Points:
    """Width and height, (2,), in longer sides."""
    return np.array(detail.grey.size) / max(detail.grey.size)


def overlap(one: ComparisonImage, other: ComparisonImage, map_: Affine) -> tuple[float, float]:
    """The share of the first picture that lies on the second, and of the second on the first."""
    return _share(one, other, map_), _share(other, one, _turned_back(map_))


def _share(one: ComparisonImage, other: ComparisonImage, map_: Affine) -> float:
    y, x = np.mgrid[:_PLACES, :_PLACES].reshape(2, -1)
    at = moved(map_, (np.stack([x, y], 1) + 0.5) / _PLACES * extent(one))
    return float(((at >= 0) & (at <= extent(other))).all(axis=1).mean())


def _turned_back(map_: Affine) -> Affine:
    whole_map = np.linalg.inv(np.vstack([map_, [0, 0, 1]]))
    return np.asarray(whole_map[:2], np.float64)


def affine(source: Points, target: Points) -> Affine:
    """The affine map that takes some points nearest to others."""
    rows = np.column_stack([source, np.ones(len(source))])
    solved = np.linalg.lstsq(rows, target, rcond=None)[0].T
    return np.asarray(solved, np.float64)


def moved(map_: Affine, points: Points) -> Points:
    """Where a map takes points."""
    return points @ map_[:, :2].T + map_[:, 2]


def _consensus(source: Points, target: Points) -> tuple[Affine, int] | None:
    """The map that most matches agree with, and how many do."""
    if len(source) < _LEAST_MATCHES:
        return None
    rng = np.random.default_rng(len(source))
    first, second = rng.integers(0, len(source), (2, _TRIES))
    a, b = source @ (1, 1j), target @ (1, 1j)  # two matches give a scale, a turn and a move
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = (b[first] - b[second]) / (a[first] - a[second])
    size = np.abs(scale)
    usable = np.isfinite(size) & (size > _SCALES[0]) & (size < _SCALES[1])
    usable &= (scale.real > 0) & (np.abs(scale.imag) < _MOST_TURN * size)
    if not usable.any():
        return None
    scale, move = scale[usable], (b[first] - scale * a[first])[usable]
    near = np.abs(scale[:, None] * a + move[:, None] - b) < 2 * _NEAR
    agree = near[near.sum(axis=1).argmax()]
    for limit in (2 * _NEAR, _NEAR, _NEAR):
        if agree.sum() < _LEAST_MATCHES:
            return None
        fit = affine(source[agree], target[agree])
        agree = np.abs(moved(fit, source) - target).max(axis=1) < limit
    return fit, int(agree.sum())
