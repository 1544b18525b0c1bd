from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from ansa_train import checkpoint
from ansa_train.errors import TrainingError
from ansa_train.recipe import Recipe
from ansa_train.train.pretrain import Pretraining
from research.multilabel.objective import build_multilabel
from research.multilabel.recipe import MultiLabelRecipe, read_any_recipe
from tests.ansa_train.train.test_pretrain import scratch

__all__ = ["scratch"]

RECIPES = Path(__file__).parents[3] / "recipes"


def test_the_recipe_says_its_command_and_is_none_of_image_language_pretraining() -> None:
    file = RECIPES / "compare-classes.toml"
    recipe = read_any_recipe(file)
    assert isinstance(recipe, MultiLabelRecipe)
    assert not recipe.reads_text
    assert "python -m research.multilabel recipes/compare-classes.toml" in file.read_text()
    with pytest.raises(TrainingError, match="objective is one of infonce, sigmoid"):
        Recipe.read(file)


def test_a_recipe_with_text_is_read_as_one() -> None:
    assert type(read_any_recipe(RECIPES / "compare-language.toml")) is Recipe


def test_classification_pretrains_a_backbone_that_text_is_then_aligned_to(scratch: Recipe) -> None:
    known = {each.name: getattr(scratch, each.name) for each in fields(scratch)}
    folder = scratch.folder.with_name("classes")
    classes = MultiLabelRecipe(**known | {"objective": "multilabel", "folder": folder})
    Pretraining(classes, build=build_multilabel).run()
    assert (folder / "losses.csv").read_text().splitlines()[0] == "step,labels"
    learned = checkpoint.load(folder / checkpoint.NAME)
    assert all(name.startswith("image.backbone.") for name in learned["averaged"])

    start = folder / checkpoint.NAME
    aligned = replace(scratch, start=start, frozen=-1, folder=scratch.folder.with_name("aligned"))
    Pretraining(aligned).run()
    saved = checkpoint.load(aligned.folder / checkpoint.NAME)
    for name, tensor in learned["averaged"].items():
        assert torch.equal(saved["averaged"][name], tensor), name
    assert not torch.equal(
        saved["averaged"]["text.project.weight"], saved["towers"]["text.project.weight"]
    )
