from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ansa import Analyzer, Bundle
from ansa.cli import main
from ansa_train.compress.prune_text import TextPruningRecipe, prune_text
from ansa_train.errors import TrainingError
from tests.ansa_train.stopped_run import stopped_when_it_saves

RECIPE = """
data = "{data}"
folder = "{folder}/prune"
cache = "{folder}/cache"
bundle = "{bundle}"
text = "tiny"
steps = 4
every = 1
captions = 4
words = 2
photos = 6
save_every = 2
"""


@pytest.fixture
def recipe(scratch_bundle: Path, pack: Path, tmp_path: Path) -> Path:
    file = tmp_path / "prune.toml"
    file.write_text(RECIPE.format(data=pack, folder=tmp_path, bundle=scratch_bundle))
    return file


def worse_by(points: float, metrics: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    dense = metrics["before"]["t2i_r5"]
    return metrics | {"shipped": metrics["shipped"] | {"t2i_r5": dense - points}}


def test_a_bundle_is_pruned_and_written_anew(
    recipe: Path, scratch_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["train", "prune", str(recipe), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["sparsity"] == pytest.approx(0.4, abs=0.001)
    assert made["metrics"]["before"].keys() == made["metrics"]["shipped"].keys() >= {"t2i_r5"}

    out = str(tmp_path / "smaller")
    pruned = ["--text", str(tmp_path / "prune"), "--predecessor", "none"]
    capsys.readouterr()
    text = tmp_path / "prune" / "text.json"
    text.write_text(json.dumps(made | {"metrics": worse_by(0.6, made["metrics"])}))
    assert main(["export", str(scratch_bundle), out, *pruned]) == 1
    assert "lost 0.60 points of recall at 5 on dev" in capsys.readouterr().err
    assert not Path(out).exists()
    assert main(["export", str(scratch_bundle), out, *pruned, "--points", "0.7"]) == 0
    before, after = Bundle.open(scratch_bundle), Bundle.open(out)
    after.verify()
    assert after.manifest.files["text.onnx"].bytes < 0.8 * before.manifest.files["text.onnx"].bytes
    assert after.read("image.onnx") == before.read("image.onnx")
    texts = ["a dog on the beach", "two dogs"]
    cosines = (Analyzer(before).embed_text(texts) * Analyzer(after).embed_text(texts)).sum(1)
    assert cosines.min() > 0.75  # weights are random, and learn for four steps

    again = TextPruningRecipe.read(recipe)
    with pytest.raises(TrainingError, match="give the bundle as it was before"):
        prune_text(replace(again, bundle=Path(out), folder=tmp_path / "twice"))
    assert main(["export", out, out, *pruned]) == 1
    assert "another text network" in capsys.readouterr().err


def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(recipe: Path, tmp_path: Path) -> None:
    """Stopped where it saves: with the first half of its steps done."""
    whole = TextPruningRecipe.read(recipe)
    prune_text(whole)

    halves = replace(whole, folder=tmp_path / "halves")
    with stopped_when_it_saves():
        prune_text(halves)
    prune_text(halves)
    first, second = ((r.folder / "text.onnx").read_bytes() for r in (whole, halves))
    assert first == second

    with pytest.raises(TrainingError, match="sparsity"):
        prune_text(replace(halves, sparsity=0.5))


@pytest.mark.parametrize(
    ("line", "complaint"), [("sparsity = 1.5", "from 0 to below 1"), ("zeros = 3", "zeros")]
)
def test_a_recipe_that_makes_no_sense_is_refused(tmp_path: Path, line: str, complaint: str) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(RECIPE.format(data=tmp_path, folder=tmp_path, bundle=tmp_path) + line)
    with pytest.raises(TrainingError, match=complaint):
        TextPruningRecipe.read(file)
