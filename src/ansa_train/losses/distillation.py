"""Distillation: the teacher's class distribution is the target.

Hinton et al., "Distilling the Knowledge in a Neural Network" (2015).
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention


def distillation(logits: Tensor, teacher: Tensor) -> Tensor:
    """KL divergence from a teacher's class distribution, in nats, (n,).

    Args:
        logits: (n, classes) of the student.
        teacher: (n, classes) logits of the teacher.
    """
    divergence = F.kl_div(
        F.log_softmax(logits, -1), F.log_softmax(teacher, -1), reduction="none", log_target=True
    )
    return divergence.sum(-1)
