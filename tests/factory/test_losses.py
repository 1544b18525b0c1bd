from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from ansa.factory.losses import contrastive, distillation, soft_identity, transport


def test_contrastive_loss_of_two_pairs_by_hand() -> None:
    # Right pairs have cosine 1 and 0.8, wrong ones 0.6 and 0: with scale 2, logits 2, 1.6, 1.2, 0.
    images = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    texts = torch.tensor([[1.0, 0.0], [0.6, 0.8]])

    def nats(right: float, wrong: float) -> float:
        return math.log(1 + math.exp(wrong - right))

    to_text = (nats(2, 1.2) + nats(1.6, 0)) / 2
    to_image = (nats(2, 0) + nats(1.6, 1.2)) / 2
    loss = _paired(images, texts, 2.0)
    assert loss.item() == pytest.approx((to_text + to_image) / 2, abs=1e-6)


def test_contrastive_loss_treats_photos_and_texts_alike() -> None:
    torch.manual_seed(0)
    images, texts = F.normalize(torch.randn(2, 7, 5), dim=-1)
    torch.testing.assert_close(_paired(images, texts, 9.0), _paired(texts, images, 9.0))


def test_contrastive_loss_knows_nothing_at_scale_zero_and_all_at_a_great_one() -> None:
    vectors = torch.eye(8)
    assert _paired(vectors, vectors, 0.0).item() == pytest.approx(math.log(8))
    assert _paired(vectors, vectors, 100.0).item() < 1e-6


def test_contrastive_loss_counts_every_caption_of_a_photo_as_right() -> None:
    torch.manual_seed(0)
    images, texts = F.normalize(torch.randn(2, 4, 5), dim=-1)
    twice, owners = texts.repeat_interleave(2, 0), torch.arange(4).repeat_interleave(2)
    loss = contrastive(images, twice, owners, torch.eye(4), torch.tensor(3.0))
    # Each photo splits its target between two equal texts among twice as many: log 2 more one way.
    expected = _paired(images, texts, 3.0) + math.log(2) / 2
    torch.testing.assert_close(loss, expected)


def test_soft_targets_sum_to_one_and_favour_photos_of_the_same_meaning() -> None:
    vectors = F.normalize(torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]]), dim=-1)
    targets = soft_identity(vectors, share=0.3, temperature=0.1)
    torch.testing.assert_close(targets.sum(-1), torch.ones(3))
    assert (targets.diagonal() >= 0.7).all()
    assert targets[0, 1] > 100 * targets[0, 2]
    assert torch.equal(soft_identity(vectors, 0.0, 0.1), torch.eye(3))


def _paired(images: torch.Tensor, texts: torch.Tensor, scale: float) -> torch.Tensor:
    """Row i of the texts describes photo i, and no other."""
    count = len(images)
    return contrastive(images, texts, torch.arange(count), torch.eye(count), torch.tensor(scale))


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
