from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ansa import Analyzer, Bundle
from ansa.cli import main
from ansa_train.compress.prune_channels import ChannelPruningRecipe, prune_channels
from ansa_train.errors import TrainingError
from tests.photos import draw_photo

RECIPE = """
data = "{data}"
folder = "{folder}/shrink"
cache = "{folder}/cache"
bundle = "{bundle}"
share = 0.2
photos = 3
steps = 4
batch = 3
save_every = 2
every = 1
"""


@pytest.fixture
def recipe(scratch_bundle: Path, pack: Path, tmp_path: Path) -> Path:
    file = tmp_path / "shrink.toml"
    file.write_text(RECIPE.format(data=pack, folder=tmp_path, bundle=scratch_bundle))
    return file


def test_a_bundle_gets_a_smaller_image_network_unless_it_lost_too_much(
    recipe: Path, scratch_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["train", "shrink", str(recipe), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["channels"]["after"] < made["channels"]["before"]
    assert made["points lost"].keys() == {"embedding"}

    run, out = tmp_path / "shrink", str(tmp_path / "smaller")
    made["points lost"] = {"embedding": 0.6}
    (run / "image.json").write_text(json.dumps(made))
    image = ["--predecessor", "none", "--image", str(run)]
    assert main(["export", str(scratch_bundle), out, *image]) == 1
    assert "more than 0.5 points are lost: embedding 0.60" in capsys.readouterr().err
    assert not Path(out).exists()
    assert main(["export", str(scratch_bundle), out, *image, "--points", "0.7"]) == 0
    before, after = Bundle.open(scratch_bundle), Bundle.open(out)
    after.verify()
    assert len(after.read("image.onnx")) < len(before.read("image.onnx"))
    assert after.read("text.onnx") == before.read("text.onnx")
    assert after.manifest.image.backbone != before.manifest.image.backbone
    photo = draw_photo(80, 60, seed=1)
    assert Analyzer(after).analyze(photo).embedding.shape == (16,)

    assert main(["export", out, out, *image, "--points", "-1"]) == 1
    assert "was another image network" in capsys.readouterr().err
    assert main(["export", str(scratch_bundle), out, "--image", str(tmp_path)]) == 1
    assert "train it first" in capsys.readouterr().err


def test_learning_brings_it_nearer_to_what_it_was(recipe: Path, tmp_path: Path) -> None:
    recipe_of_half = replace(ChannelPruningRecipe.read(recipe), share=0.5)
    long = replace(recipe_of_half, steps=60, rate=1e-4, folder=tmp_path / "long")
    prune_channels(long)
    rows = [line.split(",") for line in (long.folder / "losses.csv").read_text().splitlines()]
    place = rows[0].index("stride32")
    assert float(rows[-1][place]) < float(rows[1][place])


def test_a_run_that_was_stopped_is_not_taken_for_another(recipe: Path) -> None:
    done = ChannelPruningRecipe.read(recipe)
    prune_channels(done)
    first = (done.folder / "image.onnx").read_bytes()
    prune_channels(done)
    assert (done.folder / "image.onnx").read_bytes() == first
    with pytest.raises(TrainingError, match="share"):
        prune_channels(replace(done, share=0.3))


@pytest.mark.parametrize(
    ("line", "complaint"), [("share = 0.7", "from 0 to 0.5"), ("channels = 3", "channels")]
)
def test_a_recipe_that_makes_no_sense_is_refused(tmp_path: Path, line: str, complaint: str) -> None:
    file = tmp_path / "recipe.toml"
    text = RECIPE.format(data=tmp_path, folder=tmp_path, bundle=tmp_path)
    file.write_text(text.replace("share = 0.2\n", "") + line)
    with pytest.raises(TrainingError, match=complaint):
        ChannelPruningRecipe.read(file)
