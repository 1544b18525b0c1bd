from __future__ import annotations

import pytest
import torch

from ansa_train.compress.weight_masks import WeightMasks, matrices, sparsity
from ansa_train.models.minilm import MiniLM
from ansa_train.models.text_encoder import TextTower


def small() -> TextTower:
    torch.manual_seed(0)
    return MiniLM(32, vocabulary=1100, width=48, layers=2, heads=4, positions=32).eval()


@pytest.mark.parametrize("wanted", [0.0, 0.2, 0.4, 0.8])
def test_as_many_weights_are_zero_as_wanted(wanted: float) -> None:
    tower = small()
    WeightMasks(tower, wanted, 0.55, {}).cut(1.0)
    assert sparsity(tower) == pytest.approx(wanted, abs=0.001)


def test_tables_bear_more_zeros_than_layers() -> None:
    tower = small()
    WeightMasks(tower, 0.4, 0.55, {}).cut(1.0)
    zeros = {name: float((w == 0).float().mean()) for name, w in matrices(tower).items()}
    assert zeros["token.weight"] == pytest.approx(0.604, abs=0.001)
    assert 0 < zeros["layers.0.query.weight"] == pytest.approx(zeros["project.weight"], abs=0.001)
    assert zeros["project.weight"] < 0.4


def test_the_smallest_become_zero_and_stay_so() -> None:
    tower = small()
    before = tower.project.weight.detach().abs().clone()
    masks = WeightMasks(tower, 0.5, 1.0, {})
    masks.cut(0.5)
    gone = tower.project.weight == 0
    assert before[gone].max() <= before[~gone].min()
    with torch.no_grad():
        for weight in matrices(tower).values():
            weight.add_(1.0)
    masks.apply(tower)
    assert bool((tower.project.weight[gone] == 0).all())
    masks.cut(1.0)
    assert bool((tower.project.weight[gone] == 0).all())
    assert sparsity(tower) == pytest.approx(0.5, abs=0.001)


def test_what_reads_a_strong_channel_stays_longer() -> None:
    tower = small()
    strengths = torch.ones(96)
    strengths[:10] = 30.0
    WeightMasks(tower, 0.5, 1.0, {"project.weight": strengths}).cut(1.0)
    zeros = (tower.project.weight == 0).float().mean(0)
    assert zeros[:10].max() < 0.2 < 0.4 < zeros[10:].mean()
