from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ansa_train.benchmark.model_size import multiply_adds, parameters, zeros
from ansa_train.export.weights_int8 import quantize_weights

CONV = 16 * 8 * 3 * 3  # weights, each used at every one of 10 x 10 places
PRODUCT = 16 * 64


@pytest.fixture
def network() -> onnx.ModelProto:
    """A convolution, a mean and a matrix product."""
    constants: dict[str, NDArray[Any]] = {
        "kernel": np.ones((16, 8, 3, 3), np.float32),
        "matrix": np.ones((16, 64), np.float32),
        "axes": np.array([2, 3], np.int64),
    }
    nodes = [
        helper.make_node("Conv", ["x", "kernel"], ["map"], pads=[1, 1, 1, 1]),
        helper.make_node("ReduceMean", ["map", "axes"], ["mean"], keepdims=0),
        helper.make_node("MatMul", ["mean", "matrix"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 8, 10, 10])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 64])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def test_counts_are_those_of_the_arithmetic(network: onnx.ModelProto) -> None:
    photo = {"x": np.zeros((1, 8, 10, 10), np.float32)}
    assert parameters(network) == CONV + PRODUCT
    assert multiply_adds(network, photo) == CONV * 100 + PRODUCT


def test_int8_weights_change_no_count(network: onnx.ModelProto) -> None:
    quantize_weights(network)
    photo = {"x": np.zeros((1, 8, 10, 10), np.float32)}
    assert parameters(network) == CONV + PRODUCT
    assert multiply_adds(network, photo) == CONV * 100 + PRODUCT


def test_zeros_are_a_share_of_the_learned_numbers(network: onnx.ModelProto) -> None:
    kernel = np.ones((16, 8, 3, 3), np.float32)
    kernel[:8] = 0
    network.graph.initializer[0].CopyFrom(numpy_helper.from_array(kernel, "kernel"))
    assert zeros(network) == pytest.approx(CONV / 2 / (CONV + PRODUCT))
    quantize_weights(network)
    assert zeros(network) == pytest.approx(CONV / 2 / (CONV + PRODUCT))
