"""The text network is tuned to photos whose vectors stay."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ansa import Bundle
from ansa.cli import main
from ansa_train.errors import TrainingError
from ansa_train.export.bundle import write_bundle
from ansa_train.heads.text_projection import TextProjectionRecipe, Tuning, tune_text
from ansa_train.models.minilm import MiniLM
from ansa_train.models.mobilenet import Backbone
from ansa_train.models.presets import TEXTS, TextPreset
from ansa_train.models.towers import Towers
from ansa_train.models.warm_start import efficientnet_lite
from ansa_train.pretrained import fetch
from tests.ansa_train.conftest import note, write_tar
from tests.ansa_train.random_parts import use_parts
from tests.ansa_train.stopped_run import stopped_when_it_saves

RECIPE = """
data = "{data}"
folder = "{folder}/text"
cache = "{folder}/cache"
bundle = "{bundle}"
text = "small"
steps = 8
captions = 4
others = 4
rate = 0.01
save_every = 4
"""


def _small(dim: int, vocabulary: int = 1100) -> MiniLM:
    return MiniLM(dim, vocabulary=vocabulary, width=48, layers=1, heads=4, positions=32, hidden=64)


@pytest.fixture(scope="module", autouse=True)
def _small_text() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TEXTS, "small", TextPreset(_small, 1100))
        yield


@pytest.fixture(scope="module")
def towers_bundle(parts_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Networks of random weights, the image network as it starts."""
    folder = tmp_path_factory.mktemp("start")
    torch.manual_seed(0)
    with pytest.MonkeyPatch.context() as patch:
        use_parts(patch, parts_cache)
        towers = Towers("efficientnet-lite0-rich", "small", 32)
        assert isinstance(towers.image.backbone, Backbone)
        efficientnet_lite("efficientnet-lite0", towers.image.backbone)
        for parameter in towers.text.parameters():  # equal ones would be stored as one
            with torch.no_grad():
                parameter.add_(torch.randn_like(parameter) * 0.1)
        return write_bundle(
            towers.eval(), folder / "bundle", name="start", size=64, max_tokens=16, dim=32,
            tokenizer=fetch("minilm-tokenizer"), parts=[], training={},
        )  # fmt: skip


@pytest.fixture
def recipe(towers_bundle: Bundle, pack: Path, parts: Path, tmp_path: Path) -> Path:
    file = tmp_path / "text.toml"
    file.write_text(RECIPE.format(data=pack, folder=tmp_path, bundle=towers_bundle.path))
    return file


def _nearness(run: Tuning) -> float:
    """How near the classes' texts are to where the classifier's opinion is read best."""
    with torch.no_grad():
        names = run._read(run._tower, run._names.prompts())
    return float((names * run._targets).sum(1).mean())


def test_texts_of_classes_move_to_where_the_classifier_has_them(recipe: Path) -> None:
    alone = {"weight_targets": 100.0, "weight_teacher": 0.0, "weight_kept": 0.0, "dropout": 0.0}
    long = replace(TextProjectionRecipe.read(recipe), steps=120, save_every=120, **alone)  # type: ignore[arg-type]
    run = Tuning(long)
    before = _nearness(run)
    layer = copy.deepcopy(run._tower.layers[0])
    tower = run.learn()
    assert _nearness(run) > before + 0.05
    for now, then in zip(tower.layers[0].parameters(), layer.parameters(), strict=True):
        assert torch.equal(now, then)


def test_the_tuned_network_goes_into_the_bundle_and_photos_keep_their_vectors(
    recipe: Path, towers_bundle: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["train", "text", str(recipe), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["metrics"]["before"].keys() == made["metrics"]["shipped"].keys() >= {"t2i_r5"}
    out = tmp_path / "tuned"
    tuned = ["--text", str(tmp_path / "text"), "--points", "-1", "--predecessor", "none"]
    assert main(["export", str(towers_bundle.path), str(out), *tuned]) == 0
    after = Bundle.open(out)
    after.verify()
    assert after.read("image.onnx") == towers_bundle.read("image.onnx")
    assert after.read("text.onnx") != towers_bundle.read("text.onnx")

    twice = replace(TextProjectionRecipe.read(recipe), bundle=out, folder=tmp_path / "twice")
    assert tune_text(twice)["steps"] == 8  # its arithmetic is in whole numbers now
    assert main(["export", str(out), str(out), *tuned]) == 1
    assert "another text network" in capsys.readouterr().err


def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(recipe: Path, tmp_path: Path) -> None:
    whole = TextProjectionRecipe.read(recipe)
    tune_text(whole)
    halves = replace(whole, folder=tmp_path / "halves")
    with stopped_when_it_saves():
        tune_text(halves)
    tune_text(halves)
    first, second = ((r.folder / "text.onnx").read_bytes() for r in (whole, halves))
    assert first == second


def test_a_backbone_that_has_learned_since_has_no_classifier(
    recipe: Path, scratch_bundle: Path
) -> None:
    other = replace(TextProjectionRecipe.read(recipe), bundle=scratch_bundle, text="tiny")
    with pytest.raises(TrainingError, match="backbone of the bundle is not efficientnet-lite0"):
        Tuning(other)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"start": "tiny"}, "starts from no network with a classifier"),
        ({"start": "nothing"}, "no image network"),
        ({"text": "nothing"}, "no text network"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(
    recipe: Path, change: dict[str, str], complaint: str
) -> None:
    with pytest.raises(TrainingError, match=complaint):
        Tuning(replace(TextProjectionRecipe.read(recipe), **change))  # type: ignore[arg-type]


def test_photos_without_captions_teach_nothing(recipe: Path, tmp_path: Path) -> None:
    write_tar(tmp_path / "photos" / "some.tar", [note("train001"), note("train002")])
    with pytest.raises(TrainingError, match="holds no training photo with captions"):
        Tuning(replace(TextProjectionRecipe.read(recipe), data=tmp_path / "photos"))


def test_figures_are_shares_in_percent(recipe: Path) -> None:
    run = Tuning(TextProjectionRecipe.read(recipe))
    found = run.figures(lambda texts: torch.nn.functional.normalize(torch.ones(len(texts), 32)))
    assert all(0.0 <= value <= 100.0 for value in found.values())
    assert np.isfinite(list(found.values())).all()
