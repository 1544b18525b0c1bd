from __future__ import annotations

import csv
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from ansa.factory.data.augment import View
from ansa.factory.data.pack import Sample
from ansa.factory.data.words import TokenBatches
from ansa.factory.parts import load_weights
from ansa.factory.pretrain import (
    Pretraining,
    Recipe,
    TextEncoder,
    descriptions,
    label_choices,
)
from ansa.factory.towers import Towers

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))


def _rows(file: Path) -> list[dict[str, float]]:
    with file.open(newline="") as stream:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(stream)]


def _checkpoint(recipe_file: Path, step: int) -> dict[str, Any]:
    file = Recipe.read(recipe_file).folder / f"checkpoint-{step}.pt"
    state: dict[str, Any] = torch.load(file, weights_only=True)
    return state


# Recipes


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.name)
def test_every_recipe_is_readable_and_says_its_command(file: Path) -> None:
    recipe = Recipe.read(file)
    assert any(view.captioned for view in recipe.views)
    head = file.read_text().split("\n\n")[0]
    assert "python -m ansa.factory" in head
    assert f"recipes/{file.name}" in head


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
    with pytest.raises(ValueError, match=r"recipe\.toml: no such setting: learning_rate"):
        Recipe.read(file)


def test_a_recipe_without_its_folders_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text("steps = 3\n")
    with pytest.raises(ValueError, match="missing: data, folder"):
        Recipe.read(file)


def test_activations_anneal_from_relu6_to_hard_swish() -> None:
    recipe = Recipe(Path(), Path(), align_steps=10, steps=30, anneal=0.5)
    assert [recipe.blend(step) for step in (0, 10, 15, 20, 29)] == [0.0, 0.0, 0.5, 1.0, 1.0]


# A run


def test_a_run_logs_finite_losses_of_every_step(recipe_file: Path) -> None:
    rows = _rows(Recipe.read(recipe_file).folder / "losses.csv")
    assert [row["step"] for row in rows] == [1, 2, 3, 4]
    for row in rows:
        assert row.keys() == {"step", "captions", "teacher", "classifier", "synthetic", "labels"}
        assert all(math.isfinite(x) and x >= 0 for x in row.values())
    assert rows[0]["captions"] < 20


def test_a_run_evaluates_on_its_dev_photos(recipe_file: Path) -> None:
    rows = _rows(Recipe.read(recipe_file).folder / "dev.csv")
    assert [row["step"] for row in rows] == [2, 4]
    for row in rows:
        assert row["t2i_r5"] == row["i2t_r10"] == 100.0  # there are three photos, six captions
        assert 0 <= row["t2i_r1"] <= 100


@pytest.mark.usefixtures("parts")
def test_photos_of_other_splits_never_enter_training(recipe_file: Path) -> None:
    # The test photos of the pack cannot even be decoded: the run would have failed.
    run = Pretraining(Recipe.read(recipe_file))
    assert {s.split for s in run.samples} == {"train"}
    assert {s.split for s in run.dev} == {"dev"}
    assert run.groups == {"kind": ["receipt"], "pets": ["cat", "dog"]}
    assert len(run.texts.vocabulary) == 1003
    drawn = [run._draw(run._rng(str(i))) for i in range(50)]
    assert {i for photos, *_ in drawn for i in photos} <= set(range(12))
    train = {c for s in run.samples for c in descriptions(s)}
    assert {c for _, _, sentences, _ in drawn for c in sentences} <= train
    views = [v for _, views, sentences, _ in drawn for v in views[: len(sentences)]]
    assert set(views) == {0}  # captions do not describe the second view


def test_aligning_leaves_the_deep_half_and_tuning_moves_it(recipe_file: Path) -> None:
    aligned, tuned = (_checkpoint(recipe_file, step)["towers"] for step in (2, 4))
    moved = {name for name in tuned if not torch.equal(tuned[name], aligned[name])}
    assert any(name.startswith("image.backbone.trunk.16.") for name in moved)
    assert any(name.startswith("image.backbone.last.") for name in moved)
    assert any(name.startswith("text.layers.5.") for name in moved)
    assert {"image.project.weight", "text.project.weight", "scales.captions"} <= moved
    frozen = [f"image.backbone.trunk.{i}." for i in range(6)]
    frozen += ["text.token", "text.position", "text.layers.0.", "text.layers.2."]
    assert not [name for name in moved if name.startswith(tuple(frozen))]


