"""A network kept as a TensorFlow.js graph, as ONNX: node by node, weights beside it in one file.

Only what :mod:`ansa_train.teachers.nanodet` needs is there: a dozen operators, and integers
that follow from constants, such as shapes, are computed on the way.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ansa_train.errors import TrainingError

Array = NDArray[Any]

OPSET = 20
_AS_THEY_ARE = {"Add": "Add", "AddV2": "Add", "Sigmoid": "Sigmoid", "Identity": "Identity"}
_TO_CHANNELS_FIRST, _TO_CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]


def onnx_from_tfjs(file: Path) -> onnx.ModelProto:
    """The graph model of a ``model.json`` with its weights.

    Returns:
        a model with the inputs and outputs of the signature, by the names there without ``:0``.

    Raises:
        TrainingError: the graph has an operator that is not translated.
    """
    said = json.loads(file.read_text("utf-8"))
    return _Translation(said["modelTopology"]["node"], _weights(file, said)).model(
        said["signature"]
    )


def _weights(file: Path, said: Mapping[str, Any]) -> dict[str, Array]:
    """Every constant by name; half precision becomes float32."""
    weights: dict[str, Array] = {}
    for group in said["weightsManifest"]:
        data = b"".join((file.parent / path).read_bytes() for path in group["paths"])
        start = 0
        for weight in group["weights"]:
            stored = np.dtype(weight.get("quantization", weight)["dtype"])
            count = int(np.prod(weight["shape"], dtype=np.int64))
            array = np.frombuffer(data, stored, count, start).reshape(weight["shape"])
            weights[weight["name"]] = array.astype(weight["dtype"])
            start += count * stored.itemsize
    return weights


class _Translation:
    """Nodes of a TensorFlow graph, one after the other, into nodes of an ONNX graph."""

    def __init__(self, nodes: list[dict[str, Any]], weights: Mapping[str, Array]) -> None:
        self.known = dict(weights)
        self.nodes: list[onnx.NodeProto] = []
        self.given: dict[str, onnx.TensorProto] = {}
        waiting = {node["name"]: node for node in nodes if node["op"] != "Const"}
        for name in list(waiting):
            self._visit(name, waiting)

    def model(self, signature: Mapping[str, Any]) -> onnx.ModelProto:
        """See :func:`onnx_from_tfjs`."""
        sides: list[list[onnx.ValueInfoProto]] = []
        for side in ("inputs", "outputs"):
            values = []
            for name, value in signature[side].items():
                shape = [int(axis["size"]) for axis in value["tensorShape"]["dim"]]
                plain = name.partition(":")[0]
                values.append(helper.make_tensor_value_info(plain, TensorProto.FLOAT, shape))
            sides.append(values)
        graph = helper.make_graph(self.nodes, "tfjs", sides[0], sides[1], list(self.given.values()))
        # The IR that the oldest supported runtime reads, not the newest that onnx writes.
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9
        )
        onnx.checker.check_model(model)
        return model

    def _visit(self, name: str, waiting: dict[str, dict[str, Any]]) -> None:
        """Translate a node after those it depends on."""
        node = waiting.pop(name, None)
        if node is None:
            return
        sources = [source.removeprefix("^").partition(":")[0] for source in node.get("input", ())]
        for source in sources:
            self._visit(source, waiting)
        if node["op"] == "Placeholder":
            return
        inputs = [source.removesuffix(":0") for source in node.get("input", ())]
        if inputs and all(source in self.known for source in inputs):
            self.known[name] = _computed(node["op"], [self.known[source] for source in inputs])
            return
        self._translate(name, node["op"], inputs, node.get("attr", {}))

    def _translate(self, name: str, op: str, inputs: list[str], attr: Mapping[str, Any]) -> None:
        tensors = [i for i in inputs if i not in self.known]
        constants = [self.known[i] for i in inputs if i in self.known]
        if op in _AS_THEY_ARE:
            self._add(_AS_THEY_ARE[op], [self._value(i) for i in inputs], name)
        elif op == "LeakyRelu":
            self._add(op, inputs, name, alpha=float(attr["alpha"]["f"]))
        elif op == "Transpose":
            self._add(op, tensors, name, perm=constants[0].tolist())
        elif op in ("Pad", "PadV2"):
            pads = self._constant(f"{name}/pads", constants[0].T.reshape(-1).astype(np.int64))
            value = constants[1] if op == "PadV2" else np.float32(0)
            fill = self._constant(f"{name}/value", np.asarray(value, np.float32))
            self._add("Pad", [*tensors, pads, fill], name)
        elif op == "ConcatV2":
            self._add(
                "Concat", [self._value(i) for i in inputs[:-1]], name, axis=int(constants[-1])
            )
        elif op == "Reshape":
            shape = self._constant(f"{name}/shape", constants[0].astype(np.int64))
            self._add("Reshape", [*tensors, shape], name)
        elif op == "SplitV":
            sizes = self._constant(f"{name}/sizes", constants[0].astype(np.int64))
            outputs = [name, *(f"{name}:{i}" for i in range(1, len(constants[0])))]
            self._add("Split", [*tensors, sizes], *outputs, axis=int(constants[1]))
        elif op == "Conv2D":
            _must(name, attr, data_format="NHWC", padding="VALID")
            kernel = self._constant(f"{name}/kernel", constants[0].transpose(3, 2, 0, 1))
            steps = _integers(attr["strides"])[1:3]
            self._channels_first("Conv", [*tensors, kernel], name, strides=steps)
        elif op == "MaxPool":
            _must(name, attr, data_format="NHWC", padding="VALID")
            sides, steps = _integers(attr["ksize"])[1:3], _integers(attr["strides"])[1:3]
            self._channels_first("MaxPool", tensors, name, kernel_shape=sides, strides=steps)
        elif op == "ResizeBilinear" and attr["half_pixel_centers"]["b"]:
            # The size alone: batch and channels are taken from the input by their absence.
            size = self._constant(f"{name}/size", constants[0].astype(np.int64))
            how = {"coordinate_transformation_mode": "half_pixel", "axes": [2, 3]}
            self._channels_first("Resize", [*tensors, "", "", size], name, mode="linear", **how)
        else:
            raise TrainingError(f"{name}: no translation of the operator {op} of TensorFlow")

    def _channels_first(self, op: str, inputs: list[str], name: str, **attributes: Any) -> None:
        """A node between two transpositions, which the runtime takes out again."""
        self._add("Transpose", inputs[:1], f"{name}/first", perm=_TO_CHANNELS_FIRST)
        self._add(op, [f"{name}/first", *inputs[1:]], f"{name}/given", **attributes)
        self._add("Transpose", [f"{name}/given"], name, perm=_TO_CHANNELS_LAST)

    def _add(self, op: str, inputs: list[str], *outputs: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(op, inputs, outputs, outputs[0], **attributes))

    def _constant(self, name: str, array: Array) -> str:
        self.given[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def _value(self, name: str) -> str:
        """A name that may stand for a constant, which must then be in the graph."""
        return self._constant(name, self.known[name]) if name in self.known else name


def _computed(op: str, values: list[Array]) -> Array:
    """What a node gives whose inputs are all known."""
    if op in ("Add", "AddV2"):
        total: Array = values[0] + values[1]
        return total
    if op == "SparseToDense":
        where, shape, given, fill = values
        dense = np.full(shape.reshape(-1), fill, dtype=np.asarray(given).dtype)
        dense[tuple(where.reshape(-1, dense.ndim).T)] = given
        return dense
    raise TrainingError(f"no translation of the operator {op} of TensorFlow between constants")


def _must(name: str, attr: Mapping[str, Any], **wanted: str) -> None:
    """Refuse what would be translated wrongly."""
    for key, value in wanted.items():
        if base64.b64decode(attr[key]["s"]).decode() != value:
            raise TrainingError(f"{name}: only {key} {value} is translated")
    if set(_integers(attr.get("dilations", {"list": {"i": ["1"]}}))) != {1}:
        raise TrainingError(f"{name}: dilations are not translated")


def _integers(attribute: Mapping[str, Any]) -> list[int]:
    return [int(value) for value in attribute["list"]["i"]]
