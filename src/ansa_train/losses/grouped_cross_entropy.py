"""Cross entropy among the labels of one group. Labels of other groups are unknown."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention


def grouped_cross_entropy(logits: Tensor, among: Sequence[range], right: Tensor) -> Tensor:
    """Cross entropy of each row's choice, in nats, (n,).

    Args:
        logits: (n, labels).
        among: for each row, the labels it is a choice among.
        right: (n,) int64, the right one, inside its range.
    """
    allowed = torch.zeros(logits.shape, dtype=torch.bool, device=logits.device)
    for row, labels in enumerate(among):
        allowed[row, labels.start : labels.stop] = True
    return F.cross_entropy(logits.masked_fill(~allowed, -1e4), right, reduction="none")
