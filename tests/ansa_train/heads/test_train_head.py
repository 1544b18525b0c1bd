"""A head trains on a bundle's frozen network, goes on where it was stopped, and says what it is."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ansa import Analyzer, Bundle
from ansa_train.errors import TrainingError
from ansa_train.export.bundle import put_heads
from ansa_train.heads.base import HeadRecipe
from ansa_train.heads.train_head import train_head
from ansa_train.train import training_loop
from tests import extra
from tests.ansa_train.conftest import note, write_tar
from tests.bundles import edit_manifest, write_bundle


@pytest.fixture(autouse=True)
def _warmth(monkeypatch: pytest.MonkeyPatch) -> None:
    extra.known(monkeypatch)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a pack, a bundle, and a finished run."""
    folder = tmp_path_factory.mktemp("material")
    extra.write_pack(folder / "pack")
    write_bundle(folder / "bundle")
    with pytest.MonkeyPatch.context() as patch:
        extra.known(patch)
        train_head("warmth", recipe_in(folder, folder))
    return folder


def recipe_in(material: Path, folder: Path) -> HeadRecipe:
    return HeadRecipe(
        data=material / "pack",
        folder=folder / "run",
        cache=folder / "cache",
        bundle=material / "bundle",
        steps=60,
        batch=8,
        rate=0.05,
        save_every=20,
        head={"sharpness": 3, "sides": [4, 5]},
    )


@pytest.fixture
def recipe(material: Path, tmp_path: Path) -> HeadRecipe:
    """Of a run that has not begun."""
    return recipe_in(material, tmp_path)


@pytest.fixture
def finished(material: Path, recipe: HeadRecipe) -> HeadRecipe:
    """Of a run that is done."""
    shutil.copytree(material / "run", recipe.folder)
    return recipe


def test_a_head_learns_and_is_measured_on_photos_it_never_saw(finished: HeadRecipe) -> None:
    made = json.loads((finished.folder / "head.json").read_text())
    assert made["metrics"] == {"accuracy": 1.0}
    assert made["settings"] == {"scale": 1.0, "photos": 8}  # calibrated on dev
    assert made["shape"] == [1]
    assert made["branches"] == ["features", "stride8"]
    assert made["parameters"] == 7
    assert made["licences"] == {"wordnet-base": "WordNet 3.0 licence"}
    assert made["backbone"] == Bundle.open(finished.bundle).manifest.image.backbone
    assert made["bytes"] == (finished.folder / "head.onnx").stat().st_size


def test_its_signal_comes_out_of_the_bundle_it_is_put_into(
    finished: HeadRecipe, tmp_path: Path
) -> None:
    bundle = put_heads(Bundle.open(finished.bundle), [finished.folder], tmp_path / "with")
    analyzer = Analyzer(bundle)
    red, blue = (
        analyzer.analyze(np.full((30, 40, 3), colour, np.uint8)).signals["warmth"]
        for colour in ((220, 20, 30), (30, 20, 220))
    )
    assert blue < 0.5 < red
    assert bundle.manifest.metrics == {"warmth": {"accuracy": 1.0}}
    assert bundle.read("warmth.txt") == b"red"


def test_settings_of_a_recipe_reach_the_head(finished: HeadRecipe) -> None:
    identity = torch.load(finished.folder / "checkpoint.pt", weights_only=True)["identity"]
    assert identity["settings"] == "WarmthSettings(sharpness=3, sides=(4, 5))"


def stop_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """The run dies as the rate of that step is asked for, as with Ctrl-C."""
    rate = training_loop._rate

    def dies(now: int, steps: int, warm_up: int) -> float:
        if now == step:
            raise KeyboardInterrupt
        return rate(now, steps, warm_up)

    monkeypatch.setattr(training_loop, "_rate", dies)


