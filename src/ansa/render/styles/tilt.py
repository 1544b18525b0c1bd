"""How far a photo is tilted, told by its edges: most of what people build and sea stands level.

The direction of each edge is that of the structure tensor around it. Edges that run straight for
some pixels count more than texture. The directions near level and near upright make two histograms,
which speak together; photos are seldom tilted by much, so a small tilt needs less evidence. Where a
photo has few edges, the quality signal, which knows what things look like upright, tells more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ansa.scene import Pixels, Quality

# What the edges and the quality signal say, each counted by what it adds on dev photos.
_BY_EDGES, _BY_SIGNAL = 0.85, 0.25
_SIDE = 256  # pixels of the longer side at which edges are looked at
_LEAST = 24  # pixels of the shorter side below which nothing is told
_AROUND = 3  # pixels around an edge that have a say in its direction
_COHERENCE = 4  # the power that prefers straight edges to texture
_DARK = 16.0  # a grey level, so that edges in shadows do not count too much
_WIDEST, _STEP = 15.0, 0.5  # degrees
_SMOOTH = 2.0  # steps
_EVIDENCE = 6.0  # how much the histograms count
_EXPECTED = 7.0  # degrees, the standard deviation of tilts before anything is seen
_FLOOR = 1e-3  # share of all edges in one step, below which nothing is told


def estimate_tilt(pixels: Pixels, quality: Quality | None) -> float:
    """Estimates by how many degrees what a photo shows is turned clockwise, by all that tells it.

    Args:
        pixels: uint8 (height, width, 3), upright, of any size.
        quality: the quality signal of the photo; None if it is not known.

    Returns:
        Degrees; near 0 if the photo is level or nothing tells its tilt.
    """
    edges = tilt_of_edges(pixels)
    return edges if quality is None else _BY_EDGES * edges + _BY_SIGNAL * quality.tilt


def tilt_of_edges(pixels: Pixels) -> float:
    """Estimates by how many degrees what a photo shows is turned clockwise.

    Args:
        pixels: uint8 (height, width, 3), upright, of any size.

    Returns:
        Degrees, -15..15; near 0 if the photo is level or has no straight edges.
    """
    grey = Image.fromarray(pixels).convert("L")
    scale = min(1.0, _SIDE / max(grey.size))
    size = round(grey.width * scale), round(grey.height * scale)
    if min(size) < _LEAST:
        return 0.0
    small = grey.resize(size, Image.Resampling.BOX)
    across, down = _gradients(np.log(np.asarray(small, np.float32) + _DARK))
    xx, xy, yy = (_summed(each) for each in (across * across, across * down, down * down))
    strength = np.hypot(xx - yy, 2 * xy)
    cells = (2 * _AROUND + 1) ** 2
    coherence = strength / (xx + yy + 1e-3 * cells)
    # An edge has the direction across its gradient: a level one has a gradient of 90 degrees.
    direction = np.degrees(0.5 * np.arctan2(2 * xy, xx - yy))
    weight = np.sqrt(np.hypot(across, down)) * np.clip(coherence, 0, 1) ** _COHERENCE
    tilts = np.arange(-_WIDEST, _WIDEST + _STEP / 2, _STEP)
    belief = -(tilts**2) / (2 * _EXPECTED**2)
    for upright in (0.0, 90.0):
        share = _histogram((direction - upright + 90) % 180 - 90, weight)
        belief += _EVIDENCE / 2 * share / (share.mean() + _FLOOR)
    chance = np.exp(belief - belief.max())
    return float(tilts @ chance / chance.sum())


def _gradients(light: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Sobel's differences to the right and downwards, 0 at the borders."""
    across, down = np.zeros_like(light), np.zeros_like(light)
    right = light[:, 2:] - light[:, :-2]
    below = light[2:] - light[:-2]
    across[1:-1, 1:-1] = right[:-2] + 2 * right[1:-1] + right[2:]
    down[1:-1, 1:-1] = below[:, :-2] + 2 * below[:, 1:-1] + below[:, 2:]
    return across, down


def _summed(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """The sum over the square around each place."""
    side = 2 * _AROUND + 1
    padded = np.pad(values.astype(np.float64), ((_AROUND + 1, _AROUND), (_AROUND + 1, _AROUND)))
    total = padded.cumsum(0).cumsum(1)
    sums: NDArray[np.float64] = (
        total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    )
    return sums


def _histogram(angles: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of all weight at each tilt, smoothed."""
    margin = 3 * _SMOOTH * _STEP
    widest = _WIDEST + margin
    near = np.abs(angles) < widest
    steps = round(2 * widest / _STEP) + 1
    places = np.round((angles[near] + widest) / _STEP).astype(np.intp)
    counts = np.bincount(places, weight[near], minlength=steps)[:steps]
    reach = int(3 * _SMOOTH)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _SMOOTH) ** 2)
    smooth = np.convolve(counts, bell / bell.sum(), "valid")
    share: NDArray[np.float64] = smooth / (weight.sum() + 1e-6)
    return share
