from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from ansa.factory.losses import contrastive, distillation, transport


def test_contrastive_loss_of_two_pairs_by_hand() -> None:
    # Right pairs have cosine 1 and 0.8, wrong ones 0.6 and 0: with scale 2, logits 2, 1.6, 1.2, 0.
    images = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    texts = torch.tensor([[1.0, 0.0], [0.6, 0.8]])

    def nats(right: float, wrong: float) -> float:
        return math.log(1 + math.exp(wrong - right))

    to_text = (nats(2, 1.2) + nats(1.6, 0)) / 2
    to_image = (nats(2, 0) + nats(1.6, 1.2)) / 2
    loss = contrastive(images, texts, torch.tensor(2.0))
    assert loss.item() == pytest.approx((to_text + to_image) / 2, abs=1e-6)


def test_contrastive_loss_treats_photos_and_texts_alike() -> None:
    torch.manual_seed(0)
    images, texts = F.normalize(torch.randn(2, 7, 5), dim=-1)
    scale = torch.tensor(9.0)
    torch.testing.assert_close(contrastive(images, texts, scale), contrastive(texts, images, scale))


def test_contrastive_loss_knows_nothing_at_scale_zero_and_all_at_a_great_one() -> None:
    vectors = torch.eye(8)
    assert contrastive(vectors, vectors, torch.tensor(0.0)).item() == pytest.approx(math.log(8))
    assert contrastive(vectors, vectors, torch.tensor(100.0)).item() < 1e-6


def test_distillation_is_zero_where_student_and_teacher_agree() -> None:
    logits = torch.randn(3, 6)
    assert distillation(logits, logits + 4.0).item() == pytest.approx(0.0, abs=1e-6)


def test_distillation_is_the_divergence_from_the_teacher_a_photo() -> None:
    teacher, student = torch.tensor([0.75, 0.25]), torch.tensor([0.5, 0.5])
    expected = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    loss = distillation(student.log().repeat(3, 1), teacher.log().repeat(3, 1))
    assert loss.item() == pytest.approx(expected, abs=1e-6)


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
    moved = transport(features, wanted, weight, bias, covariance, margin)
    assert moved.min() > -0.375  # so nothing was clamped, and the lead is exact
    logits = moved @ weight.T + bias
    lead = (logits.gather(1, wanted[:, None]) - logits.gather(1, top[:, None]))[:, 0]
    torch.testing.assert_close(lead, margin, atol=1e-3, rtol=0)


def test_features_that_show_the_wanted_class_already_stay() -> None:
    features, weight, bias, covariance = _world()
    top = (features @ weight.T + bias).argmax(-1)
    moved = transport(features, top, weight, bias, covariance, torch.full((20,), 3.0))
    assert torch.equal(moved, features)


def test_transported_features_are_ones_that_hard_swish_can_give() -> None:
    features, weight, bias, covariance = _world()
    wanted = torch.zeros(20, dtype=torch.int64)
    moved = transport(features - 5, wanted, weight, bias, covariance, torch.full((20,), 5.0))
    assert moved.min() >= -0.375
    assert torch.isfinite(moved).all()
