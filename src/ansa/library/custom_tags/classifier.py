"""A class from a handful of photos: logistic regression on embeddings, measured and calibrated.

Embeddings are whitened by the library's own covariance, so that what many of its photos share tells
them apart as little as it should (Hariharan, Malik & Ramanan, "Discriminative Decorrelation for
Clustering and Classification", ECCV 2012). One more feature is the cosine with the class's name:
"my cat Miso" says a lot. Photos of the library stand for what the class is not.

Probabilities are those of Platt (1999) on held-out scores, moved to the share of the class in this
library (Saerens, Latinne & Decaestecker, Neural Computation 2002).
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
_COPY = 0.95  # examples as alike as this are held out together, or they would vouch for each other


@dataclass(frozen=True, eq=False, slots=True)
class LinearClassifier:
    """The probability of a class: the logistic function of ``vectors @ weights + bias``.

    Attributes:
        weights: float32 (d,).
        bias: a number.
    """

    weights: NDArray[np.float32]
    bias: float

    def __call__(self, vectors: Vector) -> NDArray[np.float32]:
        """Of photos (n, d): (n,), 0..1."""
        logits = np.clip(vectors @ self.weights + self.bias, -60, 60)
        probabilities: NDArray[np.float32] = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return probabilities


@dataclass(frozen=True, slots=True)
class HeldOutAccuracy:
    """What held-out examples said: each was judged by a classifier that had not seen it.

    Attributes:
        accuracy: 0..1, the mean of the shares of right answers on what shows it and on what does
            not; 0.5 is guessing.
        folds: how many parts the examples were held out in.
        wrong: places of the examples that were judged otherwise than they were given: those that
            show it first, then those that do not.
    """

    accuracy: float
    folds: int
    wrong: tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class TrainedClassifier:
    """A classifier and how good it is; ``measured`` is None where nothing could be held out."""

    classifier: LinearClassifier
    measured: HeldOutAccuracy | None


def learn(
    library: Vector, shown: Rows, absent: Rows, name: Vector | None = None
) -> TrainedClassifier:
    """Learns a class. The same examples in the same library give the same.

    Args:
        library: (n, d), all photos.
        shown: (k,), rows of photos that show it, at least two.
        absent: (m,), rows of photos that do not; may be empty where others are left.
        name: (d,), what the class is called.

    Raises:
        ValueError: fewer than two photos show it, or nothing is left that does not.
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
    """Rows of photos that nobody said anything of."""
    left = np.setdiff1d(np.arange(count), but)
    if len(left) > _OTHERS:
        left = np.sort(np.random.default_rng(0).choice(left, _OTHERS, replace=False))
    return left


def sample(library: Vector) -> Vector:
    """Photos enough to know the library by: all of a small one."""
    if len(library) <= _SAMPLE:
        return library
    rows = np.random.default_rng(0).choice(len(library), _SAMPLE, replace=False)
    some: Vector = library[np.sort(rows)]
    return some


def first_alike(vectors: Vector, least: float) -> Rows:
    """The place of the first that each is as much like: (n,); memory does not grow with n^2."""
    first = np.empty(len(vectors), np.intp)
    for start in range(0, len(vectors), _BLOCK):
        alike = vectors[start : start + _BLOCK] @ vectors.T >= least
        first[start : start + _BLOCK] = alike.argmax(axis=1)  # each is at least like itself
    return first


def whitening(library: Vector) -> tuple[NDArray[np.float32], Vector]:
    """What embeddings (n, d) are multiplied with, (d, d), once the centre (d,) is taken from them.

    What is whitened has no direction in which this library's photos differ more than in others,
    as far as so many photos can tell.
    """
    centre: Vector = library.mean(axis=0)
    spread = (library - centre).astype(np.float64)
    values, axes = np.linalg.eigh(spread.T @ spread / len(library))
    usual = float(values.mean()) or 1.0
    basis = axes / np.sqrt(np.maximum(values, 0) + _SHRINK * usual)
    return basis.astype(np.float32), centre


