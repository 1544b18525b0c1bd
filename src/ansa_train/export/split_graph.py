"""Splits a network into stages that run one after another, so that memory never holds all.

What a network takes is its weights, which the runtime holds some four times while it loads them
(the file's bytes, the parsed file, tensors, tensors packed for products), some 10 kB for each node,
and the activations that are alive at once. Cut where few of those are, each stage takes little more
than its limit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import onnx
from onnx import TensorProto, ValueInfoProto, helper, shape_inference

LIMIT = 5_500_000
_COPIES, _NODE = 4, 10_000
_NARROW = 8  # of a stage's limit, what may pass from one to the next
_SIZES: dict[int, int] = {TensorProto.FLOAT: 4, TensorProto.INT32: 4, TensorProto.INT64: 8}
"""Bytes of one number; of all other kinds it is one."""


def stages(model: onnx.ModelProto, limit: int = LIMIT) -> list[onnx.ModelProto]:
    """Splits a network. The stages together give the same outputs, to the bit.

    Each takes, by name, inputs of the model and what stages before it gave. Quantized values pass
    from one to the next as whole numbers.

    Args:
        model: whose nodes stand in an order in which they can be computed.
        limit: bytes that a stage is to take, as far as that can be told; see the module.
    """
    nodes, values = list(model.graph.node), values_of(model)
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    made = {name: node for node in nodes for name in node.output}
    found: list[onnx.ModelProto] = []
    wanted = {value.name for value in model.graph.output}
    end = len(nodes)
    for start in reversed([0, *_cuts(model, values, limit)]):
        kept = _needed(nodes[start:end], wanted, made)
        end = start
        if not kept:
            continue
        here = {name for node in kept for name in node.output}
        used = dict.fromkeys(name for node in kept for name in node.input if name)
        takes = [name for name in used if name not in here and name not in weights]
        gives = [name for name in values if name in here & wanted]
        graph = helper.make_graph(
            kept,
            f"{model.graph.name}.{start}",
            [values[name] for name in takes],
            [values[name] for name in gives],
            [tensor for name, tensor in weights.items() if name in used],
        )
        opsets, version = model.opset_import, model.ir_version
        found.append(helper.make_model(graph, opset_imports=opsets, ir_version=version))
        onnx.checker.check_model(found[-1])
        wanted = (wanted - here) | set(takes)
    return found[::-1]


def joined(models: Sequence[onnx.ModelProto]) -> onnx.ModelProto:
    """The network that stages were made of, with all its outputs."""
    nodes = {node.output[0]: node for model in models for node in model.graph.node}
    weights = {tensor.name: tensor for model in models for tensor in model.graph.initializer}
    gives = {value.name: value for model in models for value in model.graph.output}
    takes = {value.name: value for model in models for value in model.graph.input}
    inputs = [value for name, value in takes.items() if name not in gives]
    first = models[0]
    graph = helper.make_graph(
        list(nodes.values()),
        first.graph.name,
        inputs,
        list(gives.values()),
        list(weights.values()),
    )
    return helper.make_model(graph, opset_imports=first.opset_import, ir_version=first.ir_version)


def _needed(
    nodes: Sequence[onnx.NodeProto], wanted: set[str], made: Mapping[str, onnx.NodeProto]
) -> list[onnx.NodeProto]:
    """The nodes of a stage that lead to what is wanted, behind those that unpack its inputs."""
    kept: list[onnx.NodeProto] = []
    needed = set(wanted)
    for node in reversed(nodes):
        if needed & set(node.output):
            kept.append(node)
            needed |= set(node.input)
    here = {name for node in kept for name in node.output}
    outside = dict.fromkeys(name for node in kept for name in node.input if name not in here)
    unpack = [made[name] for name in outside if name in made and _unpacks(made[name])]
    return unpack + kept[::-1]


def _cuts(model: onnx.ModelProto, values: Mapping[str, ValueInfoProto], limit: int) -> list[int]:
    """Before which nodes a new stage begins: each goes on for as long as it fits."""
    nodes = model.graph.node
    weights = {tensor.name: tensor.ByteSize() for tensor in model.graph.initializer}
    made = {name: node for node in nodes for name in node.output}

    def source(name: str) -> str:
        return made[name].input[0] if name in made and _unpacks(made[name]) else name

    last = {value.name: len(nodes) for value in model.graph.output}
    for place, node in enumerate(nodes):
        for name in node.input:
            last[source(name)] = max(place, last.get(source(name), 0))
    alive: dict[str, int] = {value.name: bytes_of(value) for value in model.graph.input}
    cuts: list[int] = []
    begun, narrow, loaded, widest, since = 0, 0, 0, 0, (0, 0)
    for place, node in enumerate(nodes):
        own = _NODE + _COPIES * sum(weights.get(source(name), 0) for name in node.input)
        alive |= {name: bytes_of(values.get(name)) for name in node.output if source(name) == name}
        loaded, widest = loaded + own, max(widest, sum(alive.values()))
        since = since[0] + own, max(since[1], sum(alive.values()))
        if loaded + widest > limit and narrow > begun:
            cuts.append(narrow)
            begun, (loaded, widest) = narrow, since
        alive = {name: size for name, size in alive.items() if last.get(name, 0) > place}
        if sum(alive.values()) * _NARROW <= limit:
            narrow, since = place + 1, (0, 0)
    return cuts


def values_of(model: onnx.ModelProto) -> dict[str, ValueInfoProto]:
    """The type and shape of every value that is no weight, in the order of computing."""
    graph = shape_inference.infer_shapes(model).graph
    known = {value.name: value for value in (*graph.input, *graph.value_info, *graph.output)}
    order = [value.name for value in graph.input]
    order += [name for node in graph.node for name in node.output]
    return {name: known[name] for name in order if name in known}


def bytes_of(value: ValueInfoProto | None) -> int:
    """The bytes of a value for one photo; 0 if nothing is known of it."""
    if value is None:
        return 0
    tensor = value.type.tensor_type
    sides = [axis.dim_value or 1 for axis in tensor.shape.dim]  # one photo
    kind: int = tensor.elem_type
    return math.prod(sides) * _SIZES.get(kind, 1)


def _unpacks(node: onnx.NodeProto) -> bool:
    return node.op_type == "DequantizeLinear"
