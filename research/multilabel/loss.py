"""Many labels at once, each present, absent or unknown: what the predecessor learned from.

A label that nobody gave is not absent. Cole et al., "Multi-Label Learning from Single Positive
Labels" (2021), let it count as a weak negative; here every label of a photo has its own weight,
zero where nothing is known.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention


def multilabel(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Binary cross entropy over what is known of each photo, weighted, in nats, (n,).

    Args:
        logits: (n, labels).
        target: (n, labels) in 0..1, how surely present.
        weight: (n, labels), 0 where unknown; a row's loss is the weighted sum over its weights'
            sum, zero if nothing is known.
    """
    losses = F.binary_cross_entropy_with_logits(logits, target, weight, reduction="none")
    return losses.sum(-1) / weight.sum(-1).clamp(min=1e-6)
