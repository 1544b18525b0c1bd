from __future__ import annotations

import csv
import math
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs
import pytest
import torch

from ansa.factory.data.batch import descriptions
from ansa.factory.parts import load_weights
from ansa.factory.pretrain import Pretraining
from ansa.factory.recipe import Recipe


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
    batches = [run.source.batch(random.Random(i)) for i in range(50)]
    samples = [sample for batch in batches for sample in batch.samples]
    assert {s.split for s in samples} == {"train"}
    assert len({s.key for s in samples}) == 12
    assert {s.split for batch in run.source.dev() for s in batch.samples} == {"dev"}
    train = {c for sample in samples for c in descriptions(sample)}
    assert {c for batch in batches for c in batch.captions} <= train


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
