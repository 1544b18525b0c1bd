from __future__ import annotations

import torch
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.losses.linear_reading import linear_reading


def test_the_directions_rank_photos_as_the_classifier_does() -> None:
    torch.manual_seed(0)
    features = torch.randn(2000, 24)
    weight = torch.randn(10, 24)
    vectors = F.normalize(features @ torch.randn(24, 22), dim=-1)
    logits = features @ weight.T
    read = linear_reading(vectors, logits)
    assert torch.allclose(read.norm(dim=-1), torch.ones(10), atol=1e-5)
    agree = (vectors @ read.T).argmax(-1) == logits.argmax(-1)
    by_chance = (vectors @ F.normalize(torch.randn(10, 22), dim=-1).T).argmax(-1)
    assert agree.float().mean() > 0.5 > 3 * (by_chance == logits.argmax(-1)).float().mean()


def test_an_opinion_that_is_the_same_of_all_photos_moves_nothing() -> None:
    torch.manual_seed(0)
    vectors, logits = F.normalize(torch.randn(200, 8), dim=-1), torch.randn(200, 5)
    shifted = logits + torch.tensor([0.0, 3.0, -2.0, 10.0, 1.0])
    assert torch.allclose(
        linear_reading(vectors, shifted), linear_reading(vectors, logits), atol=1e-4
    )
