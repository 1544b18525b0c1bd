"""The exponential moving average of weights, which is measured and exported."""

from __future__ import annotations

import torch
from torch import nn


@torch.no_grad()
def update(averaged: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Moves averaged weights towards the present ones, in place; faster in the first steps.

    Args:
        averaged: of the same shape as ``network``.
        network: what learns.
        decay: share of the average that stays.
        step: steps done, from 1.
    """
    rate = max(1.0 - decay, 1.0 / (step + 1))
    states = averaged.state_dict().values(), network.state_dict().values()
    for mean, now in zip(*states, strict=True):
        if mean.is_floating_point():
            mean.lerp_(now, rate)
        else:
            mean.copy_(now)
