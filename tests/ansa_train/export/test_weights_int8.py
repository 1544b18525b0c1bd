from __future__ import annotations

import copy
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ansa_train.export.weights_int8 import quantize_weights
from ansa_train.models.unpack_weights import unpack_weights

CLOSE = 0.985
"""Least cosine of vectors by float and by int8 weights; different photos here reach 0.96."""

Models = tuple[onnx.ModelProto, onnx.ModelProto]


def _quantized(model: onnx.ModelProto) -> Models:
    smaller = copy.deepcopy(model)
    quantize_weights(smaller)
    return model, smaller


@pytest.fixture(scope="module")
def image_models(image_model: onnx.ModelProto) -> Models:
    """Before and after."""
    return _quantized(image_model)


@pytest.fixture(scope="module")
def text_models(text_model: onnx.ModelProto) -> Models:
    """Before and after."""
    return _quantized(text_model)


def _run(model: onnx.ModelProto, **feeds: NDArray[Any]) -> NDArray[Any]:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.disable_quant_qdq", "1")  # as the runtime does
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    output: NDArray[Any] = session.run(None, feeds)[0]
    return output


def test_photos_keep_their_vectors(image_models: Models, squares: NDArray[np.uint8]) -> None:
    plain, small = (_run(model, pixels=squares) for model in image_models)
    assert (plain * small).sum(1).min() > CLOSE


def test_texts_keep_their_vectors(text_models: Models) -> None:
    ids = np.random.default_rng(0).integers(0, 1100, (8, 9))
    plain, small = (_run(model, ids=ids, mask=np.ones_like(ids)) for model in text_models)
    assert (plain * small).sum(1).min() > CLOSE


def test_files_shrink_to_less_than_three_tenths(image_models: Models, text_models: Models) -> None:
    for plain, small in (image_models, text_models):
        assert small.ByteSize() < 0.3 * plain.ByteSize()


def test_every_large_weight_is_int8(image_models: Models, text_models: Models) -> None:
    for _, small in (image_models, text_models):
        large = [t for t in small.graph.initializer if np.prod(t.dims) >= 4096]
        assert large
        assert {t.data_type for t in large} == {TensorProto.INT8}


def _model(nodes: list[onnx.NodeProto], **weights: NDArray[Any]) -> onnx.ModelProto:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 32])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 32])
    constants = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "g", [x], [y], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


@pytest.mark.parametrize("transposed", [0, 1])
def test_a_channel_far_louder_than_the_others_does_not_drown_them(transposed: int) -> None:
    random = np.random.default_rng(0)
    weight = random.normal(size=(32, 32)).astype(np.float32)
    loud = np.full(32, 0.01, np.float32)
    loud[3] = 100.0
    weight *= loud[:, None] if transposed else loud
    node = helper.make_node("Gemm", ["x", "w"], ["y"], transB=transposed)
    model = _model([node], w=weight)
    x = random.normal(size=(4, 32)).astype(np.float32)
    exact = _run(model, x=x)
    quantize_weights(model)
    error = np.abs(_run(model, x=x) - exact)
    assert (error / np.abs(exact).mean(0)).max() < 0.05


def test_a_weight_that_two_nodes_share_is_stored_once() -> None:
    weight = np.random.default_rng(0).normal(size=(32, 32)).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["middle"]),
        helper.make_node("MatMul", ["middle", "w"], ["y"]),
    ]
    model = _model(nodes, w=weight)
    x = np.eye(32, dtype=np.float32)
    quantize_weights(model)
    assert [t.name for t in model.graph.initializer] == ["w.int8", "w.scale"]
    np.testing.assert_allclose(_run(model, x=x), weight @ weight, atol=0.3)


def test_small_weights_and_a_channel_of_zeros_do_no_harm() -> None:
    weight = np.ones((32, 32), np.float32)
    weight[:, 5] = 0
    small = np.full((32,), 0.123, np.float32)
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["middle"]),
        helper.make_node("Add", ["middle", "b"], ["y"]),
    ]
    model = _model(nodes, w=weight, b=small)
    quantize_weights(model)
    y = _run(model, x=np.ones((1, 32), np.float32))[0]
    np.testing.assert_allclose(y, np.where(np.arange(32) == 5, 0, 32) + 0.123, rtol=1e-6)


def test_unpacked_networks_give_the_same_and_hold_no_int8(
    image_models: Models, text_models: Models, squares: NDArray[np.uint8]
) -> None:
    ids = np.random.default_rng(0).integers(0, 1100, (8, 9))
    feeds: list[dict[str, NDArray[Any]]] = [{"pixels": squares}]
    feeds.append({"ids": ids, "mask": np.ones_like(ids)})
    for (_, small), feed in zip((image_models, text_models), feeds, strict=True):
        unpacked = copy.deepcopy(small)
        unpack_weights(unpacked)
        assert {t.data_type for t in unpacked.graph.initializer} & {TensorProto.INT8} == set()
        np.testing.assert_allclose(_run(unpacked, **feed), _run(small, **feed), atol=1e-5)
