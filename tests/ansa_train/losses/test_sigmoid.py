from __future__ import annotations

import math

import pytest
import torch

from ansa_train.losses.sigmoid import sigmoid

EYE = torch.eye(2)
SAME = EYE.bool()


def _nats(logit: float) -> float:
    return math.log(1 + math.exp(-logit))


def test_the_loss_of_two_pairs_by_hand() -> None:
    texts = torch.tensor([[1.0, 0.0], [0.6, 0.8]])
    loss = sigmoid(EYE, texts, SAME, torch.tensor(2.0), torch.tensor(-0.5))
    first = _nats(2 * 1.0 - 0.5) + _nats(-(2 * 0.6 - 0.5))
    second = _nats(2 * 0.8 - 0.5) + _nats(0.5)
    assert loss.tolist() == pytest.approx([first, second], abs=1e-6)


def test_more_captions_a_photo_do_not_weigh_more() -> None:
    scale, bias = torch.tensor(3.0), torch.tensor(-1.0)
    once = sigmoid(EYE, EYE, SAME, scale, bias)
    torch.testing.assert_close(sigmoid(EYE, EYE.repeat_interleave(3, 0), SAME, scale, bias), once)


def test_the_rows_of_a_process_are_those_of_the_whole_batch() -> None:
    torch.manual_seed(0)
    images, texts, same = torch.randn(5, 4), torch.randn(5, 4), torch.eye(5).bool()
    scale, bias = torch.tensor(3.0), torch.tensor(-1.0)
    whole = sigmoid(images, texts, same, scale, bias)
    part = sigmoid(images[1:3], texts, same[1:3], scale, bias)
    torch.testing.assert_close(part, whole[1:3])
