"""Heads of one bundle on the networks of another that shares its backbone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from ansa import Analyzer, Bundle
from ansa.cli import main
from ansa.photo.read import read_photo, resize_square
from ansa.scene import Pixels
from ansa_train.errors import TrainingError
from ansa_train.export.carry_heads import carry_heads
from tests import extra
from tests.bundles import SIZE, edit_manifest, write_bundle
from tests.photos import draw_photo


@pytest.fixture(scope="module")
def square(tmp_path_factory: pytest.TempPathFactory) -> Pixels:
    file = tmp_path_factory.mktemp("photos") / "photo.png"
    draw_photo(90, 60, 3).save(file)
    return resize_square(read_photo(file)[0], SIZE)


def _with_head(folder: Path, reads: str) -> Bundle:
    """A bundle with the head "warmth", the mean of what it reads."""
    write_bundle(folder)
    image = onnx.load(folder / "image.onnx")
    axes = numpy_helper.from_array(np.array([1], np.int64), "head.warmth/axes")
    image.graph.initializer.append(axes)
    image.graph.node.append(
        onnx.helper.make_node("ReduceMean", [reads, axes.name], ["head.warmth"], keepdims=1)
    )
    image.graph.output.append(
        onnx.helper.make_tensor_value_info("head.warmth", onnx.TensorProto.FLOAT, ["n", 1])
    )
    backbone = Bundle.open(folder).manifest.image.backbone
    write_bundle(folder, image=image.SerializeToString())
    head = {"output": "head.warmth", "kind": "warmth", "shape": [1], "version": 1}
    edit_manifest(
        folder,
        lambda manifest: (
            manifest["image"].update(backbone=backbone),
            manifest["heads"].update(warmth=head | {"settings": {"scale": 1.0}}),
            manifest.update(metrics={"warmth": {"accuracy": 0.5}}),
        ),
    )
    return Bundle.open(folder)


def _projected_anew(folder: Path) -> Bundle:
    """A bundle of the same backbone whose embedding is another."""
    write_bundle(folder)
    backbone = Bundle.open(folder).manifest.image.backbone
    image = onnx.load(folder / "image.onnx")
    weights = next(t for t in image.graph.initializer if t.name == "weights")
    weights.CopyFrom(numpy_helper.from_array(-numpy_helper.to_array(weights), "weights"))
    write_bundle(folder, image=image.SerializeToString())
    edit_manifest(folder, lambda manifest: manifest["image"].update(backbone=backbone))
    return Bundle.open(folder)


def test_new_towers_keep_their_embedding_and_gain_the_signals_of_the_old_bundle(
    square: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra.known(monkeypatch)
    giver, towers = _with_head(tmp_path / "old", "features"), _projected_anew(tmp_path / "new")
    made = Analyzer(carry_heads(towers, giver, tmp_path / "both"))
    made.bundle.verify()
    old, new = Analyzer(giver), Analyzer(towers)
    assert made.analyze(square).signals["warmth"] == old.analyze(square).signals["warmth"]
    np.testing.assert_array_equal(made.embed_image([square]), new.embed_image([square]))
    assert not np.allclose(made.embed_image([square]), old.embed_image([square]))
    assert made.bundle.manifest.metrics == {"warmth": {"accuracy": 0.5}}


def test_the_command_carries_heads_over(tmp_path: Path) -> None:
    giver, towers = _with_head(tmp_path / "old", "features"), _projected_anew(tmp_path / "new")
    out = str(tmp_path / "both")
    options = ["--heads-of", str(giver.path), "--predecessor", "none"]
    assert main(["export", str(towers.path), out, *options]) == 0
    assert Bundle.open(out).manifest.heads.keys() == {"embedding", "warmth"}


def test_heads_of_another_backbone_are_refused(tmp_path: Path) -> None:
    giver = _with_head(tmp_path / "old", "features")
    other = Bundle.open(write_bundle(tmp_path / "other", dim=16))
    with pytest.raises(TrainingError, match=r"another backbone than that of .* train them anew"):
        carry_heads(other, giver, tmp_path / "both")
    assert not (tmp_path / "both").exists()


def test_a_head_that_reads_the_embedding_is_refused(tmp_path: Path) -> None:
    giver, towers = _with_head(tmp_path / "old", "embedding"), _projected_anew(tmp_path / "new")
    with pytest.raises(TrainingError, match="reads the embedding; train it anew"):
        carry_heads(towers, giver, tmp_path / "both")
