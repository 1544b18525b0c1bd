"""Core ML packages, as far as they can be checked without Apple's systems."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ansa import Bundle
from ansa_train.errors import TrainingError
from ansa_train.export.coreml import FP16, INT8, PRUNED, SPARSITY, export_coreml
from tests.bundles import DIM, SIZE, write_bundle


def network() -> onnx.ModelProto:
    """A convolution with as many weights as it takes to be compressed."""
    rng = np.random.default_rng(0)
    constants = {
        "full": np.float32(255),
        "weights": rng.normal(size=(96, 3, 3, 3)).astype(np.float32),
        "axes": np.array([2, 3]),
        "axis": np.array([1]),
        "last": rng.normal(size=(DIM, 96)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["floats"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Div", ["planes", "full"], ["shares"]),
        helper.make_node("Conv", ["shares", "weights"], ["seen"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["seen"], ["kept"]),
        helper.make_node("ReduceMean", ["kept", "axes"], ["features"], keepdims=0),
        helper.make_node("Gemm", ["features", "last"], ["raw"], transB=1),
        helper.make_node("ReduceL2", ["raw", "axis"], ["length"]),
        helper.make_node("Div", ["raw", "length"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", SIZE, SIZE, 3])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", DIM])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("coreml") / "bundle"
    return Bundle.open(write_bundle(folder, image=network().SerializeToString()))


def test_every_package_takes_a_photo_and_holds_the_weights(bundle: Bundle, tmp_path: Path) -> None:
    pytest.importorskip("coremltools")
    made = export_coreml(bundle, tmp_path / "packages")
    assert made.disagreement < 1e-4
    half, whole, pruned = made.packages
    assert [p.name for p in made.packages] == [f"ansa-{f}.mlpackage" for f in (FP16, INT8, PRUNED)]
    assert all(package.outputs == {"embedding": (1, DIM)} for package in made.packages)
    assert half.weight_error == 0
    assert 0 < whole.weight_error < 0.01
    assert pruned.zeros == pytest.approx(SPARSITY, abs=0.02)
    assert not any(package.predicted for package in made.packages)
    said = json.loads((tmp_path / "packages" / "coreml.json").read_text())
    assert said["bundle"] == bundle.id


def test_without_the_tools_it_is_said_what_to_install(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "coremltools", None)
    with pytest.raises(TrainingError, match=r"ansa\[coreml\]"):
        export_coreml(bundle, tmp_path)


@pytest.mark.parametrize("name", ["coreml.json", f"ansa-{INT8}.mlpackage"])
def test_what_was_not_made_here_is_left(bundle: Bundle, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine").write_text("mine")
    with pytest.raises(FileExistsError, match=r"was not made by .* give another folder"):
        export_coreml(bundle, tmp_path)
    assert (tmp_path / name / "mine").read_text() == "mine"


def test_packages_are_made_again(bundle: Bundle, tmp_path: Path) -> None:
    pytest.importorskip("coremltools")
    first = export_coreml(bundle, tmp_path)
    (tmp_path / first.packages[0].name / "left over").write_text("of before")
    assert export_coreml(bundle, tmp_path) == first
    assert not (tmp_path / first.packages[0].name / "left over").exists()
    assert len(list(tmp_path.iterdir())) == 4
