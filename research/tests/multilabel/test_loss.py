from __future__ import annotations

import math

import pytest
import torch

from research.multilabel.loss import multilabel


def test_unknown_labels_neither_count_nor_learn() -> None:
    logits = torch.tensor([[math.log(3.0), 40.0, -math.log(3.0)]], requires_grad=True)
    target = torch.tensor([[1.0, 0.0, 0.0]])
    loss = multilabel(logits, target, torch.tensor([[1.0, 0.0, 1.0]]))
    assert loss.tolist() == pytest.approx([-math.log(0.75)])
    loss.sum().backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad[0, 1] == 0.0


def test_a_weak_negative_counts_by_its_weight() -> None:
    logits = torch.tensor([[0.0, math.log(3.0)]])
    loss = multilabel(logits, torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.5]]))
    assert loss.tolist() == pytest.approx([(math.log(2) + 0.5 * math.log(4)) / 1.5])


def test_a_photo_of_which_nothing_is_known_costs_nothing() -> None:
    assert multilabel(torch.ones(1, 3), torch.zeros(1, 3), torch.zeros(1, 3)).tolist() == [0.0]
