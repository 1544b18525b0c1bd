"""Whether a search found anything: measured against this library, never by an absolute cosine.

A cosine says little by itself: some photos lie near every text, and some texts near every photo.
So a score is first compared with how the same photo scores on everyday texts (its margin, in
standard deviations), and then the best margin with what the best of so many photos reaches by
chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Vector

# A photo whose everyday scores hardly differ must not get huge margins.
_LEAST_SPREAD = 0.01
# How far above chance the best photo must stand, in standard deviations. Higher says "nothing
# matches well" more often. Set on dev photos with the shipped bundle: docs/experiments.md.
_CLEAR = 0.2
_CHUNK = 8192  # photos; bounds the memory of a baseline


@dataclass(frozen=True, slots=True)
class Baseline:
    """How each photo scores on everyday texts.

    Attributes:
        mean: float32 (n,).
        spread: float32 (n,), standard deviation.
    """

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Relevance:
    """What a search's scores mean in this library.

    Attributes:
        margins: float32 (n,); how far each photo's score stands above its everyday scores, in
            standard deviations.
        needed: the margin that the best of so many photos must exceed to be a match.
        good: whether one does.
    """

    margins: NDArray[np.float32]
    needed: float
    good: bool


def baseline(photos: Vector, references: Vector) -> Baseline:
    """The baseline of photos (n, d) over reference vectors (m, d)."""
    mean = np.empty(len(photos), np.float32)
    spread = np.empty(len(photos), np.float32)
    for start in range(0, len(photos), _CHUNK):
        scores = photos[start : start + _CHUNK] @ references.T
        mean[start : start + _CHUNK] = scores.mean(axis=1)
        spread[start : start + _CHUNK] = scores.std(axis=1)
    return Baseline(mean, np.maximum(spread, np.float32(_LEAST_SPREAD)))


def relevance(scores: NDArray[np.float32], everyday: Baseline) -> Relevance:
    """Judges the scores (n,) of one query against the photos' everyday scores."""
    margins = (scores - everyday.mean) / everyday.spread
    if not len(margins):
        return Relevance(margins, math.inf, False)
    # The highest of n standard normal numbers is about sqrt(2 ln n).
    needed = math.sqrt(2.0 * math.log(len(margins) + 1.0)) + _CLEAR
    return Relevance(margins, needed, bool(margins.max() > needed))
