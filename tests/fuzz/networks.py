"""Ways to change the graph of a network: still an ONNX file, seldom one that makes sense."""

from __future__ import annotations

from contextlib import suppress
from random import Random

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

NUMBERS = (0, 1, -1, 2, 7, 255, 2**15, 2**31 - 1, 2**31, 2**40, 2**62, -(2**63), 2**63 - 1)


def changed_graph(chance: Random, data: bytes) -> bytes:
    """A network of which something is another."""
    model = onnx.ModelProto.FromString(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        with suppress(Exception):  # what one change broke, the next cannot always change
            chance.choice(_CHANGES)(chance, model)
    return bytes(model.SerializeToString())


def _tensor_shape(chance: Random, model: onnx.ModelProto) -> None:
    tensor = chance.choice(model.graph.initializer)
    if tensor.dims and chance.random() < 0.7:
        tensor.dims[chance.randrange(len(tensor.dims))] = chance.choice(NUMBERS)
    else:
        tensor.dims.append(chance.choice(NUMBERS))


def _tensor_type(chance: Random, model: onnx.ModelProto) -> None:
    chance.choice(model.graph.initializer).data_type = chance.choice((*range(26), 99, -1))


def _tensor_data(chance: Random, model: onnx.ModelProto) -> None:
    tensor = chance.choice(model.graph.initializer)
    data = tensor.raw_data
    tensor.raw_data = chance.choice((b"", data[:-1], data * 2, chance.randbytes(len(data))))


def _tensor_value(chance: Random, model: onnx.ModelProto) -> None:
    whole = [t for t in model.graph.initializer if t.data_type == TensorProto.INT64]
    tensor = chance.choice(whole or list(model.graph.initializer))
    array = np.array(numpy_helper.to_array(tensor))
    if array.size and array.dtype.kind in "if":
        flat = array.reshape(-1)
        nasty = NUMBERS if array.dtype == np.int64 else (0, -1, 127, -128)
        value = chance.choice(nasty) if array.dtype.kind == "i" else chance.choice((np.nan, 1e38))
        flat[chance.randrange(flat.size)] = value
        tensor.CopyFrom(numpy_helper.from_array(flat.reshape(array.shape), tensor.name))


def _tensor_elsewhere(chance: Random, model: onnx.ModelProto) -> None:
    tensor = chance.choice(model.graph.initializer)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "/etc/passwd"), ("offset", "0"), ("length", "16")):
        tensor.external_data.add(key=key, value=value)


def _attribute(chance: Random, model: onnx.ModelProto) -> None:
    nodes = [node for node in model.graph.node if node.attribute]
    if not nodes:
        return
    attribute = chance.choice(chance.choice(nodes).attribute)
    if attribute.ints:
        attribute.ints[chance.randrange(len(attribute.ints))] = chance.choice(NUMBERS)
        if chance.random() < 0.3:
            attribute.ints.extend([chance.choice(NUMBERS)] * chance.randint(1, 3))
    elif attribute.type == onnx.AttributeProto.INT:
        attribute.i = chance.choice(NUMBERS)
    elif attribute.type == onnx.AttributeProto.FLOAT:
        attribute.f = chance.choice((0.0, -1.0, float("nan"), float("inf"), 1e38))
    else:
        attribute.s = chance.choice((b"", b"\xff", b"linear", b"x" * 3000))


def _node_kind(chance: Random, model: onnx.ModelProto) -> None:
    node = chance.choice(model.graph.node)
    node.op_type = chance.choice(_KINDS)
    if chance.random() < 0.1:
        node.domain = chance.choice(("com.microsoft", "ai.onnx.ml", "ours", "\xff"))


def _node_inputs(chance: Random, model: onnx.ModelProto) -> None:
    node = chance.choice(model.graph.node)
    known = [name for n in model.graph.node for name in n.output]
    known += [tensor.name for tensor in model.graph.initializer] + ["", "nobody", "pixels", "ids"]
    if node.input and chance.random() < 0.8:
        node.input[chance.randrange(len(node.input))] = chance.choice(known)
    else:
        node.input.extend([chance.choice(known)] * chance.randint(1, 3))


def _node_outputs(chance: Random, model: onnx.ModelProto) -> None:
    node = chance.choice(model.graph.node)
    known = [name for n in model.graph.node for name in n.output] + ["", "pixels"]
    node.output[chance.randrange(len(node.output))] = chance.choice(known)


