from __future__ import annotations

import csv
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs
import pytest
import torch

from ansa.factory.data.pack import Sample
from ansa.factory.data.words import TokenBatches
from ansa.factory.parts import load_weights
from ansa.factory.pretrain import Pretraining, TextEncoder, descriptions, label_choices
from ansa.factory.recipe import Recipe
from ansa.factory.towers import Towers


def _rows(file: Path) -> list[dict[str, float]]:
    with file.open(newline="") as stream:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(stream)]


def _checkpoint(recipe_file: Path, step: int) -> dict[str, Any]:
    file = Recipe.read(recipe_file).folder / f"checkpoint-{step}.pt"
    state: dict[str, Any] = torch.load(file, weights_only=True)
    return state


# A run


@pytest.fixture(scope="module")
def resumed(
    recipe_file: Path, parts_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Pretraining:
    """The tiny run once more, from its checkpoint after two of the four steps."""
    recipe = Recipe.read(recipe_file)
    folder = tmp_path_factory.mktemp("resumed")
    for views in ("views-train", "views-dev"):
        shutil.copytree(recipe.folder / views, folder / views)
    shutil.copy(recipe.folder / "checkpoint-2.pt", folder / "checkpoint.pt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platformdirs, "user_cache_dir", lambda name: str(parts_cache))
        run = Pretraining(replace(recipe, folder=folder))
    run.run()
    return run


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


def test_photos_of_other_splits_never_enter_training(resumed: Pretraining) -> None:
    run = resumed  # the test photos of the pack cannot even be decoded: it would have failed
    assert {s.split for s in run.samples} == {"train"}
    assert {s.split for s in run.dev} == {"dev"}
    assert run.groups == {"kind": ["receipt"], "pets": ["cat", "dog"]}
    assert len(run.texts.vocabulary) == 1003
    drawn = [run._draw(run._rng(str(i))) for i in range(50)]
    assert {i for photos, *_ in drawn for i in photos} <= set(range(12))
    train = {c for s in run.samples for c in descriptions(s)}
    assert {c for _, _, sentences, _ in drawn for c in sentences} <= train
    views = [v for _, views, _, captioned in drawn for v in views[: len(captioned)]]
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


def test_a_resumed_run_repeats_the_uninterrupted_one(
    recipe_file: Path, resumed: Pretraining
) -> None:
    whole, part = Recipe.read(recipe_file).folder, resumed.recipe.folder
    assert _rows(part / "losses.csv") == _rows(whole / "losses.csv")[2:]
    assert _rows(part / "dev.csv") == _rows(whole / "dev.csv")[1:]
    expected = _checkpoint(recipe_file, 4)
    for ours, name in ((resumed.towers, "towers"), (resumed.averaged, "averaged")):
        torch.testing.assert_close(
            dict(ours.state_dict()), dict(expected[name]), atol=1e-6, rtol=1e-5
        )


def test_a_finished_run_has_nothing_left_to_do(resumed: Pretraining) -> None:
    checkpoint = resumed.recipe.folder / "checkpoint.pt"
    written = checkpoint.stat().st_mtime_ns
    resumed.run()
    assert checkpoint.stat().st_mtime_ns == written
    assert len(_rows(resumed.recipe.folder / "losses.csv")) == 2


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize("frozen", [0, 6])
def test_any_number_of_text_layers_may_be_frozen(frozen: int) -> None:
    towers = Towers("mobilenetv3", "minilm", 32)
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
