from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ansa_train.errors import TrainingError
from ansa_train.recipe import Recipe, View

FOLDER = Path(__file__).parents[2] / "recipes"
RECIPES = sorted(FOLDER.rglob("pretrain*.toml"))


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.relative_to(FOLDER).as_posix())
def test_every_recipe_is_readable_and_says_its_command(file: Path) -> None:
    recipe = Recipe.read(file)
    assert not recipe.views or any(view.captioned for view in recipe.views)
    head = file.read_text().split("\n\n")[0]
    assert "ansa train pretrain" in head
    assert f"recipes/{file.relative_to(FOLDER).as_posix()}" in head


def test_there_are_recipes() -> None:
    assert RECIPES


def test_a_recipe_keeps_the_defaults_it_does_not_name(tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text('data = "~/photos"\nfolder = "runs"\nsteps = 7\nviews = [{ scale = 0.5 }]\n')
    recipe = Recipe.read(file)
    plain = Recipe(data=Path.home() / "photos", folder=Path("runs"))
    assert recipe == replace(plain, steps=7, views=(View(scale=0.5),))


def test_a_recipe_with_an_unknown_setting_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text('data = "x"\nfolder = "y"\nlearning_rate = 1\n')
    with pytest.raises(TrainingError, match=r"recipe\.toml: no such setting: learning_rate"):
        Recipe.read(file)


def test_a_recipe_without_its_folders_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text("steps = 3\n")
    with pytest.raises(TrainingError, match="missing: data, folder"):
        Recipe.read(file)


def test_activations_anneal_from_relu6_to_hard_swish() -> None:
    recipe = Recipe(Path(), Path(), align_steps=10, steps=30, anneal=0.5)
    assert [recipe.blend(step) for step in (0, 10, 15, 20, 29)] == [0.0, 0.0, 0.5, 1.0, 1.0]


def test_without_a_warm_start_activations_are_hard_swish_from_the_first_step() -> None:
    assert Recipe(Path(), Path(), warm_start=False).blend(0) == 1.0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('objective = "clip"', "objective is one of infonce, sigmoid, not 'clip'"),
        ('precision_text = "int8"', "precision_text is one of fp32, bf16, fp16, not 'int8'"),
        ('steps = "many"', "steps = 'many', but it is a whole number"),
        ("checkpointing = 1", "checkpointing = 1, but it is true or false"),
        ("views = [{ size = 3 }]", "views[0]: no such setting: size"),
        ("steps = ", "is no recipe"),
        ("steps = -3", "steps is at least 0, not -3"),
        ("batch = 0", "batch is at least 1, not 0"),
        ("dim = 0", "dim is at least 1, not 0"),
        ("dropout = 1.5", "dropout is from 0 to 1, not 1.5"),
        ("rate_text = nan", "rate_text = nan, but it is a number"),
    ],
)
def test_a_setting_of_the_wrong_kind_is_refused_by_name(
    tmp_path: Path, line: str, message: str
) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(f'data = "x"\nfolder = "y"\n{line}\n')
    with pytest.raises(TrainingError, match=r"recipe\.toml") as caught:
        Recipe.read(file)
    assert message in str(caught.value)


def test_a_teacher_is_asked_only_where_a_loss_wants_its_opinion() -> None:
    plain = Recipe(Path(), Path(), weight_teacher=0, weight_classifier=0, weight_synthetic=0)
    assert not plain.asks_teacher
    assert replace(plain, weight_synthetic=1.0).asks_teacher
