"""Makes float32 weights again of those that :mod:`ansa_train.export` rounded, in ONNX graphs."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper


def unpack_weights(model: onnx.ModelProto) -> None:
    """Undoes, but for the rounding, ``quantize_weights`` of ``export.weights_int8``."""
    graph = model.graph
    arrays = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    made = {name: node for node in graph.node for name in node.output}
    floats: dict[str, NDArray[np.float32]] = {}
    nodes = []
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in arrays:
            axis = next((a.i for a in node.attribute if a.name == "axis"), 1)
            floats[node.output[0]] = _unpacked(arrays, node.input[0], node.input[1], axis)
        elif (rows := _rows(node, made)) is not None and rows.input[0] in arrays:
            name = rows.input[0].removesuffix(".int8")
            floats[name] = _unpacked(arrays, rows.input[0], f"{name}.scale", 0)
            nodes.append(helper.make_node("Gather", [name, rows.input[1]], [node.output[0]]))
        else:
            nodes.append(node)
    needed = {value.name for value in graph.output}
    kept = []
    for node in reversed(nodes):  # what only served the look-ups is of no use any more
        if needed & set(node.output):
            needed |= set(node.input)
            kept.append(node)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    tensors = [t for t in graph.initializer if t.name in needed]
    del graph.initializer[:]
    graph.initializer.extend(tensors)
    graph.initializer.extend(numpy_helper.from_array(a, n) for n, a in floats.items())
    onnx.checker.check_model(model)


def unpack_products(model: onnx.ModelProto) -> None:
    """Undoes, but for the rounding, ``quantize_products`` of ``export.dynamic_quant``."""
    graph = model.graph
    arrays = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    made = {name: node for node in graph.node for name in node.output}
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        cast = made.get(node.input[0]) if node.op_type == "Mul" else None
        whole = made.get(cast.input[0]) if cast is not None and cast.op_type == "Cast" else None
        if whole is None or whole.op_type != "MatMulInteger":
            nodes.append(node)
            continue
        source, scale = made[whole.input[0]].input[0], made[node.input[1]].input[1]
        name = whole.input[1].removesuffix(".int8")
        if name not in arrays:
            arrays[name] = arrays[whole.input[1]].astype(np.float32) * arrays[scale]
            graph.initializer.append(numpy_helper.from_array(arrays[name], name))
        nodes.append(helper.make_node("MatMul", [source, name], [node.output[0]]))
    del graph.node[:]
    graph.node.extend(nodes)
    unpack_weights(model)  # takes out what nobody needs any more


def fold_eveners(model: onnx.ModelProto) -> None:
    """Undoes ``even_out`` of :mod:`ansa_train.export.dynamic_quant`, where products have floats."""
    graph = model.graph
    tensors = {t.name: t for t in graph.initializer}
    evened = {
        node.output[0]: (node.input[0], numpy_helper.to_array(tensors[node.input[1]]))
        for node in graph.node
        if node.op_type == "Mul" and node.input[1].endswith(".evener")
    }
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[0] in evened:
            source, divisors = evened[node.input[0]]
            tensor = tensors[node.input[1]]
            weights = numpy_helper.to_array(tensor) * divisors[:, None]
            tensor.CopyFrom(numpy_helper.from_array(weights, tensor.name))
            node.input[0] = source
    nodes = [node for node in graph.node if node.output[0] not in evened]
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _unpacked(
    arrays: dict[str, NDArray[np.generic]], weights: str, scale: str, axis: int
) -> NDArray[np.float32]:
    values, scales = arrays[weights].astype(np.float32), arrays[scale]
    shape = [1] * values.ndim
    shape[axis] = -1
    unpacked: NDArray[np.float32] = values * scales.reshape(shape).astype(np.float32)
    return unpacked


def _rows(node: onnx.NodeProto, made: dict[str, onnx.NodeProto]) -> onnx.NodeProto | None:
    """The look-up of int8 rows whose unpacking ends in ``node``."""
    if node.op_type != "Mul" or (cast := made.get(node.input[0])) is None:
        return None
    rows = made.get(cast.input[0]) if cast.op_type == "Cast" else None
    return rows if rows is not None and rows.output[0].endswith(".rows") else None
