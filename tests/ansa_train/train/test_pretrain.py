from __future__ import annotations

import csv
import math
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from ansa_train import checkpoint
from ansa_train.data.batch import descriptions
from ansa_train.data.datasets import TrainingPhotos
from ansa_train.data.pack import read_pack
from ansa_train.distributed import Processes
from ansa_train.errors import TrainingError
from ansa_train.models.presets import build_image
from ansa_train.pretrained import load_weights
from ansa_train.recipe import Recipe
from ansa_train.train.pretrain import Pretraining
from tests.ansa_train.conftest import note, tiny_notes, write_tar
from tests.ansa_train.random_parts import use_parts
from tests.ansa_train.together import together


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
        use_parts(patch, parts_cache)
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


# However it is computed


def _losses(among: Processes, recipe: Recipe, cache: Path) -> list[dict[str, float]]:
    """The losses of a run of this process among others."""
    with pytest.MonkeyPatch.context() as patch:
        use_parts(patch, cache)
        Pretraining(recipe, among).run()
    return _rows(recipe.folder / "losses.csv") if among.first else []


def _exact(recipe_file: Path, folder: Path, **settings: Any) -> Recipe:
    """The tiny run in float32, without what differs from process to process, in a new folder."""
    recipe = Recipe.read(recipe_file)
    for views in ("views-train", "views-dev"):
        shutil.copytree(recipe.folder / views, folder / views)
    return replace(
        recipe,
        folder=folder,
        precision_text="fp32",
        dropout=0.0,
        align_steps=1,
        steps=3,
        **settings,
    )


@pytest.fixture(scope="module")
def exact(
    recipe_file: Path, parts_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, float]]:
    """Its losses in one process, all photos of a step at once."""
    recipe = _exact(recipe_file, tmp_path_factory.mktemp("exact"))
    return _losses(Processes(), recipe, parts_cache)


def _same(losses: list[dict[str, float]], expected: list[dict[str, float]]) -> None:
    """To float32 sums in another order, grown by three steps."""
    assert len(losses) == len(expected) == 3
    for one, other in zip(losses, expected, strict=True):
        assert one == pytest.approx(other, rel=2e-4, abs=1e-5)


def test_two_processes_train_as_one_does(
    exact: list[dict[str, float]], recipe_file: Path, parts_cache: Path, tmp_path: Path
) -> None:
    recipe = _exact(recipe_file, tmp_path / "two")
    losses, _ = together(2, tmp_path, _losses, recipe, parts_cache)
    _same(losses, exact)


def test_parts_of_a_batch_in_memory_change_no_loss(
    exact: list[dict[str, float]], recipe_file: Path, parts_cache: Path, tmp_path: Path
) -> None:
    # With norms folded, as after a warm start: batch norms see what is in memory at once.
    recipe = _exact(recipe_file, tmp_path / "parts", micro_batch=3)
    _same(_losses(Processes(), recipe, parts_cache), exact)


@pytest.fixture
def scratch(scratch_file: Path) -> Recipe:
    return replace(Recipe.read(scratch_file), precision_text="fp32", dropout=0.0)


@pytest.mark.parametrize("objective", ["infonce", "sigmoid"])
def test_recomputed_activations_change_no_loss(scratch: Recipe, objective: Any) -> None:
    plain = replace(scratch, objective=objective)
    again = replace(plain, checkpointing=True, folder=plain.folder.with_name("again"))
    one, other = (_losses(Processes(), recipe, Path()) for recipe in (plain, again))
    assert other == one


@pytest.mark.parametrize(("image", "text"), [("fp32", "bf16"), ("fp16", "fp16")])
def test_a_run_in_half_precision_stays_close(scratch: Recipe, image: Any, text: Any) -> None:
    half = replace(
        scratch,
        precision_image=image,
        precision_text=text,
        folder=scratch.folder.with_name("half"),
    )
    one, other = (_losses(Processes(), recipe, Path())[0] for recipe in (scratch, half))
    assert other == pytest.approx(one, rel=0.05)


# A run without a teacher, without a start


def test_a_loss_that_is_no_number_ends_the_run_with_its_name(scratch: Recipe) -> None:
    run = Pretraining(replace(scratch, rate_text=1.0))
    with torch.no_grad():
        run.towers.scales["captions"].fill_(float("nan"))
    with pytest.raises(TrainingError, match="step 0: captions is nan; lower the rates"):
        run.run()
    assert not (scratch.folder / checkpoint.NAME).exists()


def test_a_checkpoint_of_another_recipe_is_no_start(scratch: Recipe) -> None:
    _losses(Processes(), replace(scratch, steps=1), Path())
    with pytest.raises(TrainingError, match="is of another recipe: its dim is 16, this one's 8"):
        Pretraining(replace(scratch, dim=8))


def test_a_batch_that_cannot_be_shared_is_refused(scratch: Recipe) -> None:
    with pytest.raises(TrainingError, match="batch = 5 cannot be shared by 2 processes"):
        TrainingPhotos(replace(scratch, batch=5), Processes(0, 2)).source(
            build_image("tiny"), 0, []
        )


def test_a_photo_that_cannot_be_opened_is_named_and_another_takes_its_place(
    scratch: Recipe, pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = tiny_notes()[:12]
    folder = scratch.folder.with_name("broken")
    write_tar(folder / "a.tar", [*notes, note("train012", split="train", captions=["a bad one"])])
    tar = folder / "a.tar"
    sample = read_pack(folder, ["train"])[-1]
    data = bytearray(tar.read_bytes())
    data[sample.offset : sample.offset + sample.size] = bytes(sample.size)
    tar.write_bytes(bytes(data))
    run = Pretraining(replace(scratch, data=folder, steps=5))
    assert run.run()["failed"] == run.source.position()["failed"] >= 1
    assert "a.tar: train012" in capsys.readouterr().err


def test_a_batch_without_captions_teaches_labels_alone(scratch: Recipe) -> None:
    folder = scratch.folder.with_name("labelled")
    notes = [note(f"train{i:03}", labels=[["cat", "dog"][i % 2]]) for i in range(12)]
    captioned = note("train012", captions=["a dog", "a cat"])
    write_tar(folder / "a.tar", [*notes, captioned])
    rows = _losses(Processes(), replace(scratch, data=folder, batch=2, micro_batch=1), Path())
    assert 0.0 in [row["captions"] for row in rows]
    assert all(row["labels"] > 0 for row in rows)
