from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from ansa_train.data.pack import Sample, read_pack
from ansa_train.errors import TrainingError
from ansa_train.evaluate.linear_classifier import Features
from ansa_train.evaluate.tagging import TaggedPhotos, Tagging
from ansa_train.recipe import Recipe
from research.backbone_comparison import (
    compare,
    features,
    main,
    pooled,
    to_dict,
    to_markdown,
    trained,
)
from tests.ansa_train.conftest import box, note, write_tar
from tests.bundles import DIM, write_bundle


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos with boxes, in three splits."""
    folder = tmp_path_factory.mktemp("boxed")
    notes = [
        note(f"{split}{i:03}", split="train", boxes=[box(["car", "bus"][i % 2], 0.5, 0.5)])
        | {"split": split}
        for split, count in (("train", 20), ("dev", 6), ("test", 6))
        for i in range(count)
    ]
    # A test photo of the usual tar is no photo; these are opened, so they are written as dev's.
    write_tar(folder / "a.tar", [known | {"split": "dev"} for known in notes])
    return folder


def _task(album: Path) -> Tagging:
    samples = read_pack(album, ["dev"])

    def part(split: str) -> TaggedPhotos:
        of_split = [s for s in samples if s.key.startswith(split)]
        return TaggedPhotos(of_split, [frozenset(s.objects) for s in of_split])

    return Tagging("boxes", part("train"), part("dev"), part("test"), least=3)


def test_features_that_show_the_tags_beat_features_that_do_not(album: Path) -> None:
    def made(name: str, samples: Sequence[Sample]) -> Features:
        rng = np.random.default_rng(0)
        noise = rng.normal(size=(len(samples), 4))
        shown = np.array([[s.objects == ("car",), s.objects == ("bus",)] for s in samples])
        return np.hstack([noise, shown]) if name == "sees" else noise

    task = _task(album)
    found = compare(["blind", "sees"], [task], made)
    blind, sees = found["boxes"]
    assert sees.value == 100.0
    assert blind.value < 95.0
    document = to_dict(["blind", "sees"], found)
    assert document["mAP"]["boxes"][1]["difference"]["value"] == round(100 - blind.value, 3)
    assert document["mAP"]["boxes"][1]["gain"]["value"] == pytest.approx(
        100 * (100 / blind.value - 1), abs=0.01
    )
    page = to_markdown(["blind", "sees"], found, [task], "the command")
    assert "| boxes: 2 tags, 6 photos | blind |" in page


def test_a_bundle_gives_its_embedding_and_a_classifier_its_pooled_features(
    album: Path, tmp_path: Path, parts: Path
) -> None:
    samples = read_pack(album, ["dev"])[:3]
    bundle = write_bundle(tmp_path / "bundle")
    assert features(str(bundle), samples).shape == (3, DIM)
    classifier = features("efficientnet-lite0", samples)
    assert classifier.shape == (3, 1280)
    assert np.isfinite(classifier).all()


def test_a_run_gives_the_pooled_features_of_its_averaged_backbone(
    album: Path, recipe_file: Path, parts: Path
) -> None:
    recipe = Recipe.read(recipe_file)
    backbone = trained(recipe)
    averaged = torch.load(recipe.folder / "checkpoint.pt", weights_only=True)["averaged"]
    name, value = next(iter(backbone.state_dict().items()))
    assert torch.equal(value, averaged[f"image.backbone.{name}"])
    samples = read_pack(album, ["dev"])[:2]
    found = features(str(recipe_file), samples)
    np.testing.assert_allclose(found, pooled(backbone, recipe.image_size, samples))


def test_a_photo_that_does_not_open_is_named(tmp_path: Path) -> None:
    write_tar(tmp_path / "a.tar", [note("broken001", split="test")])
    bundle = write_bundle(tmp_path / "bundle")
    with pytest.raises(TrainingError, match="broken001"):
        features(str(bundle), read_pack(tmp_path, ["test"]))


def test_the_command_says_when_no_tag_is_shown_often_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tar(tmp_path / "a.tar", [note("a001", split="test")])
    with pytest.raises(SystemExit):
        main(["x", "y", "--pack", str(tmp_path)])
    assert "no tag is shown often enough" in capsys.readouterr().err
    assert json.dumps(to_dict([], {})) == '{"backbones": [], "mAP": {}}'
