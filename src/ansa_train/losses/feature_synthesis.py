"""Synthetic features for classes that no photo at hand shows."""

from __future__ import annotations

import torch
from torch import Tensor

HARD_SWISH_MINIMUM = -0.375
"""The least value of hard-swish, at -1.5."""


def synthesize_features(
    features: Tensor,
    classes: Tensor,
    weight: Tensor,
    bias: Tensor,
    covariance: Tensor,
    margin: Tensor,
) -> Tensor:
    """Moves features of real photos to classes that no photo at hand shows.

    Under the Gaussian model of linear discriminant analysis a classifier's weights are
    ``w = S^-1 mu``, so class means lie along ``S w``: features step along ``S (w_c - w_top)`` until
    class c leads the old top class by ``margin``, of which the clamp at the end may take some.
    Gives every class of the classifier examples.

    Args:
        features: (n, f), pooled.
        classes: (n,) wanted class of each row.
        weight: (classes, f) of the linear classifier.
        bias: (classes,).
        covariance: (f, f), S.
        margin: (n,) lead in logits.

    Returns:
        (n, f), none below what the activation before the pool can give.
    """
    logits = features @ weight.T + bias
    top = logits.argmax(-1)
    direction = weight[classes] - weight[top]
    step = direction @ covariance
    gap = (logits.gather(1, top[:, None]) - logits.gather(1, classes[:, None])).squeeze(1) + margin
    length = (step * direction).sum(-1).clamp(min=1e-6)
    # ReLU6 gives nothing below zero, hard-swish a little.
    least = 0.0 if float(features.min()) >= 0 else HARD_SWISH_MINIMUM
    moved = features + step * (gap / length)[:, None]
    return torch.where((classes == top)[:, None], features, moved).clamp(min=least)
