"""A few-shot classifier: logistic regression on embeddings, cross-validated and calibrated.

Embeddings are whitened by the covariance of the library, so that features shared by many of its
photos have less influence (Hariharan, Malik & Ramanan, "Discriminative Decorrelation for
Clustering and Classification", ECCV 2012). The cosine with the name of the class is another
feature, because a name like "my cat Miso" says a lot. Photos of the library are the negative
examples.

Probabilities come from Platt scaling (1999) of held-out scores, and are adjusted to the share of
the class in this library (Saerens, Latinne & Decaestecker, Neural Computation 2002).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Vector

Rows = NDArray[np.intp]
Numbers = NDArray[np.float64]

_OTHERS = 300
_SAMPLE = 10_000
_BLOCK = 256
_NAME = 2.0
_PENALTY = 0.001  # scikit-learn's C; docs/experiments.md has the comparison
_SHRINK = 1.0
_FOLDS = 5
# Examples with this cosine or more are held out together, or they would predict each other.
_COPY = 0.95


@dataclass(frozen=True, eq=False, slots=True)
class LinearClassifier:
    """Gives the probability of a class: the logistic function of ``vectors @ weights + bias``.

    Attributes:
        weights: float32 (d,).
        bias: a number.
    """

    weights: NDArray[np.float32]
    bias: float

    def __call__(self, vectors: Vector) -> NDArray[np.float32]:
        """Returns the probability, (n,), 0..1, for photos (n, d)."""
        logits = np.clip(vectors @ self.weights + self.bias, -60, 60)
        probabilities: NDArray[np.float32] = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return probabilities


@dataclass(frozen=True, slots=True)
class HeldOutAccuracy:
    """The accuracy on held-out examples; each was classified without training on it.

    Attributes:
        accuracy: 0..1, the balanced accuracy: the mean of the shares of right answers on positive
            and on negative examples; 0.5 is chance.
        folds: the number of folds.
        wrong: indices of misclassified examples, the positive ones first, then the negative ones.
    """

    accuracy: float
    folds: int
    wrong: tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class TrainedClassifier:
    """A classifier and its accuracy; ``measured`` is None if nothing could be held out."""

    classifier: LinearClassifier
    measured: HeldOutAccuracy | None


def learn(
    library: Vector, shown: Rows, absent: Rows, name: Vector | None = None
) -> TrainedClassifier:
    """Trains a classifier. The same examples in the same library give the same result.

    Args:
        library: (n, d), the vectors of all photos.
        shown: (k,), rows of positive examples, at least two.
        absent: (m,), rows of negative examples; may be empty if other photos are left.
        name: (d,), the vector of the name of the class.

    Raises:
        ValueError: there are fewer than two positive examples, or no photos for negative ones.
    """
    others = _others(len(library), np.concatenate([shown, absent]))
    if len(shown) < 2 or not len(absent) + len(others):
        raise ValueError("a class needs two photos that show it and one that does not")
    usual = sample(library)
    basis, centre = _basis(usual, name)
    rows = np.concatenate([shown, absent, others])
    truth = np.arange(len(rows)) < len(shown)
    weights = _weights(len(shown), len(absent), len(others))
    data = ((library[rows] - centre) @ basis).astype(np.float64)
    given = len(shown) + len(absent)
    folds = _folds(library[rows[:given]], truth[:given], len(others))
    direction, bias = _fit(data, truth, weights)
    held_out = data @ direction + bias
    for fold in np.unique(folds) if folds is not None else ():
        out = folds == fold
        held_out[out] = _judge(data, truth, weights, ~out)[out]
    slope, offset = _platt(held_out, truth, weights)
    logits = slope * ((usual - centre) @ (basis @ direction) + bias) + offset
    offset += _prior_shift(logits, slope * held_out[truth] + offset)
    plain = basis.astype(np.float64) @ direction * slope
    at = slope * bias + offset - float(centre.astype(np.float64) @ plain)
    measured = None
    if folds is not None:
        measured = _measured(held_out, truth, given, len(np.unique(folds)))
    return TrainedClassifier(LinearClassifier(plain.astype(np.float32), float(at)), measured)


def _others(count: int, but: Rows) -> Rows:
    """Returns rows of photos without a label."""
    left = np.setdiff1d(np.arange(count), but)
    if len(left) > _OTHERS:
        left = np.sort(np.random.default_rng(0).choice(left, _OTHERS, replace=False))
    return left


def sample(library: Vector) -> Vector:
    """Returns enough photos to estimate the statistics of the library; all if it is small."""
    if len(library) <= _SAMPLE:
        return library
    rows = np.random.default_rng(0).choice(len(library), _SAMPLE, replace=False)
    some: Vector = library[np.sort(rows)]
    return some


def first_alike(vectors: Vector, least: float) -> Rows:
    """Returns for each vector the index of the first similar one, (n,); memory is not O(n^2)."""
    first = np.empty(len(vectors), np.intp)
    for start in range(0, len(vectors), _BLOCK):
        alike = vectors[start : start + _BLOCK] @ vectors.T >= least
        first[start : start + _BLOCK] = alike.argmax(axis=1)  # each is at least similar to itself
    return first


def whitening(library: Vector) -> tuple[NDArray[np.float32], Vector]:
    """Returns the matrix (d, d) that whitens embeddings (n, d), and the centre (d,) to subtract
    first.

    After whitening, photos of this library vary equally in all directions, as far as the number of
    photos allows to estimate it.
    """
    centre: Vector = library.mean(axis=0)
    spread = (library - centre).astype(np.float64)
    values, axes = np.linalg.eigh(spread.T @ spread / len(library))
    usual = float(values.mean()) or 1.0
    basis = axes / np.sqrt(np.maximum(values, 0) + _SHRINK * usual)
    return basis.astype(np.float32), centre


def _basis(library: Vector, name: Vector | None) -> tuple[NDArray[np.float32], Vector]:
    """Returns the same, with the cosine with a name as one more feature: (d, d + 1)."""
    basis, centre = whitening(library)
    if name is not None:
        deviation = float(((library - centre) @ name).std()) or 1.0
        basis = np.column_stack([basis, (_NAME / deviation * name).astype(np.float32)])
    return basis, centre


def _weights(shown: int, absent: int, others: int) -> Numbers:
    """Weights positives by a half; labelled negatives count as much as all unlabelled photos."""
    halves = 0.5 if absent and others else 1.0
    parts = [(shown, 1.0), (absent, halves), (others, halves)]
    total = (shown + absent + others) / 2
    return np.concatenate([np.full(n, total * share / n) for n, share in parts if n])


def _folds(vectors: Vector, truth: NDArray[np.bool_], others: int) -> Rows | None:
    """Returns the fold of each example, then of each unlabelled photo; None if impossible."""
    from sklearn.model_selection import StratifiedGroupKFold

    groups = first_alike(vectors, _COPY)
    count = min(_FOLDS, len(np.unique(groups[truth])))
    if (~truth).any():
        count = min(count, len(np.unique(groups[~truth])))
    if count < 2:
        return None
    given = np.zeros(len(truth), np.intp)
    split = StratifiedGroupKFold(count, shuffle=True, random_state=0).split(truth, truth, groups)
    for fold, (_, out) in enumerate(split):
        given[out] = fold
    if len(np.unique(given[truth])) < 2:
        return None
    return np.concatenate([given, np.arange(others) % count])


def _fit(data: Numbers, truth: NDArray[np.bool_], weights: Numbers) -> tuple[Numbers, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_PENALTY, max_iter=1000)
    model.fit(data, truth, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def _judge(
    data: Numbers, truth: NDArray[np.bool_], weights: Numbers, known: NDArray[np.bool_]
) -> Numbers:
    # Balanced anew: with fewer positive examples, the boundary would move towards them.
    for half in (known & truth, known & ~truth):
        weights = np.where(half, weights * (known.sum() / 2 / weights[half].sum()), weights)
    direction, bias = _fit(data[known], truth[known], weights[known])
    return data @ direction + bias


def _platt(scores: Numbers, truth: NDArray[np.bool_], weights: Numbers) -> tuple[float, float]:
    """Returns slope and offset that turn scores into logits; the slope is never negative."""
    from sklearn.linear_model import LogisticRegression

    scale = float(np.abs(scores).max()) or 1.0
    model = LogisticRegression(C=10.0).fit(scores[:, None] / scale, truth, sample_weight=weights)
    slope = float(model.coef_[0, 0]) / scale
    return (slope, float(model.intercept_[0])) if slope > 0 else (1e-6, 0.0)


def _prior_shift(logits: Numbers, held_out: Numbers) -> float:
    """Returns the shift of logits from a class with a prior of a half to its share of the library.

    Half of the photos of the class score above the median of the held-out examples. Other photos
    above it count too, which bounds the share from above; the given examples bound it from below.
    """
    found = 2 * float((logits >= np.median(held_out)).mean())
    share = min(0.5, max(len(held_out) / len(logits), found))
    return float(np.log(share / (1 - share)))


def _measured(scores: Numbers, truth: NDArray[np.bool_], given: int, folds: int) -> HeldOutAccuracy:
    """Measures the accuracy on labelled examples. Without negative examples, the unlabelled photos
    are used, although some of them may belong to the class."""
    judged = scores > 0
    absent = ~truth
    absent[given:] &= not absent[:given].any()
    accuracy = (judged[truth].mean() + (~judged[absent]).mean()) / 2
    wrong = np.flatnonzero(judged[:given] != truth[:given])
    return HeldOutAccuracy(float(accuracy), folds, tuple(int(place) for place in wrong))


def uncertain(probabilities: NDArray[np.float32], count: int) -> Rows:
    """Returns the indices nearest to the decision boundary, nearest first, as suggestions."""
    order = np.argsort(np.abs(probabilities.astype(np.float64) - 0.5), kind="stable")
    first: Rows = order[:count]
    return first


def to_dict(linear: LinearClassifier) -> dict[str, Any]:
    """Returns a classifier as JSON-ready values."""
    return {"weights": linear.weights.astype("<f4").tobytes().hex(), "bias": linear.bias}


def from_dict(data: Any, dim: int) -> LinearClassifier:
    """Returns the classifier that :func:`to_dict` converted.

    Raises:
        ValueError: the value is no classifier for vectors of that length.
    """
    try:
        weights = np.frombuffer(bytes.fromhex(data["weights"]), "<f4")
        bias = float(data["bias"])
    except (KeyError, TypeError) as error:
        raise ValueError("no classifier") from error
    if weights.shape != (dim,) or not np.isfinite(weights).all() or not np.isfinite(bias):
        raise ValueError("no classifier")
    return LinearClassifier(weights.astype(np.float32), bias)