@pytest.mark.usefixtures("parts")
def test_frozen_text_layers_end_as_the_part_they_started_from(recipe_file: Path) -> None:
    tuned = _checkpoint(recipe_file, 4)["towers"]
    minilm = load_weights("minilm")
    words = minilm["embeddings.word_embeddings.weight"]
    assert torch.equal(tuned["text.token.weight"], words)
    query = "encoder.layer.2.attention.self.query.weight"
    assert torch.equal(tuned["text.layers.2.query.weight"], minilm[query])


@pytest.mark.usefixtures("parts")
def test_a_resumed_run_repeats_the_uninterrupted_one(recipe_file: Path, tmp_path: Path) -> None:
    recipe = Recipe.read(recipe_file)
    resumed = replace(recipe, folder=tmp_path)
    for views in ("views-train", "views-dev"):
        shutil.copytree(recipe.folder / views, tmp_path / views)
    shutil.copy(recipe.folder / "checkpoint-2.pt", tmp_path / "checkpoint.pt")
    run = Pretraining(resumed)
    run.run()
    assert _rows(tmp_path / "losses.csv") == _rows(recipe.folder / "losses.csv")[2:]
    assert _rows(tmp_path / "dev.csv") == _rows(recipe.folder / "dev.csv")[1:]
    expected, state = _checkpoint(recipe_file, 4), run.towers.state_dict()
    torch.testing.assert_close(dict(state), dict(expected["towers"]), atol=1e-6, rtol=1e-5)

    written = (tmp_path / "checkpoint.pt").stat().st_mtime_ns
    run.run()  # has nothing left to do
    assert (tmp_path / "checkpoint.pt").stat().st_mtime_ns == written


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize("frozen", [0, 6])
def test_any_number_of_text_layers_may_be_frozen(frozen: int) -> None:
    towers = Towers("mobilenetv3", 32)
    encode = TextEncoder(towers, TokenBatches(16), frozen)
    vectors = encode(["a dog", "a red sun on the beach"])
    ids, mask = TokenBatches(16)(["a dog", "a red sun on the beach"])
    assert (vectors * towers.text(ids, mask)).sum(-1).min() > 0.99  # bfloat16 on the way
    vectors.sum().backward()  # type: ignore[no-untyped-call]
    learns = [layer.query.weight.grad is not None for layer in towers.text.layers]  # type: ignore[union-attr]
    assert learns == [i >= frozen for i in range(6)]


# What is learned from


def _sample(**known: Any) -> Sample:
    nothing: dict[str, Any] = {"captions": (), "labels": (), "objects": ()}
    place = {"file": Path("x.tar"), "offset": 0, "size": 0}
    basics = {"key": "x", "source": "pets", "split": "train", "kind": "photo"}
    return Sample(**basics | nothing | place | known)


def test_a_label_is_a_choice_among_its_source_and_a_kind_among_kinds() -> None:
    assert label_choices(_sample(labels=("cat",))) == [("pets", "cat")]
    assert label_choices(_sample(labels=("cat",), kind="receipt")) == [
        ("pets", "cat"),
        ("kind", "receipt"),
    ]
    assert label_choices(_sample(labels=("cat", "dog"))) == []  # more than one is no choice
    assert label_choices(_sample()) == []


def test_photos_without_captions_are_described_by_what_is_in_them() -> None:
    assert descriptions(_sample(captions=("a", "b"), objects=("dog", "cat"))) == ("a", "b")
    assert descriptions(_sample(objects=("dog", "cat"))) == ("a photo of a dog and a cat",)
    said = descriptions(_sample(objects=("dog", "cat", "cup")))
    assert said == ("a photo of a dog, a cat and a cup",)
    assert descriptions(_sample(objects=("dog",))) == ()
