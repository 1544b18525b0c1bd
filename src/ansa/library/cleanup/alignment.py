"""Finds where one picture lies in another, if it may be an edited copy of it.

Corner points of both pictures are matched. Many affine maps are computed from two matches each
(Fischler and Bolles, Random Sample Consensus, 1981), and the one that most matches agree with is
fitted to these matches. The unit of coordinates is the longer side of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.library.cleanup.keypoints import ComparisonImage

Affine = NDArray[np.float64]
"""(2, 3): maps x, y, 1 in one picture to x, y in another."""

Points = NDArray[np.float64]
"""(n, 2): x and y, in longer sides of the picture."""

_LEAST_LIKE = 0.75
_TRIES = 200
_NEAR = 0.015  # the distance up to which a match agrees with a map
_LEAST_MATCHES = 6
_MOST_TURN = 0.45  # the sine of the largest rotation
_SCALES = 0.25, 4.0
_PLACES = 32  # grid positions in a row that measure how much of a picture lies on another


@dataclass(frozen=True, slots=True)
class Alignment:
    """A way in which one picture may lie in another.

    Attributes:
        map: from positions in the first picture to positions in the second, after mirroring.
        mirrored: whether the second picture must be mirrored left to right.
        matches: the number of corner points that agree.
    """

    map: Affine
    mirrored: bool
    matches: int = 0


def whole(one: ComparisonImage, other: ComparisonImage) -> list[Alignment]:
    """Returns the whole second picture laid on the whole first one, as it is and mirrored."""
    sides = extent(other) / extent(one)
    map_ = np.array([[sides[0], 0.0, 0.0], [0.0, sides[1], 0.0]])
    return [Alignment(map_, mirrored=False), Alignment(map_, mirrored=True)]


def alignments(one: ComparisonImage, other: ComparisonImage) -> list[Alignment]:
    """Returns ways in which one of the two pictures may show a part of the other."""
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
    """Returns width and height, (2,), in longer sides."""
    return np.array(detail.grey.size) / max(detail.grey.size)


def overlap(one: ComparisonImage, other: ComparisonImage, map_: Affine) -> tuple[float, float]:
    """Returns the share of the first picture that lies on the second, and the reverse, 0..1."""
    return _share(one, other, map_), _share(other, one, _turned_back(map_))


def _share(one: ComparisonImage, other: ComparisonImage, map_: Affine) -> float:
    y, x = np.mgrid[:_PLACES, :_PLACES].reshape(2, -1)
    at = moved(map_, (np.stack([x, y], 1) + 0.5) / _PLACES * extent(one))
    return float(((at >= 0) & (at <= extent(other))).all(axis=1).mean())


def _turned_back(map_: Affine) -> Affine:
    whole_map = np.linalg.inv(np.vstack([map_, [0, 0, 1]]))
    return np.asarray(whole_map[:2], np.float64)


def affine(source: Points, target: Points) -> Affine:
    """Returns the affine map that fits pairs of points best."""
    rows = np.column_stack([source, np.ones(len(source))])
    solved = np.linalg.lstsq(rows, target, rcond=None)[0].T
    return np.asarray(solved, np.float64)


def moved(map_: Affine, points: Points) -> Points:
    """Returns the positions to which a map moves points."""
    return points @ map_[:, :2].T + map_[:, 2]


def _consensus(source: Points, target: Points) -> tuple[Affine, int] | None:
    """Returns the map that most matches agree with, and their number."""
    if len(source) < _LEAST_MATCHES:
        return None
    rng = np.random.default_rng(len(source))
    first, second = rng.integers(0, len(source), (2, _TRIES))
    # Two matches determine scale, rotation and translation.
    a, b = source @ (1, 1j), target @ (1, 1j)
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
