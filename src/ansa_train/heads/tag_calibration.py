"""Turns the logits of the tags head into probabilities that hold, and says when a tag is sure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.taxonomy.tree import Concept, Tree
from ansa_train.data.labels.concept_labels import PRESENT, UNMENTIONED
from ansa_train.data.pack import Sample
from ansa_train.evaluate.calibration import platt, precision_above, threshold_at
from ansa_train.heads.tag_targets import WRITTEN, TagSettings, of_written
from ansa_train.taxonomy.build import BROAD

PAIRS = 200_000
"""Pairs of photo and tag that the calibration of all tags is learned from."""

SEVERAL = 3
"""Captions of a photo that together name most of what is plain to see."""

MIN_BITS, MAX_BITS = 2.0, 6.0
"""What a tag tells, as bits of information; beyond these, rare and frequent ones are alike."""


def evidence(
    samples: Sequence[Sample], states: NDArray[np.uint8], tree: Tree, wanted: TagSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What is known of photos to judge tags by.

    Pictures of text show no other things than those in OF_WRITTEN.

    Args:
        samples: the photos.
        states: (photos, concepts) of :class:`ansa_train.data.labels.concept_labels.ConceptLabels`.
        tree: the concepts.
        wanted: the settings of the head; what captions do not mention counts as absent, weakly.

    Returns:
        presence, 0 or 1, and weight, (photos, concepts) each.
    """
    several = np.array([len(sample.captions) >= SEVERAL for sample in samples])
    silence = np.where(several, wanted.silence, wanted.brief_silence)
    weight = np.where(states == UNMENTIONED, silence[:, None], states != 0)
    written = np.array([sample.kind in WRITTEN for sample in samples])
    absent = written[:, None] & ~of_written(tree) & (states != PRESENT)
    return (states == PRESENT).astype(np.float64), np.where(absent, 1.0, weight)


def calibrations(
    logits: NDArray[Any],
    target: NDArray[Any],
    weight: NDArray[Any],
    prior: float,
    learned: NDArray[np.bool_],
) -> list[tuple[float, float]]:
    """The line that makes log-odds of every concept's logits (Platt, 1999).

    It is drawn towards the line that all concepts share which are known in the same way: learned
    from photos, or left as the classifier has them.

    Args:
        logits: (photos, concepts) of the network.
        target: (photos, concepts), 1 where a photo shows a concept.
        weight: (photos, concepts), how much that counts; 0 where nothing is known.
        prior: how many photos the shared line counts for.
        learned: (concepts,), which concepts photos teach.

    Returns:
        slope and offset of each concept.
    """
    logits, target, weight = (each.astype(np.float64) for each in (logits, target, weight))
    lines = [(1.0, 0.0)] * logits.shape[1]
    for kind in (False, True):
        some = learned == kind
        known = np.flatnonzero(weight[:, some].ravel())
        if not known.size:
            continue
        chosen = known[:: max(1, known.size // PAIRS)]
        x, y, w = (each[:, some].ravel()[chosen] for each in (logits, target, weight))
        pooled = platt(x, y, w, (1.0, 0.0), 1.0)
        for i in np.flatnonzero(some):
            seen = weight[:, i].any()
            x, y, w = (each[:, i] for each in (logits, target, weight))
            lines[i] = platt(x, y, w, pooled, prior) if seen else pooled
    return lines


def thresholds(
    scores: NDArray[np.float64],
    target: NDArray[Any],
    weight: NDArray[Any],
    wanted: TagSettings,
    is_learned: NDArray[np.bool_],
) -> list[float]:
    """The probability from which each tag is sure.

    Scores are calibrated, so how often they are right is nearly one curve for all tags that photos
    teach, and another for all that the classifier knows. A tag follows its curve until its own
    photos say otherwise (empirical Bayes: Efron and Morris, "Stein's Paradox in Statistics", 1977).

    Args:
        scores: (photos, concepts), calibrated probabilities.
        target: (photos, concepts), 1 where a photo shows a concept.
        weight: (photos, concepts), how much that counts.
        wanted: the settings of the head.
        is_learned: (concepts,), which concepts photos teach.

    Returns:
        one for each concept, 0..1; 1 for a tag that is never sure.
    """
    found: NDArray[np.float64] = np.ones(scores.shape[1])
    for learned in (False, True):
        some = is_learned == learned
        x, y, w = (each[:, some].ravel() for each in (scores, target, weight))
        if not w.any():
            continue
        common = threshold_at(x, y, w, wanted.precision, 1.0)
        common = max(wanted.strict, 1.0 if common is None else common)
        marked, precision = precision_above(x, y, w)
        for i in np.flatnonzero(some):
            x, y, w = scores[:, i], target[:, i], weight[:, i]
            tried = np.append(x[(w > 0) & (x >= wanted.likely)], common)
            tried.sort()
            above = x >= tried[:, None]
            seen, right = (above * w).sum(1), (above * (w * y)).sum(1)
            shared = np.interp(-tried, -marked, precision)
            own = (right + wanted.support * shared) / (seen + wanted.support)
            # Below what all share, photos of its own must say so.
            good = (own >= wanted.precision) & ((right >= 1) | (tried >= common))
            found[i] = tried[good][0] if good.any() else 1.0
    return [float(each) for each in found]


def telling(
    scores: NDArray[np.float64], samples: Sequence[Sample], concepts: Iterable[Concept]
) -> list[float]:
    """How much each tag tells of a photo, 0..1: the rarer among captioned photos, the more.

    Args:
        scores: (photos, concepts), calibrated probabilities.
        samples: the photos.
        concepts: the concepts; broad ones tell next to nothing.
    """
    captioned = [bool(sample.captions) for sample in samples]
    often = scores[captioned].mean(0) if any(captioned) else scores.mean(0)
    bits = np.clip(-np.log2(np.maximum(often, 1e-9)), MIN_BITS, MAX_BITS) / MAX_BITS
    broad = [concept.name in BROAD for concept in concepts]
    return [float(each) for each in np.where(broad, 0.01, bits)]
