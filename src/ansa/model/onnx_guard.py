"""Refuses ONNX files that would read other files, or run for ever.

An ONNX tensor may say "my data lies in that file over there". Followed blindly, a bundle could pull
in any file of the machine, so a bundle's networks must carry all their weights. A node may hold a
graph of its own, such as the body of a loop without an end; no network of ours has one, so none
may. This walks the protobuf wire format just far enough to see every node and tensor, so that using
a bundle does not need the onnx package.
"""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

# Field numbers of onnx.proto that lead to a tensor: message -> field -> message inside.
_INSIDE = {
    "Model": {7: "Graph"},
    "Graph": {1: "Node", 5: "Tensor", 15: "SparseTensor"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 10: "Tensor", 22: "SparseTensor", 23: "SparseTensor"},
    "SparseTensor": {1: "Tensor", 2: "Tensor"},
    "Tensor": {},
}
# Those that lead to a graph within the graph: of training, of a function, of a branch or a loop.
_GRAPHS = {"Model": {20, 25}, "Attribute": {6, 11}}
_MODEL_GRAPH = 7
_TENSOR_EXTERNAL_DATA = 13
_TENSOR_DATA_LOCATION = 14


class UnsafeModelError(ValueError):
    """The bytes are not an ONNX model, or the model has external data or nested graphs."""


def check_model(model: bytes) -> None:
    """Checks that an ONNX model contains all its weights and is one graph.

    Raises:
        UnsafeModelError: external data anywhere, a graph within the graph, or bytes that do not
            read as an ONNX model.
    """
    whole = memoryview(model)
    if not any(number == _MODEL_GRAPH for number, _, _ in fields(whole)):
        raise UnsafeModelError("it holds no network")
    _check(whole, "Model")


def _check(message: memoryview, kind: str) -> None:
    for number, wire, value in fields(message):
        if kind == "Tensor" and (
            number == _TENSOR_EXTERNAL_DATA or (number == _TENSOR_DATA_LOCATION and value != 0)
        ):
            raise UnsafeModelError("it keeps weights in another file (ONNX external data)")
        if number in _GRAPHS.get(kind, ()):
            raise UnsafeModelError("it holds branches, loops or functions")
        inside = _INSIDE[kind].get(number)
        if inside and wire == _BYTES and isinstance(value, memoryview):
            _check(value, inside)


def fields(message: memoryview) -> Iterator[tuple[int, int, memoryview | int]]:
    """Yields the fields of one protobuf message as number, wire type and value."""
    position, end = 0, len(message)
    while position < end:
        key, position = _varint(message, position)
        number, wire = key >> 3, key & 7
        value: memoryview | int
        if wire == _VARINT:
            value, position = _varint(message, position)
        else:
            if wire == _BYTES:
                size, position = _varint(message, position)
            elif wire in (_FIXED32, _FIXED64):
                size = 4 if wire == _FIXED32 else 8
            else:  # groups: long deprecated, never written by ONNX
                raise UnsafeModelError("it is not an ONNX file")
            value = message[position : position + size]
            position += size
        if position > end or number == 0:
            raise UnsafeModelError("it is not an ONNX file, or is cut short")
        yield number, wire, value


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            raise UnsafeModelError("it is not an ONNX file, or is cut short")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position
    raise UnsafeModelError("it is not an ONNX file")