def test_a_stopped_run_goes_on_to_the_very_same_head(
    recipe: HeadRecipe, material: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_at(patch, 50)
        with pytest.raises(KeyboardInterrupt):
            train_head("warmth", recipe)
    assert not (recipe.folder / "head.json").exists()
    train_head("warmth", recipe)
    for name in ("head.onnx", "losses.csv"):
        left = (recipe.folder / name).read_bytes(), (material / "run" / name).read_bytes()
        assert left[0].splitlines() == left[1].splitlines(), name


def test_a_finished_run_is_only_measured_again(finished: HeadRecipe, material: Path) -> None:
    before = (finished.folder / "checkpoint.pt").stat().st_mtime_ns
    (finished.folder / "files" / "old.txt").write_text("of an earlier version")
    made = train_head("warmth", finished)
    assert made == json.loads((material / "run" / "head.json").read_text())
    assert (finished.folder / "checkpoint.pt").stat().st_mtime_ns == before
    assert [file.name for file in (finished.folder / "files").iterdir()] == ["warmth.txt"]


def test_a_run_may_be_given_more_steps(finished: HeadRecipe) -> None:
    train_head("warmth", replace(finished, steps=80))
    assert torch.load(finished.folder / "checkpoint.pt", weights_only=True)["step"] == 80


@pytest.mark.parametrize(
    ("change", "named"),
    [({"rate": 0.01}, "rate"), ({"seed": 5}, "seed"), ({"head": {"sharpness": 2.0}}, "settings")],
)
def test_a_run_is_not_gone_on_with_by_other_settings(
    finished: HeadRecipe, change: dict[str, object], named: str
) -> None:
    with pytest.raises(TrainingError, match=f"its {named} is .* another folder"):
        train_head("warmth", replace(finished, **change))  # type: ignore[arg-type]


def test_a_run_is_not_gone_on_with_on_another_backbone(
    finished: HeadRecipe, tmp_path: Path
) -> None:
    other = write_bundle(tmp_path / "other", dim=16)
    with pytest.raises(TrainingError, match=r"its backbone is .* another folder"):
        train_head("warmth", replace(finished, bundle=other))


@pytest.mark.parametrize(
    ("head", "complaint"),
    [
        ({"speed": 3}, "no such setting: speed; there is sharpness, sides"),
        ({"sharpness": "very"}, "sharpness = 'very', but it is a number"),
        ({"sides": 3}, "sides = 3, but it is a list"),
    ],
)
def test_settings_that_a_head_does_not_have_are_named(
    recipe: HeadRecipe, head: dict[str, object], complaint: str
) -> None:
    with pytest.raises(TrainingError, match=complaint):
        train_head("warmth", replace(recipe, head=head))


def test_a_head_that_does_not_exist_is_told_with_those_that_do(recipe: HeadRecipe) -> None:
    with pytest.raises(TrainingError, match=r"no head 'coldness'; there is .*warmth"):
        train_head("coldness", recipe)


def test_a_head_that_nothing_reads_is_not_trained(
    recipe: HeadRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ansa.model.heads.KINDS", frozenset({"embedding"}))
    with pytest.raises(TrainingError, match=r"write ansa/model/heads/warmth\.py first"):
        train_head("warmth", recipe)
    assert not recipe.folder.exists()


def test_a_bundle_from_before_there_were_heads_is_refused(
    recipe: HeadRecipe, tmp_path: Path
) -> None:
    old = write_bundle(tmp_path / "old")
    edit_manifest(old, lambda manifest: manifest["image"].pop("backbone"))
    with pytest.raises(TrainingError, match=r"old was made before there were heads; export it"):
        train_head("warmth", replace(recipe, bundle=old))


def test_photos_none_of_which_are_for_training_are_refused(
    recipe: HeadRecipe, tmp_path: Path
) -> None:
    pack = extra.write_pack(tmp_path / "pack", photos=0)
    with pytest.raises(TrainingError, match=r"pack holds no training pictures"):
        train_head("warmth", replace(recipe, data=pack))
    write_tar(tmp_path / "train" / "a.tar", [note("1")])
    with pytest.raises(TrainingError, match=r"train holds no dev pictures"):
        train_head("warmth", replace(recipe, data=tmp_path / "train"))


def test_a_loss_that_is_not_finite_ends_the_run(recipe: HeadRecipe) -> None:
    with pytest.raises(TrainingError, match=r"step \d+: the loss is not finite; lower the rate"):
        train_head("warmth", replace(recipe, head={"sharpness": 1e300}))


@pytest.mark.parametrize("wrong", ["steps = 'many'", "speed = 3", "head = 3", "data = 4"])
def test_a_recipe_that_means_nothing_is_refused(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "recipe.toml"
    lines = ['data = "d"', 'folder = "f"', 'cache = "c"', wrong]
    lines = lines[1:] if wrong.startswith("data") else lines
    file.write_text("\n".join(lines))
    with pytest.raises(TrainingError, match=wrong.partition(" ")[0]):
        HeadRecipe.read(file)


def test_a_recipe_says_where_everything_is(tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text('data = "~/d"\nfolder = "f"\ncache = "c"\nsteps = 7\n[head]\nsharpness = 1')
    recipe = HeadRecipe.read(file)
    assert recipe.data == Path("~/d").expanduser()
    assert (recipe.steps, recipe.bundle, recipe.head) == (7, None, {"sharpness": 1})
