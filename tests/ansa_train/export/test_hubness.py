from __future__ import annotations

import copy

import torch
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.export.hubness import reduce_hubness
from ansa_train.models.minilm import MiniLM
from ansa_train.models.towers import Towers


def _vectors(
    towers: Towers, features: torch.Tensor, means: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    return towers.image.embed(features), F.normalize(towers.text.project(means), dim=-1)


@torch.no_grad()
def test_a_photo_near_every_text_falls_and_products_stay() -> None:
    torch.manual_seed(0)
    towers = Towers("tiny", "tiny", 8)
    features, means = torch.rand(5, 256), torch.randn(200, 128)
    means[:, 0] *= 30  # texts differ most along one direction
    images, texts = _vectors(towers, features, means)
    spread = (images @ texts.T).std(1)
    before = towers.image.project(features) @ towers.text.project(means).T
    even = copy.deepcopy(towers)
    reduce_hubness(even, texts, 0.5, ridge=0.01)
    after = even.image.project(features) @ even.text.project(means).T
    torch.testing.assert_close(before, after, rtol=1e-3, atol=1e-3)
    raw = after / even.image.project(features).norm(dim=1, keepdim=True)
    assert raw.std(1).max() / raw.std(1).min() < spread.max() / spread.min()


def test_power_zero_changes_nothing() -> None:
    torch.manual_seed(0)
    towers = Towers("tiny", "tiny", 8)
    weight = towers.image.project.weight.clone()
    reduce_hubness(towers, F.normalize(torch.randn(50, 8), dim=-1), 0.0)
    torch.testing.assert_close(towers.image.project.weight, weight)


@torch.no_grad()
def test_products_stay_where_a_layer_stands_beside_the_projection() -> None:
    torch.manual_seed(0)
    towers = Towers("tiny", "tiny", 8)
    towers.text = text = MiniLM(
        8, vocabulary=50, width=16, layers=1, heads=2, positions=8, hidden=12
    )
    torch.nn.init.normal_(text.contract.weight)
    torch.nn.init.normal_(text.contract.bias)
    features, means = torch.rand(5, 256), torch.randn(200, 32)

    def products() -> torch.Tensor:
        texts = text.project(means) + text.contract(F.gelu(text.expand(means)))
        found: torch.Tensor = towers.image.project(features) @ texts.T
        return found

    before = products()
    reduce_hubness(towers, text.from_summary(means), 0.5, ridge=0.01)
    torch.testing.assert_close(before, products(), rtol=1e-3, atol=1e-3)
