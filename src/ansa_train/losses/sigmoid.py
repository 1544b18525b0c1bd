"""The sigmoid loss: whether each pair of photo and text belongs together.

Zhai et al., "Sigmoid Loss for Language Image Pre-Training" (SigLIP, 2023). There is no softmax over
the batch, so the loss suits small batches.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

FIRST_SCALE, FIRST_BIAS = math.log(10.0), -10.0
"""Where the logarithm of the scale and the bias start: as nearly all pairs do not match, a bias of
zero would begin with a huge loss."""


def sigmoid(
    images: Tensor,
    all_texts: Tensor,
    same: Tensor,
    scale: Tensor,
    bias: Tensor,
) -> Tensor:
    """Binary cross entropy of each photo with every text, summed, in nats, (n,).

    Args:
        images: (n, d) of this process, unit length.
        all_texts: (m * k, d) of all processes, k in a row for each photo.
        same: (n, m) bool, whose texts they are.
        scale: inverse temperature, scalar.
        bias: of every pair, scalar, learned.

    Returns:
        (n,), over k, so that more texts a photo do not weigh more.
    """
    each = len(all_texts) // max(1, same.shape[1])
    sign = torch.where(same, 1.0, -1.0)
    logits = (scale * images @ all_texts.T + bias).view(*same.shape, each)
    losses = -F.logsigmoid(sign[:, :, None] * logits).mean(-1)
    return losses.sum(-1)
