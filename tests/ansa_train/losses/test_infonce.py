from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from ansa_train.losses.infonce import infonce, soft_targets


def paired(images: Tensor, texts: Tensor, scale: float) -> Tensor:
    """The mean where row i of the texts describes photo i, and no other."""
    target = torch.eye(len(images))
    return infonce(images, texts, images, texts, target, torch.tensor(scale)).mean()


def units(*shape: int) -> Tensor:
    return F.normalize(torch.randn(*shape), dim=-1)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def test_the_loss_of_two_pairs_by_hand() -> None:
    # Right pairs have cosine 1 and 0.8, wrong ones 0.6 and 0: with scale 2, logits 2, 1.6, 1.2, 0.
    images = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    texts = torch.tensor([[1.0, 0.0], [0.6, 0.8]])

    def nats(right: float, wrong: float) -> float:
        return math.log(1 + math.exp(wrong - right))

    to_text = (nats(2, 1.2) + nats(1.6, 0)) / 2
    to_image = (nats(2, 0) + nats(1.6, 1.2)) / 2
    assert paired(images, texts, 2.0).item() == pytest.approx((to_text + to_image) / 2, abs=1e-6)


def test_photos_and_texts_are_treated_alike() -> None:
    images, texts = units(2, 7, 5)
    torch.testing.assert_close(paired(images, texts, 9.0), paired(texts, images, 9.0))


def test_nothing_is_known_at_scale_zero_and_all_at_a_great_one() -> None:
    vectors = torch.eye(8)
    assert paired(vectors, vectors, 0.0).item() == pytest.approx(math.log(8))
    assert paired(vectors, vectors, 100.0).item() < 1e-6


def test_every_caption_of_a_photo_counts_as_right() -> None:
    images, texts = units(2, 4, 5)
    twice = texts.repeat_interleave(2, 0)
    loss = infonce(images, twice, images, twice, torch.eye(4), torch.tensor(3.0)).mean()
    # Each photo splits its target between two equal texts among twice as many: log 2 more one way.
    torch.testing.assert_close(loss, paired(images, texts, 3.0) + math.log(2) / 2)


def test_the_rows_of_a_process_are_those_of_the_whole_batch() -> None:
    images, texts = units(6, 5), units(12, 5)
    target, scale = torch.rand(6, 6).softmax(-1), torch.tensor(4.0)
    whole = infonce(images, texts, images, texts, target, scale)
    part = infonce(images[2:5], texts[4:10], images, texts, target[2:5], scale)
    torch.testing.assert_close(part, whole[2:5])


def test_soft_targets_sum_to_one_and_favour_photos_of_the_same_meaning() -> None:
    vectors = F.normalize(torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]]), dim=-1)
    cosines, itself = vectors @ vectors.T, torch.eye(3, dtype=torch.bool)
    targets = soft_targets(itself, cosines, 0.3, 0.1)
    torch.testing.assert_close(targets.sum(-1), torch.ones(3))
    assert (targets.diagonal() >= 0.7).all()
    assert targets[0, 1] > 100 * targets[0, 2]
    hard = soft_targets(itself, cosines, 0.0, 0.1)
    assert torch.equal(hard, torch.eye(3))


def test_a_photo_drawn_twice_shares_its_target() -> None:
    same = torch.tensor([[True, True, False]])
    targets = soft_targets(same, torch.zeros(1, 3), 0.0, 0.1)
    assert torch.equal(targets, torch.tensor([[0.5, 0.5, 0.0]]))


def test_a_process_without_captions_adds_nothing_and_passes_gradients() -> None:
    images, texts = units(2, 3, 5).requires_grad_()
    target = torch.zeros(0, 3)
    rows = infonce(images[:0], texts[:0], images, texts, target, torch.tensor(3.0))
    assert rows.shape == (0,)
    rows.sum().backward()  # type: ignore[no-untyped-call]
