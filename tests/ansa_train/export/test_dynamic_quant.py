from __future__ import annotations

import copy

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ansa_train.export.dynamic_quant import LEVELS, quantize_products
from ansa_train.models.unpack_weights import unpack_products

CLOSE = 0.97
"""Least cosine of vectors by float and by whole numbers, of a network with random weights."""


@pytest.fixture(scope="module")
def quantized(text_model: onnx.ModelProto) -> onnx.ModelProto:
    model = copy.deepcopy(text_model)
    quantize_products(model)
    return model


def vectors(model: onnx.ModelProto, ids: NDArray[np.int64]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    found: NDArray[np.float32] = session.run(None, {"ids": ids, "mask": np.ones_like(ids)})[0]
    return found


def test_texts_keep_their_vectors(text_model: onnx.ModelProto, quantized: onnx.ModelProto) -> None:
    ids = np.random.default_rng(0).integers(0, 1100, (8, 9))
    assert (vectors(text_model, ids) * vectors(quantized, ids)).sum(1).min() > CLOSE


def test_every_product_with_weights_is_of_whole_numbers(quantized: onnx.ModelProto) -> None:
    constants = {t.name for t in quantized.graph.initializer}
    left = [n for n in quantized.graph.node if n.op_type in ("MatMul", "Gemm")]
    assert not [node for node in left if constants & set(node.input)]
    assert sum(node.op_type == "MatMulInteger" for node in quantized.graph.node) == 6 * 2 + 1


def test_no_sum_of_two_products_overflows_sixteen_bits(quantized: onnx.ModelProto) -> None:
    large = [t for t in quantized.graph.initializer if t.data_type == TensorProto.INT8]
    assert large
    greatest = max(int(np.abs(numpy_helper.to_array(t).astype(int)).max()) for t in large)
    assert greatest == LEVELS
    assert 2 * 255 * greatest < 2**15


def test_a_product_keeps_its_bias() -> None:
    rng = np.random.default_rng(1)
    weights, bias = rng.normal(size=(40, 30)).astype(np.float32), np.arange(40, dtype=np.float32)
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w", "b"], ["y"], transB=1)],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 30])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 40])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias, "b")],
    )
    opset = [helper.make_opsetid("", 20)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=10)
    quantize_products(model)
    x = rng.normal(size=(3, 30)).astype(np.float32)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    np.testing.assert_allclose(session.run(None, {"x": x})[0], x @ weights.T + bias, atol=0.5)


def test_an_unpacked_network_gives_nearly_the_same_in_float(quantized: onnx.ModelProto) -> None:
    unpacked = copy.deepcopy(quantized)
    unpack_products(unpacked)
    assert {node.op_type for node in unpacked.graph.node}.isdisjoint(
        {"MatMulInteger", "DynamicQuantizeLinear", "DequantizeLinear"}
    )
    ids = np.random.default_rng(0).integers(0, 1100, (8, 9))
    assert (vectors(unpacked, ids) * vectors(quantized, ids)).sum(1).min() > CLOSE


def test_loud_channels_do_not_drown_the_others() -> None:
    """As in language models: a few channels are twenty times as loud as the rest."""
    rng = np.random.default_rng(2)
    weights = rng.normal(size=(64, 32)).astype(np.float32)
    x = rng.normal(size=(50, 64)).astype(np.float32)
    x[:, :3] *= 40.0
    weights[:3] /= 40.0
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 32])],
        [numpy_helper.from_array(weights, "w")],
    )
    opset = [helper.make_opsetid("", 20)]
    made = helper.make_model(graph, opset_imports=opset, ir_version=10)
    errors = []
    for feeds in ([], [{"x": x[:25]}]):
        model = copy.deepcopy(made)
        quantize_products(model, feeds)
        session = onnxruntime.InferenceSession(model.SerializeToString())
        errors.append(np.abs(session.run(None, {"x": x[25:]})[0] - x[25:] @ weights).mean())
    plain, even = errors
    assert even < 0.4 * plain
