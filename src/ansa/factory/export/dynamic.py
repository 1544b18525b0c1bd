"""Matrix products in int8: weights rounded once, activations with one scale a call.

Unlike in :mod:`ansa.factory.export.int8`, arithmetic is in whole numbers too, so a network is read
from memory at a quarter of the bytes, which is most of what a short text costs. Activations need no
calibration, as their range is taken from every input (dynamic quantization: Jacob et al.,
"Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
2018, for the arithmetic).
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ansa.factory.export.int8 import SMALLEST, quantize_weights, rounded, unpack_weights

LEVELS = 63
"""Greatest weight in whole numbers. Seven bits, as processors without VNNI add two products in 16
bits; where weights have eight, those overflow, and vectors depend on the processor."""


def quantize_products(model: onnx.ModelProto) -> None:
    """Replace, in place, products with a constant matrix by products of whole numbers.

    What else is large, such as look-up tables, gets int8 weights and is unpacked where it is read.
    """
    graph = model.graph
    weights = {t.name: t for t in graph.initializer}
    quantized: dict[str, str] = {}
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        name = node.input[1] if len(node.input) > 1 else ""
        if node.op_type not in ("MatMul", "Gemm") or name not in weights:
            nodes.append(node)
            continue
        array = numpy_helper.to_array(weights[name])
        if array.dtype != np.float32 or array.ndim != 2 or array.size < SMALLEST:
            nodes.append(node)
            continue
        source, out = node.input[0], node.output[0]
        if source not in quantized:
            quantized[source] = f"{source}.u8"
            given = [f"{source}.u8", f"{source}.step", f"{source}.zero"]
            nodes.append(helper.make_node("DynamicQuantizeLinear", [source], given))
        if any(a.name == "transB" and a.i for a in node.attribute):
            array = array.T
        values, scale = rounded(np.ascontiguousarray(array), 1, LEVELS)
        graph.initializer.append(numpy_helper.from_array(values, f"{name}.int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
        product = f"{out}.sum" if node.op_type == "Gemm" and len(node.input) > 2 else out
        nodes += [
            helper.make_node(
                "MatMulInteger", [f"{source}.u8", f"{name}.int8", f"{source}.zero"], [f"{out}.i32"]
            ),
            helper.make_node("Cast", [f"{out}.i32"], [f"{out}.f32"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Mul", [f"{source}.step", f"{name}.scale"], [f"{out}.scale"]),
            helper.make_node("Mul", [f"{out}.f32", f"{out}.scale"], [product]),
        ]
        if product != out:
            nodes.append(helper.make_node("Add", [product, node.input[2]], [out]))
    del graph.node[:]
    graph.node.extend(nodes)
    quantize_weights(model, LEVELS)


def unpack_products(model: onnx.ModelProto) -> None:
    """Undo :func:`quantize_products`, in place, but for the rounding: products of float32 again."""
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
