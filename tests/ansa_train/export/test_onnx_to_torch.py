"""A network's ONNX graph as a torch module again."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ansa_train.errors import TrainingError
from ansa_train.export.onnx_to_torch import FromOnnx
from ansa_train.export.weights_int8 import quantize_weights


def test_it_gives_what_the_graph_gives(
    image_model: onnx.ModelProto, squares: NDArray[np.uint8]
) -> None:
    packed = onnx.ModelProto()
    packed.CopyFrom(image_model)
    quantize_weights(packed)
    network = FromOnnx(packed).eval()
    assert network.outputs == ["embedding"]
    runtime = onnxruntime.InferenceSession(packed.SerializeToString())
    for square in squares[:2]:
        (wanted,) = runtime.run(["embedding"], {"pixels": square[np.newaxis]})
        with torch.no_grad():
            (found,) = network(torch.from_numpy(square).permute(2, 0, 1)[None].float())
        np.testing.assert_allclose(found.numpy(), wanted, atol=1e-4)


def one_node(kind: str, *constants: NDArray[np.generic] | None, **how: Any) -> onnx.ModelProto:
    """Planes of pixels through one operator."""
    names = ["" if value is None else f"c{i}" for i, value in enumerate(constants)]
    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["floats"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node(kind, ["planes", *names], ["out"], **how),
    ]
    graph = helper.make_graph(
        nodes,
        kind,
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", 8, 8, 3])],
        [onnx.ValueInfoProto(name="out")],
        [
            numpy_helper.from_array(value, name)
            for name, value in zip(names, constants, strict=True)
            if value is not None
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    return onnx.shape_inference.infer_shapes(model)


@pytest.mark.parametrize(
    "model",
    [
        one_node(
            "Slice", np.array([1, -3]), np.array([7, 100]), np.array([2, 3]), np.array([2, 1])
        ),
        one_node("ReduceMean", np.array([2, 3]), keepdims=0),
        one_node("ReduceL2", np.array([1])),
        one_node("Resize", None, np.array([1, 1, 2, 2], np.float32), mode="linear"),
        one_node("Gather", np.array([[2, 0]]), axis=1),
        one_node("CumSum", np.array(3)),
        one_node("Clip", np.array(3, np.float32), np.array(100, np.float32)),
        one_node("MaxPool", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        one_node("Conv", np.ones((4, 3, 3, 3), np.float32), pads=[0, 0, 1, 1], strides=[2, 2]),
        one_node("Reshape", np.array([0, -1, 4])),
    ],
    ids=lambda model: str(model.graph.name),
)
def test_every_operator_means_what_it_means_to_the_runtime(model: onnx.ModelProto) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3), np.uint8)
    (wanted,) = onnxruntime.InferenceSession(model.SerializeToString()).run(
        None, {"pixels": pixels}
    )
    with torch.no_grad():
        (found,) = FromOnnx(model)(torch.from_numpy(pixels).permute(0, 3, 1, 2).float())
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-5, atol=1e-4)


def test_an_operator_of_no_network_of_ours_is_named() -> None:
    with pytest.raises(TrainingError, match="Erf"):
        FromOnnx(one_node("Erf"))
