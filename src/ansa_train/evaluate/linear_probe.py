"""Linear probe: how well logistic regression on the vectors tells classes apart.

The penalty is chosen on a fifth of the training photos held out, never on those reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from ansa.model.analyzer import Analyzer
from ansa_train.data.pack import Sample
from ansa_train.evaluate.bootstrap import estimate, share
from ansa_train.evaluate.linear_classifier import Features, Scaling
from ansa_train.evaluate.task import EvaluationError, Table, Vectors, looked_up

STRENGTHS = (0.001, 0.01, 0.1, 1.0)
"""Inverse penalties tried: scikit-learn's C."""

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Probe:
    """The linear probe of a set whose photos have one label each.

    Attributes:
        name: of the set.
        train: what the head learns from. Without any, each fifth of ``test`` is told by a head
            that learnt from the other four.
        test: what is reported.
    """

    name: str
    train: Sequence[Sample]
    test: Sequence[Sample]

    @property
    def samples(self) -> Sequence[Sample]:
        """The photos that the probe is fitted on, and those it is measured on."""
        return [*self.train, *self.test]

    def measure(self, analyzer: Analyzer, vectors: Vectors) -> list[Table]:
        """One table: the accuracy of a linear probe on the vectors."""
        test, x = looked_up(self.test, vectors, self.name)
        y = np.array([s.labels[0] for s in test])
        if self.train:
            train, known = looked_up(self.train, vectors, self.name)
            told = predict(known, np.array([s.labels[0] for s in train]), x)
            about = f"{len(test):,} photos; head trained on {len(train):,} others"
        else:
            told = cross_predict(x, y)
            about = f"{len(test):,} photos, each fifth by a head trained on the rest"
        right = estimate(share(told == y, np.arange(len(y)), len(y)), len(y))
        return [Table("linear probe", self.name, about, {"top-1": right})]


def predict(
    train: Features, labels: NDArray[np.str_], features: Features, seed: int = 0
) -> NDArray[np.str_]:
    """The class of each row of ``features``, (n,), by a classifier trained on ``train``.

    Raises:
        EvaluationError: the training photos are all of one class.
    """
    if len(np.unique(labels)) < 2:
        raise EvaluationError(
            f"a probe needs photos of two classes to learn from; there is only {labels[:1]}"
        )
    order = np.random.default_rng(seed).permutation(len(train))
    chosen, rest = order[: len(train) // 5], order[len(train) // 5 :]
    if len(chosen) and len(np.unique(labels[rest])) > 1:
        scores = [
            (_fitted(train[rest], labels[rest], c, train[chosen]) == labels[chosen]).mean()
            for c in STRENGTHS
        ]
        strength = STRENGTHS[int(np.argmax(scores))]
    else:
        strength = STRENGTHS[0]  # too few to choose by: the strongest penalty
    return _fitted(train, labels, strength, features)


def cross_predict(features: Features, labels: NDArray[np.str_], seed: int = 0) -> NDArray[np.str_]:
    """The class of each row, (n,), by a classifier trained on the other folds.

    Raises:
        EvaluationError: the photos are all of one class.
    """
    folds = np.random.default_rng(seed).permutation(len(labels)) % FOLDS
    told = np.empty_like(labels)
    for fold in np.unique(folds):
        here = folds == fold
        told[here] = predict(features[~here], labels[~here], features[here], seed)
    return told


def _fitted(
    train: Features, labels: NDArray[np.str_], strength: float, features: Features
) -> NDArray[np.str_]:
    scaling = Scaling.of(train)
    head = LogisticRegression(C=strength, max_iter=300).fit(scaling(train), labels)
    told: NDArray[np.str_] = head.predict(scaling(features))
    return told
