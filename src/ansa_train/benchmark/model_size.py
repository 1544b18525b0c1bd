"""What a network holds and does, counted in its graph: parameters, zeros, multiply-adds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

Feeds = Mapping[str, NDArray[Any]]

# Which input of a node holds the weights that every output sums over.
_PRODUCTS = {
    "Conv": 1,
    "ConvInteger": 1,
    "QLinearConv": 3,
    "MatMul": 1,
    "MatMulInteger": 1,
    "QLinearMatMul": 3,
    "Gemm": 1,
}
_LEARNED = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT8, TensorProto.UINT8}
_SCALES = ("DequantizeLinear", "QuantizeLinear")


def parameters(model: onnx.ModelProto) -> int:
    """How many learned numbers a network holds; scales and zero points are not learned."""
    return sum(math.prod(tensor.dims) for tensor in _learned(model))


def zeros(model: onnx.ModelProto) -> float:
    """The share of learned numbers that are zero, 0..1."""
    values = [numpy_helper.to_array(tensor) for tensor in _learned(model)]
    return sum(np.count_nonzero(v == 0) for v in values) / max(1, sum(v.size for v in values))


def multiply_adds(model: onnx.ModelProto, inputs: Feeds) -> int:
    """Multiply-adds of the convolutions and matrix products for these inputs."""
    products = [n for n in model.graph.node if n.op_type in _PRODUCTS]
    wanted = {name for n in products for name in (n.input[_PRODUCTS[n.op_type]], n.output[0])}
    shapes = _shapes(model, wanted, inputs)
    total = 0
    for node in products:
        weights = shapes[node.input[_PRODUCTS[node.op_type]]]
        if "Conv" in node.op_type:
            summed = math.prod(weights[1:])
        else:
            turned = any(part.name == "transB" and part.i for part in node.attribute)
            summed = weights[-1 if turned else -2]
        total += math.prod(shapes[node.output[0]]) * summed
    return total


def _learned(model: onnx.ModelProto) -> Iterator[TensorProto]:
    helpers = {n for node in model.graph.node for n in node.input if node.op_type in _SCALES}
    data = {node.input[0] for node in model.graph.node if node.op_type in _SCALES}
    for tensor in model.graph.initializer:
        biases = tensor.data_type == TensorProto.INT32 and tensor.name in data
        if tensor.name in helpers - data or tensor.name.endswith(".scale"):
            continue
        if tensor.data_type in _LEARNED or biases:
            yield tensor


def _shapes(model: onnx.ModelProto, names: set[str], inputs: Feeds) -> dict[str, tuple[int, ...]]:
    """The shapes of values inside a network, seen while it runs."""
    known = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    inside = sorted((names - known.keys()) | {model.graph.output[0].name})  # at least one
    model = onnx.ModelProto.FromString(model.SerializeToString())
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in inside)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    values = session.run(inside, dict(inputs))
    return known | {name: value.shape for name, value in zip(inside, values, strict=True)}
