from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from ansa_train.models.mobilenet import normalise
from ansa_train.models.towers import Towers

TOLERANCE = 1e-4
"""Greatest difference of a component of a unit vector between torch and ONNX."""


def run(model: onnx.ModelProto, **feeds: NDArray[Any]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    vectors: NDArray[np.float32] = session.run(["embedding"], feeds)[0]
    return vectors


@pytest.mark.parametrize("count", [1, 6])
def test_the_image_graph_equals_the_tower_on_real_photos(
    image_model: onnx.ModelProto, towers: Towers, squares: NDArray[np.uint8], count: int
) -> None:
    batch = squares[:count]
    with torch.inference_mode():
        expected = towers.image(normalise(torch.from_numpy(batch))).numpy()
    vectors = run(image_model, pixels=batch)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, expected, atol=TOLERANCE, rtol=0)


def test_different_photos_get_different_vectors(
    image_model: onnx.ModelProto, squares: NDArray[np.uint8]
) -> None:
    vectors = run(image_model, pixels=squares)
    cosines = vectors @ vectors.T - np.eye(len(squares))
    assert cosines.max() < 0.999  # else the comparisons here would say nothing


@pytest.mark.parametrize(("count", "length"), [(1, 1), (1, 7), (3, 16)])
def test_the_text_graph_equals_the_tower_at_any_length(
    text_model: onnx.ModelProto, towers: Towers, count: int, length: int
) -> None:
    random = np.random.default_rng(length)
    ids = random.integers(0, 1100, (count, length))
    mask = np.ones_like(ids)
    mask[0, (length + 1) // 2 :] = 0  # the first is padded
    with torch.inference_mode():
        expected = towers.text(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
    vectors = run(text_model, ids=ids, mask=mask)
    np.testing.assert_allclose(vectors, expected, atol=TOLERANCE, rtol=0)


def test_graphs_have_the_names_a_bundle_promises_and_no_source_paths(
    image_model: onnx.ModelProto, text_model: onnx.ModelProto
) -> None:
    assert [i.name for i in image_model.graph.input] == ["pixels"]
    assert [i.name for i in text_model.graph.input] == ["ids", "mask"]
    for model in (image_model, text_model):
        assert [o.name for o in model.graph.output] == ["embedding"]
        onnx.checker.check_model(model, full_check=True)
        assert b".py" not in model.SerializeToString()


def test_exporting_folds_the_norms_of_a_copy(image_model: onnx.ModelProto, towers: Towers) -> None:
    assert "BatchNormalization" not in {node.op_type for node in image_model.graph.node}
    assert any(isinstance(module, nn.BatchNorm2d) for module in towers.image.modules())
