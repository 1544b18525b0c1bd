"""Computes the widest layers of an 8-bit network in slices of channels, to save memory.

The runtime keeps the sums of a whole layer in 32 bits before it rounds them, and those of the
widest layer take more than all the weights. A layer that widens and the depthwise one behind it,
which takes every channel for itself, can be computed slice by slice, and only the narrower result
is put together again: the same numbers, to the bit. So can a matrix product, whose weights are then
small enough for stages (:mod:`ansa_train.export.split_graph`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ansa_train.export.split_graph import bytes_of, values_of

WIDEST = 2_500_000
HEAVIEST = 700_000
_EACH = ("Clip", "Relu", "HardSwish", "QuantizeLinear", "DequantizeLinear")


def slice_widest(model: onnx.ModelProto, widest: int = WIDEST, heaviest: int = HEAVIEST) -> None:
    """Slices layers that need more memory than a limit, in place.

    Args:
        model: a network whose nodes stand in an order in which they can be computed.
        widest: bytes of the sums of a layer that a depthwise one follows, in 32 bits.
        heaviest: bytes of the weights of a matrix product.
    """
    graph, values = model.graph, values_of(model)
    made = {name: node for node in graph.node for name in node.output}
    uses = Counter(name for node in graph.node for name in node.input)
    uses.update(value.name for value in graph.output)
    reader = {name: node for node in graph.node for name in node.input}
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    slices: dict[str, list[onnx.NodeProto]] = {}
    gone: set[str] = set()
    for node in graph.node:
        chain, parts = [node], 1
        if node.op_type in ("Conv", "Gemm") and _weights(node, made) not in tensors:
            continue
        if node.op_type == "Conv" and _groups(node) == 1:
            parts = math.ceil(bytes_of(values.get(node.output[0])) / widest)
            chain = _chain(node, reader, uses) if parts > 1 else []
        elif node.op_type == "Gemm" and any(a.name == "transB" and a.i for a in node.attribute):
            parts = math.ceil(tensors[_weights(node, made)].ByteSize() / heaviest)
        if chain and parts > 1:
            slices[chain[-1].output[0]] = list(_sliced(chain, parts, made, tensors))
            gone |= {name for each in chain for name in each.output}
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        name = node.output[0]
        nodes += slices.get(name, [] if name in gone else [node])
    used = {name for node in nodes for name in node.input}
    # What unpacks the weights of a whole layer has no reader any more.
    kept = [node for node in nodes if not _constant(node, tensors) or used & set(node.output)]
    del graph.node[:]
    graph.node.extend(kept)
    used = {name for node in kept for name in node.input}
    del graph.initializer[:]
    graph.initializer.extend(tensor for name, tensor in tensors.items() if name in used)
    onnx.checker.check_model(model)


def _chain(
    first: onnx.NodeProto, reader: Mapping[str, onnx.NodeProto], uses: Mapping[str, int]
) -> list[onnx.NodeProto]:
    """A layer and what follows it channel by channel, a depthwise layer among that; or nothing."""
    chain, depthwise = [first], False
    while uses[chain[-1].output[0]] == 1:
        node = reader[chain[-1].output[0]]
        if node.op_type == "Conv" and _groups(node) > 1 and not depthwise:
            depthwise = True
        elif node.op_type not in _EACH:
            break
        chain.append(node)
    if chain[-1].op_type == "DequantizeLinear":
        chain.pop()  # so that whole numbers are put together
    return chain if depthwise else []


def _sliced(
    chain: Sequence[onnx.NodeProto],
    parts: int,
    made: Mapping[str, onnx.NodeProto],
    tensors: dict[str, onnx.TensorProto],
) -> Iterator[onnx.NodeProto]:
    """The nodes of a chain for each slice of its channels, then their results side by side."""
    within = {name for node in chain for name in node.output}
    channels = len(numpy_helper.to_array(tensors[_weights(chain[0], made)]))
    edges = np.linspace(0, channels, parts + 1).astype(int)

    def own(name: str, part: int) -> str:
        return f"{name}.{part}"

    def cut(name: str, part: int) -> str:
        array = numpy_helper.to_array(tensors[name])
        if array.ndim == 0:
            return name
        piece = np.ascontiguousarray(array[edges[part] : edges[part + 1]])
        tensors[own(name, part)] = numpy_helper.from_array(piece, own(name, part))
        return own(name, part)

    def copied(node: onnx.NodeProto, part: int) -> onnx.NodeProto:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.name = ""
        copy.output[:] = [own(name, part) for name in node.output]
        return copy

    for part in range(parts):
        for node in chain:
            copy = copied(node, part)
            copy.input[:] = [own(n, part) if n in within else n for n in node.input]
            if node.op_type in ("Conv", "Gemm"):
                for place, name in list(enumerate(node.input))[1:]:
                    if name in tensors:
                        copy.input[place] = cut(name, part)
                        continue
                    unpack = copied(made[name], part)
                    unpack.input[:] = [cut(each, part) for each in made[name].input]
                    copy.input[place] = own(name, part)
                    yield unpack
                if _groups(node) > 1:
                    group = next(a for a in copy.attribute if a.name == "group")
                    group.i = int(edges[part + 1] - edges[part])
            yield copy
    last = chain[-1].output[0]
    yield helper.make_node("Concat", [own(last, part) for part in range(parts)], [last], axis=1)


def _weights(layer: onnx.NodeProto, made: Mapping[str, onnx.NodeProto]) -> str:
    name: str = layer.input[1]
    if name in made:
        name = made[name].input[0]
    return name


def _constant(node: onnx.NodeProto, tensors: Mapping[str, onnx.TensorProto]) -> bool:
    return bool(node.input) and all(name in tensors for name in node.input)


def _groups(layer: onnx.NodeProto) -> int:
    return next((a.i for a in layer.attribute if a.name == "group"), 1)
