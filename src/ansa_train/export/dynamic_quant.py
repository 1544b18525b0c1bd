"""Matrix products in int8: weights rounded once, activations with one scale a call.

Unlike in :mod:`ansa_train.export.weights_int8`, arithmetic is in whole numbers too, so a network is
read from memory at a quarter of the bytes, which is most of what a short text costs. Activations
need no calibration, as their range is taken from every input (dynamic quantization: Jacob et al.,
"Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
2018, for the arithmetic).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from ansa_train.export.weights_int8 import SMALLEST, quantize_weights, rounded
from ansa_train.models.feature_taps import session

LEVELS = 63
"""Greatest weight in whole numbers. Seven bits, as processors without VNNI add two products in 16
bits; where weights have eight, those overflow, and vectors depend on the processor."""


EVENNESS = 0.65
"""How much of the spread of channels moves from activations into the weights: 0 none, 1 all."""

Feeds = Mapping[str, NDArray[Any]]


def quantize_products(model: onnx.ModelProto, feeds: Sequence[Feeds] = ()) -> None:
    """Replaces, in place, products with a constant matrix by int8 products.

    What else is large, such as look-up tables, gets int8 weights and is unpacked where it is read.

    Args:
        model: with float32 weights.
        feeds: inputs as they come; with them, loud channels are evened out first.
    """
    if feeds:
        even_out(model, feeds)
    graph = model.graph
    products = {node.output[0]: weights for node, weights in _products(graph)}
    quantized = set()
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        if node.output[0] not in products:
            nodes.append(node)
            continue
        source, name, out = node.input[0], node.input[1], node.output[0]
        if source not in quantized:
            quantized.add(source)
            given = [f"{source}.u8", f"{source}.step", f"{source}.zero"]
            nodes.append(helper.make_node("DynamicQuantizeLinear", [source], given))
        values, scale = rounded(np.ascontiguousarray(products[out]), 1, LEVELS)
        graph.initializer.append(numpy_helper.from_array(values, f"{name}.int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
        product = f"{out}.sum" if len(node.input) > 2 else out
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


def even_out(model: onnx.ModelProto, feeds: Sequence[Feeds]) -> None:
    """Divides loud channels of what products read, and multiplies their weights, in place.

    One scale a call serves all channels, so a few that are twenty times as loud as the rest leave
    the rest with a handful of steps. Weights have a scale for each output and can bear them (Xiao
    et al., "SmoothQuant", 2023).
    """
    graph = model.graph
    readers: dict[str, list[tuple[onnx.NodeProto, NDArray[np.float32]]]] = {}
    for node, weights in _products(graph):
        readers.setdefault(node.input[0], []).append((node, weights))
    loudness = _loudness(model, list(readers), feeds)
    tensors = {t.name: t for t in graph.initializer}
    nodes = []
    added: dict[str, onnx.NodeProto] = {}
    for source, uses in readers.items():
        largest = np.max([np.abs(weights).max(1) for _, weights in uses], axis=0)
        scale = evener(loudness[source], largest)
        graph.initializer.append(numpy_helper.from_array(1.0 / scale, f"{source}.evener"))
        even = [f"{source}.even"]
        added[source] = helper.make_node("Mul", [source, f"{source}.evener"], even)
        for node, weights in uses:
            scaled = weights * scale[:, None]
            node.input[0] = even[0]
            tensor = tensors[node.input[1]]
            stored = np.ascontiguousarray(scaled.T if _turned(node) else scaled)
            tensor.CopyFrom(numpy_helper.from_array(stored, tensor.name))
    for node in graph.node:
        nodes += [node, *(added[value] for value in node.output if value in added)]
    first = [node for value, node in added.items() if value in {v.name for v in graph.input}]
    del graph.node[:]
    graph.node.extend([*first, *nodes])


def evener(loudness: NDArray[np.float32], largest: NDArray[np.float32]) -> NDArray[np.float32]:
    """The divisors of channels (n,), from their magnitudes and those of their weights."""
    scale = np.maximum(loudness, 1e-3) ** EVENNESS / np.maximum(largest, 1e-3) ** (1.0 - EVENNESS)
    even: NDArray[np.float32] = (scale / np.exp(np.log(scale).mean())).astype(np.float32)
    return even


def _products(graph: onnx.GraphProto) -> Iterator[tuple[onnx.NodeProto, NDArray[np.float32]]]:
    """Products with a large constant matrix, and that: (inputs, outputs)."""
    tensors = {t.name: t for t in graph.initializer}
    for node in graph.node:
        if node.op_type in ("MatMul", "Gemm") and node.input[1] in tensors:
            array = numpy_helper.to_array(tensors[node.input[1]])
            if array.dtype == np.float32 and array.ndim == 2 and array.size >= SMALLEST:
                yield node, array.T if _turned(node) else array


def _turned(node: onnx.NodeProto) -> bool:
    return any(each.name == "transB" and each.i for each in node.attribute)


def _loudness(
    model: onnx.ModelProto, names: list[str], feeds: Sequence[Feeds]
) -> dict[str, NDArray[np.float32]]:
    """The greatest magnitude of each channel of some values, over all inputs."""
    looked = onnx.ModelProto.FromString(model.SerializeToString())
    inside = [name for name in names if name not in feeds[0]]
    looked.graph.output.extend(onnx.ValueInfoProto(name=name) for name in inside)
    run = session(looked.SerializeToString()).run
    found: dict[str, NDArray[np.float32]] = {}
    for feed in feeds:
        seen = run(inside, dict(feed)) if inside else []
        values = dict(zip(inside, seen, strict=True)) | dict(feed)
        for name in names:
            loud = np.abs(values[name]).reshape(-1, values[name].shape[-1]).max(0)
            found[name] = np.maximum(found.get(name, loud), loud)
    return found