def _basis(library: Vector, name: Vector | None) -> tuple[NDArray[np.float32], Vector]:
    """The same with the cosine with a name beside it: (d, d + 1)."""
    basis, centre = whitening(library)
    if name is not None:
        deviation = float(((library - centre) @ name).std()) or 1.0
        basis = np.column_stack([basis, (_NAME / deviation * name).astype(np.float32)])
    return basis, centre


def _weights(shown: int, absent: int, others: int) -> Numbers:
    """Half for what shows it; what is said not to counts as much as all that nothing is said of."""
    halves = 0.5 if absent and others else 1.0
    parts = [(shown, 1.0), (absent, halves), (others, halves)]
    total = (shown + absent + others) / 2
    return np.concatenate([np.full(n, total * share / n) for n, share in parts if n])


def _folds(vectors: Vector, truth: NDArray[np.bool_], others: int) -> Rows | None:
    """In which part each example, then each of the others, is held out; None if none can be."""
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
    # Balanced anew: with fewer that show it, the boundary would move towards them.
    for half in (known & truth, known & ~truth):
        weights = np.where(half, weights * (known.sum() / 2 / weights[half].sum()), weights)
    direction, bias = _fit(data[known], truth[known], weights[known])
    return data @ direction + bias


def _platt(scores: Numbers, truth: NDArray[np.bool_], weights: Numbers) -> tuple[float, float]:
    """Slope and offset that turn scores into logits; the slope is never below zero."""
    from sklearn.linear_model import LogisticRegression

    scale = float(np.abs(scores).max()) or 1.0
    model = LogisticRegression(C=10.0).fit(scores[:, None] / scale, truth, sample_weight=weights)
    slope = float(model.coef_[0, 0]) / scale
    return (slope, float(model.intercept_[0])) if slope > 0 else (1e-6, 0.0)


def _prior_shift(logits: Numbers, held_out: Numbers) -> float:
    """What moves logits from a class that half of all photos show to its share of these.

    Half of the photos that show it score above the median of the held-out examples. What else does
    is taken for it too, which bounds the share from above; that they were given, from below.
    """
    found = 2 * float((logits >= np.median(held_out)).mean())
    share = min(0.5, max(len(held_out) / len(logits), found))
    return float(np.log(share / (1 - share)))


def _measured(scores: Numbers, truth: NDArray[np.bool_], given: int, folds: int) -> HeldOutAccuracy:
    """Of what was given; the library's other photos stand in where nothing was said to be absent,
    though some of them may show it."""
    judged = scores > 0
    absent = ~truth
    absent[given:] &= not absent[:given].any()
    accuracy = (judged[truth].mean() + (~judged[absent]).mean()) / 2
    wrong = np.flatnonzero(judged[:given] != truth[:given])
    return HeldOutAccuracy(float(accuracy), folds, tuple(int(place) for place in wrong))


def uncertain(probabilities: NDArray[np.float32], count: int) -> Rows:
    """Places of those nearest to the boundary, nearest first: what to be told of next."""
    order = np.argsort(np.abs(probabilities.astype(np.float64) - 0.5), kind="stable")
    first: Rows = order[:count]
    return first


def to_dict(linear: LinearClassifier) -> dict[str, Any]:
    """A classifier as JSON-ready values."""
    return {"weights": linear.weights.astype("<f4").tobytes().hex(), "bias": linear.bias}


def from_dict(data: Any, dim: int) -> LinearClassifier:
    """What :func:`to_dict` made.

    Raises:
        ValueError: it is no classifier of vectors of that length.
    """
    try:
        weights = np.frombuffer(bytes.fromhex(data["weights"]), "<f4")
        bias = float(data["bias"])
    except (KeyError, TypeError) as error:
        raise ValueError("no classifier") from error
    if weights.shape != (dim,) or not np.isfinite(weights).all() or not np.isfinite(bias):
        raise ValueError("no classifier")
    return LinearClassifier(weights.astype(np.float32), bias)
