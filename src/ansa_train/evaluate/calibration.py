"""Calibrates scores to probabilities, and finds thresholds that keep a stated precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def platt(
    logits: Floats, target: Floats, weight: Floats, prior: tuple[float, float], strength: float
) -> tuple[float, float]:
    """The slope and the offset that turn a logit into that of a calibrated probability.

    Platt, "Probabilistic Outputs for Support Vector Machines" (1999), drawn towards a prior, so
    that few photos change little.

    Args:
        logits: (n,).
        target: (n,), how surely positive, 0..1.
        weight: (n,), of each photo.
        prior: slope and offset to return if nothing is known.
        strength: of the prior, in photos that know the answer.

    Returns:
        slope, at least 0.05, and offset.
    """
    slope, offset = prior
    spread = strength * 0.25  # the curvature of so many photos of even odds
    for _ in range(25):
        p = 1.0 / (1.0 + np.exp(-np.clip(slope * logits + offset, -30.0, 30.0)))
        error, curve = weight * (p - target), weight * p * (1.0 - p)
        g = (error * logits).sum() + spread * (slope - prior[0]) * 4.0
        h = error.sum() + spread * (offset - prior[1])
        a = (curve * logits * logits).sum() + spread * 4.0 + 1e-6
        b, c = (curve * logits).sum(), curve.sum() + spread + 1e-6
        det = a * c - b * b
        step = np.clip([(c * g - b * h) / det, (a * h - b * g) / det], -1.0, 1.0)
        slope, offset = max(0.05, slope - step[0]), offset - step[1]
        if np.abs(step).max() < 1e-4:
            break
    return float(slope), float(offset)


def offset_for(logits: Floats, mean: float) -> float:
    """What to add to logits so that their probabilities have a mean, 0..1; never more than zero."""
    low, high = -60.0, 0.0
    for _ in range(40):
        middle = (low + high) / 2.0
        chances = 1.0 / (1.0 + np.exp(-np.clip(logits + middle, -60.0, 60.0)))
        low, high = (middle, high) if chances.mean() < mean else (low, middle)
    return high


def threshold_at(
    scores: Floats, target: Floats, weight: Floats, precision: float, least: float
) -> float | None:
    """The lowest score from which on the precision is reached.

    Args:
        scores: (n,), 0..1.
        target: (n,), how surely positive, 0..1.
        weight: (n,), zero where unknown.
        precision: wanted of all photos at or above the threshold; one wrong photo more is added to
            them, as few photos flatter.
        least: positives there must be at or above it.

    Returns:
        None if no threshold does it.
    """
    order = np.argsort(-scores, kind="stable")
    order = order[weight[order] > 0]
    right = np.cumsum((weight * target)[order])
    seen = np.cumsum(weight[order])
    last = np.append(scores[order][1:] < scores[order][:-1], True)  # equal scores go together
    good = np.flatnonzero((right / (seen + 1.0) >= precision) & (right >= least) & last)
    return float(scores[order][good[-1]]) if good.size else None


def precision_above(scores: Floats, target: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """The share of positives at and above every score.

    Args:
        scores: (n,), 0..1.
        target: (n,), how surely positive, 0..1.
        weight: (n,), zero where unknown; known for one at least.

    Returns:
        the scores, falling, and the precision from each of them on; one wrong photo more is added,
        as few photos flatter.
    """
    order = np.argsort(-scores, kind="stable")
    order = order[weight[order] > 0]
    precision = np.cumsum((weight * target)[order]) / (np.cumsum(weight[order]) + 1.0)
    return scores[order], precision


def calibration_error(scores: Floats, truth: Floats, bins: int = 15) -> float:
    """The expected calibration error: how far mean score and share of positives lie apart.

    Guo et al., "On Calibration of Modern Neural Networks" (2017); bins hold equally many.
    """
    order = np.argsort(scores)
    parts = [part for part in np.array_split(order, bins) if part.size]
    gaps = [abs(scores[part].mean() - truth[part].mean()) * part.size for part in parts]
    return float(sum(gaps) / max(1, scores.size))
