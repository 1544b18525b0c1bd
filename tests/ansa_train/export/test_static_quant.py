"""The image network in 8-bit arithmetic."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ansa_train.export.static_quant import activations, best_range, observe, quantize
from ansa_train.export.weights_int8 import quantize_weights
from ansa_train.models.unpack_weights import unpack_weights


def run(model: onnx.ModelProto, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    network = onnxruntime.InferenceSession(model.SerializeToString())
    found: NDArray[np.float32] = network.run(["embedding"], {"pixels": pixels})[0]
    return found


@pytest.fixture(scope="module")
def floats(image_model: onnx.ModelProto) -> onnx.ModelProto:
    """The network as it ships, int8 weights unpacked again."""
    model = onnx.ModelProto()
    model.CopyFrom(image_model)
    quantize_weights(model)
    unpack_weights(model)
    return model


@pytest.fixture(scope="module")
def whole(floats: onnx.ModelProto, squares: NDArray[np.uint8]) -> onnx.ModelProto:
    """The same in 8 bits."""
    model = onnx.ModelProto()
    model.CopyFrom(floats)
    quantize(model, observe(model, activations(model), list(squares)))
    return model


def test_vectors_stay_nearly_what_they_were(
    floats: onnx.ModelProto, whole: onnx.ModelProto, squares: NDArray[np.uint8]
) -> None:
    cosines = (run(floats, squares) * run(whole, squares)).sum(1)
    assert cosines.min() > 0.95


def test_every_convolution_is_computed_in_integers(
    whole: onnx.ModelProto, tmp_path: object
) -> None:
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = f"{tmp_path}/optimized.onnx"
    options.log_severity_level = 4
    onnxruntime.InferenceSession(whole.SerializeToString(), options)
    kinds = [n.op_type for n in onnx.load(options.optimized_model_filepath).graph.node]
    assert kinds.count("QLinearConv") > 40
    assert not {"Conv", "FusedConv", "Gemm"} & set(kinds)


def test_weights_are_the_ones_that_ship_moved_to_whole_numbers_without_a_sign(
    image_model: onnx.ModelProto, whole: onnx.ModelProto
) -> None:
    shipped = onnx.ModelProto()
    shipped.CopyFrom(image_model)
    quantize_weights(shipped)
    packed = {t.name: numpy_helper.to_array(t) for t in shipped.graph.initializer}
    here = {t.name: numpy_helper.to_array(t) for t in whole.graph.initializer}
    large = [name for name in packed if name.endswith(".int8")]
    same = []
    for name in large:
        unsigned = here.get(f"{name.removesuffix('.int8')}.float.int")
        if unsigned is not None:
            assert unsigned.dtype == np.uint8
            same.append(np.abs(packed[name].astype(int) + 128 - unsigned).max())
    assert len(same) > 20
    assert np.mean(np.array(same) == 0) > 0.9


def test_a_convolution_is_quantized_after_what_clips_it(floats: onnx.ModelProto) -> None:
    clipped = {n.input[0] for n in floats.graph.node if n.op_type in ("Clip", "Relu")}
    convolved = {n.output[0] for n in floats.graph.node if n.op_type == "Conv"}
    assert not set(activations(floats)) & clipped & convolved


def test_what_nothing_follows_stays_float(floats: onnx.ModelProto) -> None:
    names = activations(floats)
    last = [node for node in floats.graph.node if node.op_type in ("Conv", "Gemm")][-1]
    assert last.input[0] in names
    assert last.output[0] not in names


def test_a_range_cuts_outliers_off_and_keeps_zero() -> None:
    counts = np.zeros(2048)
    counts[:200], counts[-1] = 100_000, 1
    low, high = best_range(0.0, 100.0, counts)
    assert low == 0.0
    assert 9.0 < high < 30.0


def test_a_range_without_outliers_is_whole() -> None:
    low, high = best_range(-1.0, 3.0, np.ones(2048))
    assert low == pytest.approx(-1.0, abs=0.05)
    assert high == pytest.approx(3.0, abs=0.15)


def test_a_channel_without_weights_keeps_its_bias() -> None:
    weights = np.zeros((2, 3, 1, 1), np.float32)
    weights[1] = 0.01
    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["floats"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "weights", "bias"], ["seen"]),
        helper.make_node("ReduceMean", ["seen", "axes"], ["embedding"], keepdims=0),
    ]
    constants = {
        "weights": weights,
        "bias": np.array([7.0, -3.0], np.float32),
        "axes": np.array([2, 3]),
    }
    graph = helper.make_graph(
        nodes,
        "bias",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", 4, 4, 3])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 4, 4, 3), np.uint8)
    before = run(model, pixels)
    quantize(model, observe(model, activations(model), list(pixels)))
    np.testing.assert_allclose(run(model, pixels), before, atol=0.05)


def test_weights_of_products_that_stay_float_are_stored_as_integers(
    floats: onnx.ModelProto, squares: NDArray[np.uint8]
) -> None:
    model = onnx.ModelProto()
    model.CopyFrom(floats)
    quantize(model, {})
    kept = [t for t in model.graph.initializer if not t.name.endswith(".scale")]
    large = [t for t in kept if len(t.dims) > 1 and np.prod(t.dims) >= 1024]
    assert large
    assert {t.data_type for t in large} == {TensorProto.INT8}
    np.testing.assert_allclose(run(model, squares), run(floats, squares), atol=1e-4)
