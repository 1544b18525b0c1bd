"""A linear head for many tags at once: logistic regression on standardised features.

Each tag is a yes or no of its own, so that one convex problem trains all heads together; L-BFGS
solves it to the end and leaves nothing to chance: two heads differ only by their features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Features = NDArray[np.floating[Any]]
"""(photos, features)."""

STEPS = 500
"""Most iterations of the solver; the penalties worth choosing converge sooner."""


@dataclass(frozen=True, eq=False, slots=True)
class Scaling:
    """Scales features to mean 0 and deviation 1 on the photos that it was made from."""

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]

    @classmethod
    def of(cls, features: Features) -> Scaling:
        """The scaling of some photos. A feature that never changes becomes 0."""
        deviation = features.std(0)
        deviation = np.where(deviation > 1e-6 * max(deviation.max(), 1e-12), deviation, np.inf)
        return cls(features.mean(0).astype(np.float32), deviation.astype(np.float32))

    def __call__(self, features: Features) -> NDArray[np.float32]:
        """The features (n, f), scaled, float32."""
        scaled: NDArray[np.float32] = (features - self.mean) / self.deviation
        return scaled.astype(np.float32)


@dataclass(frozen=True, eq=False, slots=True)
class LinearHead:
    """A linear classifier: features (n, f) -> logits (n, tags)."""

    scaling: Scaling
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def __call__(self, features: Features) -> NDArray[np.float32]:
        """The logits of every tag, float32 (n, tags)."""
        logits: NDArray[np.float32] = self.scaling(features) @ self.weights + self.bias
        return logits


def train_head(
    features: Features,
    truth: NDArray[np.bool_],
    penalty: float,
    start: LinearHead | None = None,
) -> LinearHead:
    """Trains the linear classifier that fits best.

    Args:
        features: (n, f).
        truth: (n, tags).
        penalty: weight of half the squared weights against the mean cross-entropy of each tag.
        start: a head of another penalty, which saves steps but changes nothing else.
    """
    scaling = Scaling.of(features)
    x, y = scaling(features), truth.astype(np.float32)
    count, width, tags = *x.shape, y.shape[1]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        parameters = flat.astype(np.float32).reshape(width + 1, tags)
        weights, bias = parameters[:-1], parameters[-1]
        logits = x @ weights + bias
        # log(1 + exp(z)) - y z, without overflow
        entropy = np.logaddexp(0.0, logits, dtype=np.float32) - y * logits
        wrong = (0.5 + 0.5 * np.tanh(0.5 * logits) - y) / count
        gradient = np.vstack([x.T @ wrong + penalty * weights, wrong.sum(0)])
        value = entropy.sum(dtype=np.float64) / count
        value += 0.5 * penalty * float(np.square(weights, dtype=np.float64).sum())
        return float(value), gradient.ravel().astype(np.float64)

    rate = y.mean(0).clip(0.5 / count, 1 - 0.5 / count)
    first = np.vstack([np.zeros((width, tags)), np.log(rate / (1 - rate))])
    if start is not None:
        first = np.vstack([start.weights, start.bias])
    options = {"maxiter": STEPS, "ftol": 1e-7}
    found = minimize(loss, first.ravel(), jac=True, method="L-BFGS-B", options=options)
    parameters = found.x.astype(np.float32).reshape(width + 1, tags)
    return LinearHead(scaling, parameters[:-1], parameters[-1])
