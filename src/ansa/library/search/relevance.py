"""Decides whether a search found anything, relative to this library instead of by a fixed cosine.

A cosine by itself says little, because some photos are close to every text, and some texts to every
photo. A score is therefore first compared with the same photo's scores for everyday texts (its
margin, in standard deviations). The best margin is then compared with the margin that the best of
so many photos reaches by chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.library.storage.quantized_vectors import QuantizedVectors
from ansa.scene import Vector

# A photo whose scores for everyday texts hardly differ must not get huge margins.
_LEAST_SPREAD = 0.01
# The distance above chance that the best photo needs, in standard deviations. A higher value says
# "nothing matches well" more often. Set on dev photos with the shipped bundle: docs/experiments.md.
_CLEAR = 0.2
_CHUNK = 8192  # photos per block, which limits the memory of a baseline


@dataclass(frozen=True, slots=True)
class Baseline:
    """The scores of each photo on everyday texts.

    Attributes:
        mean: float32 (n,).
        spread: float32 (n,), standard deviation.
    """

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Relevance:
    """The meaning of a search's scores in this library.

    Attributes:
        margins: float32 (n,), the distance of each photo's score above its scores for everyday
            texts, in standard deviations.
        needed: the margin that the best of so many photos must exceed to be a good match.
        good: whether one does.
    """

    margins: NDArray[np.float32]
    needed: float
    good: bool


def baseline(photos: Vector | QuantizedVectors, references: Vector) -> Baseline:
    """Returns the baseline of photos (n, d) over reference vectors (m, d)."""
    mean = np.empty(len(photos), np.float32)
    spread = np.empty(len(photos), np.float32)
    for start in range(0, len(photos), _CHUNK):
        scores = photos[start : start + _CHUNK] @ references.T
        mean[start : start + _CHUNK] = scores.mean(axis=1)
        spread[start : start + _CHUNK] = scores.std(axis=1)
    return Baseline(mean, np.maximum(spread, np.float32(_LEAST_SPREAD)))


def relevance(scores: NDArray[np.float32], everyday: Baseline) -> Relevance:
    """Compares the scores (n,) of one query with the photos' scores for everyday texts."""
    margins = (scores - everyday.mean) / everyday.spread
    if not len(margins):
        return Relevance(margins, math.inf, False)
    # The maximum of n standard normal numbers is about sqrt(2 ln n).
    needed = math.sqrt(2.0 * math.log(len(margins) + 1.0)) + _CLEAR
    return Relevance(margins, needed, bool(margins.max() > needed))
