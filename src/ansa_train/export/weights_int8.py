"""Stores weights of an ONNX graph as int8 with one scale a channel, a quarter of the size.

Arithmetic stays float: the runtime unpacks the weights once, at loading, so speed is unchanged.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

SMALLEST = 1024
"""Tensors of fewer elements stay float: they cost little and carry scales and biases."""


def quantize_weights(model: onnx.ModelProto, levels: int = 127) -> None:
    """Replaces, in place, weights of convolutions, products and look-ups by int8 ones.

    Symmetric, rounded to nearest, one scale for every output channel (or row of a look-up table). A
    look-up unpacks only the rows it reads.

    Args:
        model: with float32 weights.
        levels: the greatest whole number; fewer than 127 make smaller files once encoded.
    """
    graph = model.graph
    weights = {t.name: t for t in graph.initializer}
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        which = {"Conv": 1, "MatMul": 1, "Gemm": 1, "Gather": 0}.get(node.op_type)
        name = node.input[which] if which is not None else ""
        if name not in weights:
            nodes.append(node)
            continue
        array = numpy_helper.to_array(weights[name])
        if array.dtype != np.float32 or array.ndim < 2 or array.size < SMALLEST:
            nodes.append(node)
            continue
        if node.op_type == "Gather":
            nodes += _quantized_lookup(graph, node, name, array, levels)
        else:
            axis = output_axis(node, array)
            if _add_quantized(graph, name, array, axis, levels):
                nodes.append(
                    helper.make_node(
                        "DequantizeLinear",
                        [f"{name}.int8", f"{name}.scale"],
                        [f"{name}.float"],
                        axis=axis,
                    )
                )
            node.input[which or 0] = f"{name}.float"
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in graph.node for name in node.input}
    kept = [t for t in graph.initializer if t.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    onnx.checker.check_model(model)


def rounded(
    array: NDArray[np.float32], axis: int, levels: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """The weights as integers from ``-levels`` to ``levels``, and the scale of each channel."""
    others = tuple(i for i in range(array.ndim) if i != axis)
    scale = np.maximum(np.abs(array).max(axis=others, keepdims=True), 1e-12) / levels
    values = np.clip(np.rint(array / scale), -levels, levels).astype(np.int8)
    return values, scale.astype(np.float32).reshape(-1)


def output_axis(node: onnx.NodeProto, array: NDArray[np.float32]) -> int:
    """The axis of a product's weights that stands for its outputs."""
    if node.op_type == "Conv":
        return 0
    transposed = any(a.name == "transB" and a.i for a in node.attribute)
    return 0 if transposed else array.ndim - 1


def _add_quantized(
    graph: onnx.GraphProto, name: str, array: NDArray[np.float32], axis: int, levels: int
) -> bool:
    """Whether the weight was not there already, for another node that shares it."""
    if any(t.name == f"{name}.int8" for t in graph.initializer):
        return False
    values, scale = rounded(array, axis, levels)
    graph.initializer.append(numpy_helper.from_array(values, f"{name}.int8"))
    graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
    return True


def _quantized_lookup(
    graph: onnx.GraphProto,
    node: onnx.NodeProto,
    name: str,
    array: NDArray[np.float32],
    levels: int,
) -> list[onnx.NodeProto]:
    """Look up int8 rows and their scales, then multiply."""
    _add_quantized(graph, name, array, 0, levels)
    ids, out = node.input[1], node.output[0]
    axis_name = f"{out}.axis"
    graph.initializer.append(numpy_helper.from_array(np.array([-1]), axis_name))
    return [
        helper.make_node("Gather", [f"{name}.int8", ids], [f"{out}.rows"], axis=0),
        helper.make_node("Cast", [f"{out}.rows"], [f"{out}.cast"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Gather", [f"{name}.scale", ids], [f"{out}.scales"], axis=0),
        helper.make_node("Unsqueeze", [f"{out}.scales", axis_name], [f"{out}.column"]),
        helper.make_node("Mul", [f"{out}.cast", f"{out}.column"], [out]),
    ]
