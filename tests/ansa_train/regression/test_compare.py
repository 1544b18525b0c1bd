"""The gate of an export from its command: two tiny bundles, one of which mixes up its colours."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from ansa.cli import main
from ansa.model.bundle import Bundle
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.errors import TrainingError
from ansa_train.recipe import AcceptedLoss
from ansa_train.regression.answers import answers_of
from ansa_train.regression.cases import Case, Picture, RegressionSet, read_set, write_set
from ansa_train.regression.compare import GateSettings, compare
from ansa_train.regression.compose import shard_set
from ansa_train.regression.gate import BehindPredecessor
from ansa_train.regression.pictures import PictureStore
from ansa_train.regression.place import place_compared
from tests.bundles import COLOURS, image_model, write_bundle
from tests.cli.conftest import paint

HUES = ("red", "green", "blue", "yellow")
METRIC = "label of the source, top-1"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return Bundle.open(write_bundle(tmp_path_factory.mktemp("good") / "bundle"))


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Takes red for blue and blue for red."""
    model = image_model()
    for tensor in model.graph.initializer:
        if tensor.name == "weights":
            weights = numpy_helper.to_array(tensor)[[2, 1, 0]]
            tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(weights), "weights"))
    onnx.checker.check_model(model)
    folder = tmp_path_factory.mktemp("forgetful") / "bundle"
    return Bundle.open(write_bundle(folder, image=model.SerializeToString()))


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set that searches for colours, and its photos beside it."""
    folder = tmp_path_factory.mktemp("album")
    cases = []
    for name in HUES:
        paint(folder / f"{name}.png", COLOURS[name])
        digest = hashlib.sha256((folder / f"{name}.png").read_bytes()).hexdigest()
        picture = Picture("file", f"{name}.png", digest)
        cases.append(Case(name, "search", picture, f"a {name} photo", 1))
    gone = Picture("file", "gone.png", "0" * 64)
    cases.append(Case("gone", "search", gone, "a red photo", 1))
    cases.append(Case("a tag", "tag", cases[0].picture, "cat"))
    write_set(RegressionSet("colours", "colours by name", cases), folder / "colours.json")
    return folder


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty dev photos of four colours."""
    return write_shards(tmp_path_factory.mktemp("shards"), HUES)


def write_shards(folder: Path, labels: tuple[str, ...]) -> Path:
    """Forty dev photos of four colours with a label for each."""
    with tarfile.open(folder / "colours-0.tar", "w") as tar:
        for i in range(40):
            hue = HUES[i % 4]
            paint(folder / "x.png", COLOURS[hue])
            said: dict[str, object] = {
                "key": f"c{i:02}",
                "source": "colours",
                "split": "dev",
                "kind": "photo",
            }
            said |= {"labels": [labels[i % 4]]}
            for suffix, data in (
                ("png", (folder / "x.png").read_bytes()),
                ("json", json.dumps(said).encode()),
            ):
                member = tarfile.TarInfo(f"c{i:02}.{suffix}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    (folder / "x.png").unlink()
    return folder


def test_a_search_that_no_longer_finds_its_photo_is_broken(
    good: Bundle, forgetful: Bundle, album: Path
) -> None:
    asked = read_set(album / "colours.json")
    store = PictureStore(beside=album)
    before, now = (answers_of(bundle, asked, store) for bundle in (good, forgetful))
    states = {a.case: (a.state, b.state) for a, b in zip(before.answers, now.answers, strict=True)}
    assert states["gone"] == ("not run", "not run")
    assert states["a tag"] == ("not run", "not run")  # the bundle has no tags
    assert {case for case, pair in states.items() if pair[1] == "broken"} >= {"red", "blue"}
    assert next(a.said for a in now.answers if a.case == "gone").startswith("it cannot be read")


def test_figures_on_the_same_photos_refuse_a_bundle_that_fell_behind(
    good: Bundle, forgetful: Bundle, shards: Path
) -> None:
    settings = GateSettings(data=shards, shipped=False)
    with pytest.raises(BehindPredecessor, match=f"{METRIC}: 100.0 -> 25.0"):
        compare(forgetful, good, settings).check()
    compare(good, forgetful, settings).check()
    accepted = replace(settings, accepted=[AcceptedLoss(METRIC, "a smaller network")])
    found = compare(forgetful, good, accepted)
    found.check()
    assert found.losses[0].accepted == "a smaller network"


def test_what_was_compared_stands_in_the_manifest(good: Bundle, tmp_path: Path) -> None:
    found = compare(good, good, GateSettings(shipped=False))
    placed = place_compared(good, tmp_path / "new", found)
    assert placed.manifest.training["compared"]["predecessor"] == f"colours {good.id[:12]}"
    assert all(placed.read(name) == good.read(name) for name in good.manifest.files)


def test_a_set_of_shards_needs_a_taxonomy_and_a_known_source(good: Bundle, shards: Path) -> None:
    with pytest.raises(TrainingError, match="has no taxonomy"):
        shard_set("colours", shards, good, LabelRules())


def test_a_set_of_the_labels_of_dev_photos_holds_hashes_and_no_photo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shards").mkdir()
    shards = write_shards(tmp_path / "shards", ("rose", "grass", "sea", "lemon"))
    file = tmp_path / "colours.json"
    words = ["regression", "make", str(file), "--pack", str(shards), "--each", "8"]
    assert main(words) == 0
    assert "16 cases" in capsys.readouterr().out  # a tag and a kind of each
    document = json.loads(file.read_text("utf-8"))
    assert {case["picture"]["source"] for case in document["cases"]} == {"shards"}
    assert len({case["text"] for case in document["cases"] if case["ask"] == "tag"}) == 4
    assert main([*words[:2], str(tmp_path / "no.json"), *words[3:], "--source", "cats"]) == 1
    assert "no dev photo is of the source 'cats'" in capsys.readouterr().err
    assert main(words) == 1  # it is there already


def test_a_set_can_put_each_photo_under_made_conditions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shards").mkdir()
    shards = write_shards(tmp_path / "shards", ("rose", "grass", "sea", "lemon"))
    words = ["regression", "make", str(tmp_path / "far.json"), "--pack", str(shards)]
    words += ["--each", "4", "--condition", "far away", "--condition", "moved"]
    assert main(words) == 0
    capsys.readouterr()
    made = read_set(tmp_path / "far.json")
    assert len(made.cases) == 16  # two questions, four photos, two conditions
    assert {case.picture.condition for case in made.cases} == {"far away", "moved"}
    assert main([*words[:2], str(tmp_path / "x.json"), *words[3:5], "--condition", "odd"]) == 1
    assert "'odd' is no made condition" in capsys.readouterr().err
