"""Static quantization of the image network to 8 bits, calibrated on real photos.

Weights are the int8 ones that ship already (:mod:`ansa_train.export.weights_int8`), moved to uint8:
processors without VNNI add two products of signed weights in 16 bits, where they overflow, so that
vectors would depend on the processor. Activations become uint8 with one scale each:
QuantizeLinear and DequantizeLinear stand around every convolution and matrix product, and the
runtime computes in integers (Jacob et al., "Quantization and Training of Neural Networks for
Efficient Integer-Arithmetic-Only Inference", 2018). The range of an
activation is the one of least squared error over photos; outliers are cut where that costs less
than the coarser steps they ask for.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from ansa.scene import Pixels
from ansa_train.export.weights_int8 import SMALLEST, output_axis, rounded
from ansa_train.models.feature_taps import session

Ranges = Mapping[str, tuple[float, float]]
"""Least and greatest value of activations, by their names in the graph."""

BINS = 2048
_LARGEST = 2**30  # of a bias, so that sums of products still fit beside it
_NARROW = 1e-3  # of an activation that is always zero
_CUTS = np.linspace(1.0, 0.1, 37)
_PRODUCTS = ("Conv", "Gemm")
_CLIPS = ("Clip", "Relu")


def activations(model: onnx.ModelProto) -> list[str]:
    """The activations to quantize, in their order: inputs and outputs of products, and sums.

    What is clipped after a convolution is quantized only then: the values before it may be of any
    size, and the runtime makes one of both. What no other product follows stays float: the last
    layers of heads, where 256 levels would make peaks of equal height out of neighbours.

    Args:
        model: an image network with its heads, weights in float32.
    """
    graph = model.graph
    uses = Counter(name for node in graph.node for name in node.input)
    clips = {node.input[0]: node.output[0] for node in graph.node if node.op_type in _CLIPS}
    constant = {tensor.name for tensor in graph.initializer}
    followed: set[str] = set()
    for node in reversed(graph.node):
        if node.op_type in _PRODUCTS or followed & set(node.output):
            followed |= set(node.input)
    names: dict[str, None] = {}
    for node in graph.node:
        if node.op_type in _PRODUCTS and node.input[1] in constant:
            names[node.input[0]] = None
        if node.op_type == "Conv" and (out := node.output[0]) in followed:
            names[clips[out] if out in clips and uses[out] == 1 else out] = None
        if node.op_type == "Add" and all(name in names for name in node.input):
            names[node.output[0]] = None
    return list(names)


def observe(model: onnx.ModelProto, names: Sequence[str], pictures: Sequence[Pixels]) -> Ranges:
    """The range of each activation for which quantization has the least squared error.

    Args:
        model: an image network.
        names: of the activations.
        pictures: uint8 (size, size, 3) each; some hundred of all kinds. They are looked at twice.
    """
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    del whole.graph.output[:]
    whole.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    network = session(whole.SerializeToString())
    pixels = model.graph.input[0].name

    def values() -> Iterator[list[NDArray[np.float32]]]:
        for picture in pictures:
            yield network.run(list(names), {pixels: picture[np.newaxis]})

    low, high = np.zeros(len(names)), np.zeros(len(names))  # zero has to be exact
    for found in values():
        low = np.minimum(low, [each.min() for each in found])
        high = np.maximum(high, [each.max() for each in found])
    high = np.maximum(high, low + _NARROW)
    counts = np.zeros((len(names), BINS))
    for found in values():
        for i, each in enumerate(found):
            place = (each.ravel() - low[i]) * (BINS / (high[i] - low[i]))
            counts[i] += np.bincount(np.clip(place.astype(np.int64), 0, BINS - 1), minlength=BINS)
    return {
        name: best_range(low[i], high[i], counts[i]) if name != _first(model) else (low[i], high[i])
        for i, name in enumerate(names)
    }


def best_range(low: float, high: float, counts: NDArray[np.float64]) -> tuple[float, float]:
    """The part of low..high, zero in it, in which 256 levels are nearest to a histogram's values.

    Args:
        low: of the histogram, at most 0.
        high: of it, at least 0.
        counts: (bins,) of equal width.
    """
    middles = low + (np.arange(len(counts)) + 0.5) * (high - low) / len(counts)
    best, least = (low, high), np.inf
    for a in low * (_CUTS[: len(_CUTS) if low < 0 else 1]):
        for b in high * (_CUTS[: len(_CUTS) if high > 0 else 1]):
            step = (b - a) / 255
            nearest = np.clip(np.rint((middles - a) / step), 0, 255) * step + a
            error = float((counts * (nearest - middles) ** 2).sum())
            if error < least:
                best, least = (float(a), float(b)), error
    return best


def quantize(model: onnx.ModelProto, ranges: Ranges) -> None:
    """Inserts a quantization behind each of the activations, in place.

    Whoever reads an activation reads what is left of it; the outputs of the network stay float.
    Weights and biases of products that read quantized values become integers; weights of others
    are stored as such.

    Args:
        model: an image network with float32 weights, see
            :func:`ansa_train.models.unpack_weights.unpack_weights`.
        ranges: of the activations.
    """
    graph = model.graph
    scales = {name: _scale(low, high) for name, (low, high) in ranges.items()}
    weights = {tensor.name: tensor for tensor in graph.initializer}
    made: dict[str, onnx.TensorProto] = {}
    nodes: list[onnx.NodeProto] = []

    def constant(name: str, values: NDArray[Any] | np.generic) -> str:
        made[name] = numpy_helper.from_array(np.asarray(values), name)
        return name

    def around(name: str) -> list[onnx.NodeProto]:
        step, zero = scales[name]
        how = [constant(f"{name}.step", step), constant(f"{name}.zero", zero)]
        return [
            helper.make_node("QuantizeLinear", [name, *how], [f"{name}.uint8"]),
            helper.make_node("DequantizeLinear", [f"{name}.uint8", *how], [f"{name}.after"]),
        ]

    def unpacked(name: str, values: NDArray[Any], steps: NDArray[np.float32], axis: int) -> str:
        # Products are computed in integers only where the zero is given, too.
        zeros = np.zeros(len(steps), values.dtype)
        if values.dtype == np.int8:
            values, zeros = _unsigned(values), _unsigned(zeros)
        how = [constant(f"{name}.scale", steps), constant(f"{name}.zero", zeros)]
        packed = [constant(f"{name}.int", values), *how]
        nodes.append(helper.make_node("DequantizeLinear", packed, [f"{name}.float"], axis=axis))
        return f"{name}.float"

    def stored(name: str, values: NDArray[Any], steps: NDArray[np.float32], axis: int) -> str:
        # DequantizeLinear would be computed at every run, as the runtime keeps it for integers.
        shape = [-1 if i == axis else 1 for i in range(values.ndim)]
        packed = constant(f"{name}.int", values)
        by = constant(f"{name}.scale", steps.reshape(shape))
        to = onnx.TensorProto.FLOAT
        cast = helper.make_node("Cast", [packed], [f"{name}.cast"], to=to)
        nodes.extend([cast, helper.make_node("Mul", [f"{name}.cast", by], [f"{name}.float"])])
        return f"{name}.float"

    for node in graph.node:
        name = node.input[1] if node.op_type in (*_PRODUCTS, "MatMul") else ""
        whole = name in weights and node.input[0] in scales
        if name in weights and (whole or math.prod(weights[name].dims) >= SMALLEST):
            array = numpy_helper.to_array(weights[name])
            axis = output_axis(node, array)
            values, steps = rounded(array, axis, 127)
            if whole and len(node.input) > 2 and node.input[2] in weights:
                step = scales[node.input[0]][0]
                bias = numpy_helper.to_array(weights[node.input[2]]).astype(np.float64)
                # A channel with next to no weights may still have a bias.
                least = np.abs(bias) / (_LARGEST * step)
                values, steps = _coarser(values, steps, np.maximum(steps, least), axis)
                rounds = np.rint(bias / (steps * np.float64(step))).astype(np.int32)
                of_bias = (steps * step).astype(np.float32)
                node.input[2] = unpacked(f"{node.output[0]}.bias", rounds, of_bias, 0)
            if f"{name}.int" not in made:
                (unpacked if whole else stored)(name, values, steps, axis)
            node.input[1] = f"{name}.float"
        node.input[:] = [f"{name}.after" if name in scales else name for name in node.input]
        nodes.append(node)
        for name in node.output:
            if name in scales:
                nodes += around(name)
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    del graph.initializer[:]
    graph.initializer.extend(t for t in (weights | made).values() if t.name in used)
    onnx.checker.check_model(model)


def _unsigned(values: NDArray[np.int8]) -> NDArray[np.uint8]:
    return (values.astype(np.int16) + 128).astype(np.uint8)


def _coarser(
    values: NDArray[np.int8], steps: NDArray[np.float32], wanted: NDArray[Any], axis: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """The same weights in other steps, none of them finer."""
    shape = [-1 if i == axis else 1 for i in range(values.ndim)]
    ratio = (steps / wanted).reshape(shape)
    return np.rint(values * ratio).astype(np.int8), wanted.astype(np.float32)


def _first(model: onnx.ModelProto) -> str:
    """What the first convolution reads: pixels, which 256 levels hold without any error."""
    return next((node.input[0] for node in model.graph.node if node.op_type == "Conv"), "")


def _scale(low: float, high: float) -> tuple[np.float32, np.uint8]:
    step = np.float32((high - low) / 255)
    return step, np.uint8(np.clip(np.rint(-low / step), 0, 255))
