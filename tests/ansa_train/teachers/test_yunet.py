from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from ansa_train.pretrained import PARTS
from ansa_train.teachers.yunet import YuNet
from tests.ansa_train.random_parts import use_parts


def write_yunet(file: Path) -> Path:
    """A network with YuNet's input and outputs; what is red is a face of two cells a side."""
    nodes, constants = [], []

    def constant(name: str, values: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(values, name))
        return name

    constant("rows", np.array([0, -1, 1], np.int64))
    constant("four", np.array([0, -1, 4], np.int64))
    red = np.array([-0.05, -0.05, 0.05], np.float32).reshape(1, 3, 1, 1)
    size = np.zeros((4, 3, 1, 1), np.float32)
    constant("away", np.full(1, -3.0, np.float32))
    constant("red", red)
    constant("size", size)
    constant("half", np.array([0.5, 0.5, np.log(2), np.log(2)], np.float32))
    outputs = []
    for stride in (8, 16, 32):
        pick: dict[str, Any] = {"strides": [stride, stride]}
        nodes += [
            helper.make_node("Conv", ["input", "red", "away"], [f"seen{stride}"], **pick),
            helper.make_node("Sigmoid", [f"seen{stride}"], [f"score{stride}"]),
            helper.make_node("Reshape", [f"score{stride}", "rows"], [f"cls_{stride}"]),
            helper.make_node("Identity", [f"cls_{stride}"], [f"obj_{stride}"]),
            helper.make_node("Conv", ["input", "size", "half"], [f"place{stride}"], **pick),
            helper.make_node("Transpose", [f"place{stride}"], [f"t{stride}"], perm=[0, 2, 3, 1]),
            helper.make_node("Reshape", [f"t{stride}", "four"], [f"bbox_{stride}"]),
        ]
        outputs += [
            helper.make_tensor_value_info(f"{what}_{stride}", TensorProto.FLOAT, None)
            for what in ("cls", "obj", "bbox")
        ]
    entry = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 640, 640])
    graph = helper.make_graph(nodes, "yunet", [entry], outputs, constants)
    file.parent.mkdir(parents=True, exist_ok=True)
    opset = helper.make_opsetid("", 13)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), file)
    return file


@pytest.fixture(autouse=True)
def _part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = PARTS["yunet"]
    folder = tmp_path / "parts-cache" / "parts" / part.requirement.replace("/", "+")
    write_yunet(folder / part.file)
    use_parts(monkeypatch, tmp_path / "parts-cache")


def test_a_face_is_where_it_is_in_a_photo_of_any_shape() -> None:
    photo = Image.new("RGB", (400, 200))
    photo.paste("red", (80, 40, 100, 60))  # 32 pixels a side of 640, so that one place is in it
    found = YuNet()(photo, 0.5)
    assert found.dtype == np.float32
    assert (found[:, 5] == 0).all()
    assert (found[:, 4] > 0.9).all()
    centres = (found[:, :2] + found[:, 2:4]) / 2
    assert (np.abs(centres - [0.225, 0.25]) < [0.05, 0.1]).all()
    largest = found[np.argmax(found[:, 2] - found[:, 0])]
    assert largest[2] - largest[0] == pytest.approx(64 / 640, abs=1e-3)
    assert largest[3] - largest[1] == pytest.approx(64 / 320, abs=1e-3)


def test_a_photo_without_faces_has_none() -> None:
    assert YuNet()(Image.new("RGB", (64, 96), "green")).shape == (0, 6)
