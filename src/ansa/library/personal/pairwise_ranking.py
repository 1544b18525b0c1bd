"""Learns a ranking from pairs: a linear score that puts better photos above others.

It is a logistic regression on the differences of pairs (Joachims, "Optimizing Search Engines using
Clickthrough Data", KDD 2002; Burges et al., "Learning to Rank using Gradient Descent", ICML 2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Rows = NDArray[np.intp]

_PENALTY = 0.01  # scikit-learn's C
_FOLDS = 5
_MOST_PAIRS = 4000


@dataclass(frozen=True, eq=False, slots=True)
class Preference:
    """A learned ranking, and its agreement with held-out pairs.

    Attributes:
        weights: (f,); photos are ranked by ``features @ weights``.
        agreement: 0..1, the share of held-out pairs in the right order; 0.5 is chance. None if no
            pairs could be held out.
        usual: the same share for the order that it is compared with.
        pairs: the number of held-out pairs.
    """

    weights: Numbers
    agreement: float | None
    usual: float | None
    pairs: int


def learn_order(features: Numbers, level: Rows, groups: Rows, usual: Numbers) -> Preference:
    """Learns to rank photos of a higher level above those of a lower one.

    Args:
        features: (n, f), with values of similar magnitude.
        level: (n,), such as 1 for favourites, 0 for others, -1 for hidden photos.
        groups: (n,); photos of one group are held out together.
        usual: (n,), the scores of another order, for comparison.

    Raises:
        ValueError: all photos have the same level.
    """
    weights = _fit(features, level)
    folds = _folds(groups)
    right, usually, pairs = 0.0, 0.0, 0
    for fold in np.unique(folds):
        out = np.flatnonzero(folds == fold)
        known = np.flatnonzero(folds != fold)
        if len(np.unique(level[known])) < 2:
            continue
        better, worse = _pairs(level[out])
        scores = (features @ _fit(features[known], level[known]))[out]
        right += _agreeing(scores, better, worse)
        usually += _agreeing(usual[out], better, worse)
        pairs += len(better)
    if not pairs:
        return Preference(weights, None, None, 0)
    return Preference(weights, right / pairs, usually / pairs, pairs)


def _fit(features: Numbers, level: Rows) -> Numbers:
    from sklearn.linear_model import LogisticRegression

    better, worse = _pairs(level)
    if not len(better):
        raise ValueError("an order needs photos of two levels")
    differences = features[better] - features[worse]
    both = np.concatenate([differences, -differences])
    truth = np.arange(len(both)) < len(differences)
    model = LogisticRegression(C=_PENALTY, fit_intercept=False, max_iter=1000)
    weights: Numbers = model.fit(both, truth).coef_[0]
    return weights


def _pairs(level: Rows) -> tuple[Rows, Rows]:
    """Returns rows of the better and the worse photo of all pairs of two levels, or a sample."""
    better, worse = np.nonzero(level[:, None] > level[None, :])
    if len(better) > _MOST_PAIRS:
        some = np.random.default_rng(0).choice(len(better), _MOST_PAIRS, replace=False)
        better, worse = better[some], worse[some]
    return better, worse


def _folds(groups: Rows) -> Rows:
    """Assigns each photo to a fold; groups are distributed randomly, the same way every time."""
    names, group = np.unique(groups, return_inverse=True)
    dealt = np.random.default_rng(0).permutation(len(names)) % _FOLDS
    folds: Rows = dealt[group]
    return folds


def _agreeing(scores: Numbers, better: Rows, worse: Rows) -> float:
    above = scores[better] - scores[worse]
    return float((above > 0).sum() + (above == 0).sum() / 2)