def _node_gone(chance: Random, model: onnx.ModelProto) -> None:
    del model.graph.node[chance.randrange(len(model.graph.node))]


def _node_twice(chance: Random, model: onnx.ModelProto) -> None:
    model.graph.node.add().CopyFrom(chance.choice(model.graph.node))


def _ports(chance: Random, model: onnx.ModelProto) -> None:
    ports = chance.choice((model.graph.input, model.graph.output))
    if not ports:
        return
    value = chance.choice(ports)
    match chance.randrange(5):
        case 0:
            value.name = chance.choice(("", "embedding", "pixels", "other", "x" * 3000))
        case 1:
            value.type.tensor_type.elem_type = chance.choice((0, 1, 2, 7, 8, 10, 99))
        case 2 if value.type.tensor_type.shape.dim:
            size = chance.choice(value.type.tensor_type.shape.dim)
            size.dim_value = chance.choice(NUMBERS)
        case 3:
            ports.add().CopyFrom(value)
        case _:
            value.ClearField("type")


def _model_fields(chance: Random, model: onnx.ModelProto) -> None:
    match chance.randrange(5):
        case 0:
            model.ir_version = chance.choice(NUMBERS)
        case 1:
            model.opset_import[0].version = chance.choice(NUMBERS)
        case 2:
            del model.opset_import[:]
        case 3:
            model.opset_import.append(helper.make_opsetid(chance.choice(("", "ours")), 1))
        case 4:
            model.graph.name = ""


def _generator(chance: Random, model: onnx.ModelProto) -> None:
    """A few bytes that ask for a great many."""
    graph = model.graph
    many = chance.choice((10**4, 10**9, 2**33, 2**40, 2**62, -5))
    if chance.random() < 0.3:
        side = chance.choice((100, 20_000, 300_000))
        pads = numpy_helper.from_array(np.array([0, side, side, 0] * 2, np.int64), "fuzz.n")
        graph.initializer.append(pads)
        for name in ("pixels", "ids"):
            if any(value.name == name for value in graph.input):
                graph.node.insert(0, helper.make_node("Pad", [name, "fuzz.n"], ["fuzz.big"]))
    else:
        graph.initializer.append(numpy_helper.from_array(np.array([many], np.int64), "fuzz.n"))
        graph.node.append(helper.make_node("ConstantOfShape", ["fuzz.n"], ["fuzz.big"]))
    graph.node.append(
        helper.make_node("ReduceSum", ["fuzz.big"], ["fuzz.sum"], keepdims=0),
    )
    last = graph.output[0].name
    for node in graph.node:
        node.output[:] = ["fuzz.last" if name == last else name for name in node.output]
    graph.node.append(helper.make_node("Add", ["fuzz.last", "fuzz.sum"], [last]))


def _endless(chance: Random, model: onnx.ModelProto) -> None:
    """A loop without an end."""
    yes = helper.make_tensor_value_info("on", TensorProto.BOOL, [])
    nth = helper.make_tensor_value_info("nth", TensorProto.INT64, [])
    again = helper.make_tensor_value_info("again", TensorProto.BOOL, [])
    body = helper.make_graph(
        [helper.make_node("Identity", ["on"], ["again"])], "b", [nth, yes], [again]
    )
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "fuzz.true"))
    model.graph.initializer.append(numpy_helper.from_array(np.array(2**62, np.int64), "fuzz.times"))
    model.graph.node.append(helper.make_node("Loop", ["fuzz.times", "fuzz.true"], [], body=body))


def _function(chance: Random, model: onnx.ModelProto) -> None:
    opset = [helper.make_opsetid("", 20), helper.make_opsetid("ours", 1)]
    node = helper.make_node("F", ["x"], ["y"], domain="ours")  # calls itself
    model.functions.append(helper.make_function("ours", "F", ["x"], ["y"], [node], opset))
    model.opset_import.append(helper.make_opsetid("ours", 1))
    chosen = chance.choice(model.graph.node)
    chosen.op_type, chosen.domain = "F", "ours"


_CHANGES = (
    _tensor_shape,
    _tensor_type,
    _tensor_data,
    _tensor_value,
    _tensor_value,
    _tensor_elsewhere,
    _attribute,
    _attribute,
    _node_kind,
    _node_kind,
    _node_inputs,
    _node_outputs,
    _node_gone,
    _node_twice,
    _ports,
    _model_fields,
    _generator,
    _endless,
    _function,
)
_KINDS = tuple(sorted({schema.name for schema in onnx.defs.get_all_schemas()}))
