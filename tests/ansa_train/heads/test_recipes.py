"""The recipes of the heads are ones that the heads can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansa_train.data.labels.utility_classes import rules_of
from ansa_train.heads import NAMES, find
from ansa_train.heads.base import HeadRecipe, settings_of

RECIPES = Path(__file__).parents[3] / "recipes" / "heads"


@pytest.mark.parametrize("name", NAMES)
def test_every_head_has_a_recipe_whose_settings_exist(name: str) -> None:
    recipe = HeadRecipe.read(RECIPES / f"{name}.toml")
    settings_of(find(name), recipe)
    assert recipe.folder.name == name


def test_the_rules_of_kinds_can_be_read() -> None:
    recipe = HeadRecipe.read(RECIPES / "utility.toml")
    assert len(rules_of(recipe.head["rules"])) == len(recipe.head["rules"])


@pytest.mark.parametrize("name", ["aesthetics", "print", "quality", "saliency", "tags", "utility"])
def test_no_head_learns_from_the_sources_that_the_towers_are_judged_by(name: str) -> None:
    recipe = HeadRecipe.read(RECIPES / f"{name}.toml")
    for source in ("coco", "voc", "imagenette", "caltech101"):
        learned = source in recipe.head.get("sources", (source,))
        assert not learned or source in recipe.head["held_out"]
