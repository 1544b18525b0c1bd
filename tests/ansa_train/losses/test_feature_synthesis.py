from __future__ import annotations

import torch
from torch import Tensor

from ansa_train.losses.feature_synthesis import synthesize_features


def _world() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Features of 20 photos far from the clamp, a classifier of 6 classes, their covariance."""
    torch.manual_seed(1)
    features = 5 + torch.randn(20, 8)
    weight, bias = 0.3 * torch.randn(6, 8), torch.randn(6)
    weight -= weight.mean(1, keepdim=True)  # so that the offset decides nothing
    centred = features - features.mean(0)
    return features, weight, bias, centred.T @ centred / len(features)


def test_transported_features_lead_their_old_class_by_the_margin() -> None:
    features, weight, bias, covariance = _world()
    top = (features @ weight.T + bias).argmax(-1)
    wanted = (top + torch.arange(20) % 5 + 1) % 6
    margin = torch.linspace(0.1, 0.5, 20)
    moved = synthesize_features(features, wanted, weight, bias, covariance, margin)
    assert moved.min() > -0.375  # so nothing was clamped, and the lead is exact
    logits = moved @ weight.T + bias
    lead = (logits.gather(1, wanted[:, None]) - logits.gather(1, top[:, None]))[:, 0]
    torch.testing.assert_close(lead, margin, atol=1e-3, rtol=0)


def test_features_that_show_the_wanted_class_already_stay() -> None:
    features, weight, bias, covariance = _world()
    top = (features @ weight.T + bias).argmax(-1)
    moved = synthesize_features(features, top, weight, bias, covariance, torch.full((20,), 3.0))
    assert torch.equal(moved, features)


def test_transported_features_are_ones_that_hard_swish_can_give() -> None:
    features, weight, bias, covariance = _world()
    wanted = torch.zeros(20, dtype=torch.int64)
    moved = synthesize_features(
        features - 5, wanted, weight, bias, covariance, torch.full((20,), 5.0)
    )
    assert moved.min() >= -0.375
    assert torch.isfinite(moved).all()
