from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from ansa_train.errors import TrainingError
from ansa_train.recipe import Recipe
from ansa_train.train.build_model import build_model, freeze, tokenizer

TINY = Recipe(
    Path("data"), Path("run"), architecture="tiny", text="tiny", dim=8, warm_start=False, frozen=0
)


def test_networks_that_are_not_there_are_named() -> None:
    with pytest.raises(TrainingError, match="no image network 'resnet'"):
        build_model(replace(TINY, architecture="resnet"))


def test_a_start_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"gone\.pt: there is no such checkpoint"):
        build_model(replace(TINY, start=tmp_path / "gone.pt"))


def test_a_start_of_another_architecture_is_refused(tmp_path: Path) -> None:
    towers, classifier = build_model(replace(TINY, dim=16))
    state = {"step": 1, "averaged": towers.state_dict(), "classifier": classifier.state_dict()}
    torch.save(state, tmp_path / "earlier.pt")
    with pytest.raises(TrainingError, match="another"):
        build_model(replace(TINY, start=tmp_path / "earlier.pt"))


@pytest.mark.parametrize(("frozen", "layers"), [(0, 0), (3, 1), (-1, 2)])
def test_what_is_frozen_does_not_learn_and_keeps_its_statistics(frozen: int, layers: int) -> None:
    recipe = replace(TINY, frozen=frozen, frozen_layers=layers)
    towers, _ = build_model(recipe)
    entry = freeze(recipe, towers.train())
    backbone, text = towers.image.backbone, towers.text
    blocks = backbone.blocks()
    count = len(blocks) if frozen < 0 else frozen
    assert entry <= count + (frozen < 0)  # beyond the last block come the features themselves
    for i, block in enumerate(blocks):
        assert {p.requires_grad for p in block.parameters()} == {i >= count}
        norms = [m for m in block.modules() if isinstance(m, nn.BatchNorm2d)]
        assert all(m.training == (i >= count) for m in norms)
    assert any(p.requires_grad for p in backbone.parameters()) == (frozen >= 0)
    learns = [next(layer.parameters()).requires_grad for layer in text.blocks()]
    assert learns == [i >= layers for i in range(len(learns))]
    assert text.get_parameter("token.weight").requires_grad == (layers == 0)
    assert text.project.weight.requires_grad


def test_a_run_that_starts_from_another_speaks_its_language(tmp_path: Path) -> None:
    earlier = replace(TINY, folder=tmp_path / "earlier")
    said = ["a red dog on a red beach", "a red dog"] * 3
    first = tokenizer(earlier, lambda: said)
    later = replace(TINY, folder=tmp_path / "later", start=earlier.folder / "checkpoint.pt")
    second = tokenizer(later, lambda: ["something else, something else"])
    assert torch.equal(first(said[:1])[0], second(said[:1])[0])


def test_no_caption_is_no_vocabulary(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="data: there is no caption"):
        tokenizer(replace(TINY, folder=tmp_path), lambda: [])
