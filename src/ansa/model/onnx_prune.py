"""Cuts a network down to some of its outputs, so that nothing else is computed.

The runtime computes every node of a network, whichever outputs are asked for. Therefore nodes that
lead to no wanted output are taken out before it gets the network. As in
:mod:`ansa.model.onnx_guard`, the protobuf wire format is read just far enough for that, so that
using a bundle does not need the onnx package.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ansa.model.onnx_guard import UnsafeModelError, fields

_BYTES = 2
_MODEL_GRAPH = 7
_NODE, _INITIALIZER, _INPUT, _OUTPUT, _SPARSE_INITIALIZER = 1, 5, 11, 12, 15  # of a graph
_NODE_INPUT, _NODE_OUTPUT = 1, 2
_VALUE_NAME = 1
_TENSOR_NAME = 8


@dataclass(frozen=True, slots=True)
class Ports:
    """The names of what a network takes and gives."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def ports_of(model: bytes) -> Ports:
    """Returns the names of the inputs and outputs of an ONNX model, without those of its weights.

    Raises:
        UnsafeModelError: the bytes do not read as an ONNX model.
    """
    graph = _graph(model)
    weights = {_name(part, _TENSOR_NAME) for part in _messages(graph, _INITIALIZER)}
    inputs = (_name(part, _VALUE_NAME) for part in _messages(graph, _INPUT))
    outputs = (_name(part, _VALUE_NAME) for part in _messages(graph, _OUTPUT))
    return Ports(tuple(name for name in inputs if name not in weights), tuple(outputs))


def prune(model: bytes, outputs: Collection[str]) -> bytes:
    """Returns an ONNX model that gives only these of its outputs, and computes nothing else.

    Inputs and weights that nothing reads any more are left out, too.

    Raises:
        UnsafeModelError: the bytes do not read as an ONNX model, or it has no such output.
    """
    graph = _graph(model)
    missing = set(outputs) - {_name(part, _VALUE_NAME) for part in _messages(graph, _OUTPUT)}
    if missing:
        raise UnsafeModelError(f"it does not give {', '.join(map(ascii, sorted(missing)))}")
    nodes = [_Node.of(part) for part in _messages(graph, _NODE)]
    read, kept = set(outputs), [False] * len(nodes)
    for place in reversed(range(len(nodes))):  # ONNX lists a node after all that it reads
        if read.intersection(nodes[place].outputs):
            kept[place] = True
            read.update(nodes[place].inputs)
    pruned, keep = bytearray(), iter(kept)
    for number, wire, value in fields(graph):
        part = value if isinstance(value, memoryview) else b""
        if (
            (number == _NODE and not next(keep))
            or (number == _OUTPUT and _name(part, _VALUE_NAME) not in outputs)
            or (number == _INPUT and _name(part, _VALUE_NAME) not in read)
            or (number == _INITIALIZER and _name(part, _TENSOR_NAME) not in read)
        ):
            continue
        if number == _SPARSE_INITIALIZER:
            raise UnsafeModelError("it holds sparse weights")
        pruned += _field(number, wire, value)
    whole = bytearray()
    for number, wire, value in fields(memoryview(model)):
        if number == _MODEL_GRAPH:
            value = memoryview(pruned)
        whole += _field(number, wire, value)
    return bytes(whole)


@dataclass(frozen=True, slots=True)
class _Node:
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @classmethod
    def of(cls, message: memoryview) -> _Node:
        names: dict[int, list[str]] = {_NODE_INPUT: [], _NODE_OUTPUT: []}
        for number, _, value in fields(message):
            if number in names and isinstance(value, memoryview):
                names[number].append(_text(value))
        # An input or output that is left out has an empty name.
        ins, outs = (filter(None, names[number]) for number in (_NODE_INPUT, _NODE_OUTPUT))
        return cls(tuple(ins), tuple(outs))


def _graph(model: bytes) -> memoryview:
    found = list(_messages(memoryview(model), _MODEL_GRAPH))
    if len(found) != 1:
        raise UnsafeModelError("it does not hold one network")
    return found[0]


def _messages(message: memoryview, wanted: int) -> list[memoryview]:
    return [
        value
        for number, _, value in fields(message)
        if number == wanted and isinstance(value, memoryview)
    ]


def _name(message: memoryview | bytes, wanted: int) -> str:
    for number, _, value in fields(memoryview(message)):
        if number == wanted and isinstance(value, memoryview):
            return _text(value)
    return ""


def _text(value: memoryview) -> str:
    return bytes(value).decode("utf-8", "surrogateescape")


def _field(number: int, wire: int, value: memoryview | int) -> bytes:
    """A field as it is written: its key, the length of a message, and its content."""
    key = _varint(number << 3 | wire)
    if isinstance(value, int):
        return key + _varint(value)
    return key + (_varint(len(value)) if wire == _BYTES else b"") + bytes(value)


def _varint(value: int) -> bytes:
    written = bytearray()
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
