from __future__ import annotations

import math

import pytest
import torch

from ansa_train.losses.grouped_cross_entropy import grouped_cross_entropy


def test_only_the_labels_of_the_same_kind_compete() -> None:
    logits = torch.tensor([[0.0, math.log(3.0), 50.0, -7.0]])
    loss = grouped_cross_entropy(logits, [range(0, 2)], torch.tensor([1]))
    assert loss.tolist() == pytest.approx([-math.log(0.75)])


def test_no_choices_give_no_rows() -> None:
    logits = torch.zeros(0, 4, requires_grad=True)
    loss = grouped_cross_entropy(logits, [], torch.zeros(0, dtype=torch.int64))
    assert loss.shape == (0,)
    loss.sum().backward()  # type: ignore[no-untyped-call]
