"""Converts networks of ncnn (https://github.com/Tencent/ncnn) to ONNX, layer by layer.

A network is two files: a ``.param`` names the layers, what goes in and out of each, and numbered
settings; a ``.bin`` holds the weights in the order of the layers, mostly in half precision. Its
values have no axis of pictures, so every axis here is one further on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ansa_train.errors import TrainingError

_MAGIC = "7767517"
_HALF = 0x01306B47
"""Before weights in half precision; nought before those in full."""
_ARRAY = -23300
"""Settings numbered from here downwards are lists."""
_END = -233
"""Of a list of sizes: whatever is left."""

Settings = Mapping[int, list[float]]


@dataclass(frozen=True, slots=True)
class Layer:
    """One line of a ``.param`` file.

    Attributes:
        kind: what it does.
        name: its own.
        inputs: names of the values that it reads.
        outputs: names of those that it gives.
        settings: by their numbers; a single number is a list of one.
    """

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: Settings

    def number(self, key: int, usual: float = 0) -> int:
        """A setting that is one whole number, as it is if left out."""
        return int(self.settings.get(key, [usual])[0])


def onnx_from_ncnn(param: Path, size: tuple[int, ...]) -> onnx.ModelProto:
    """A network that takes and gives float32, with an axis of pictures before all others.

    Args:
        param: the layers; the weights are the file beside it that ends with ``.bin``.
        size: of one picture's input: channels, height, width.

    Raises:
        TrainingError: the files are no such network, or it has a layer that is not known here.
    """
    layers = _layers(param)
    made = _Translation(param, param.with_suffix(".bin").read_bytes(), size[0])
    for layer in layers:
        made.add(layer)
    made.check_end()
    read = {name for layer in layers for name in layer.inputs}
    given = [name for layer in layers for name in layer.outputs if name not in read]
    entries = [layer.outputs[0] for layer in layers if layer.kind == "Input"]
    graph = helper.make_graph(
        made.nodes,
        param.stem,
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["n", *size]) for n in entries],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in given],
        made.constants,
    )
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8)


def _layers(param: Path) -> list[Layer]:
    lines = param.read_text("utf-8", errors="replace").split("\n")
    if lines[0].strip() != _MAGIC:
        raise TrainingError(f"{param} is no network of ncnn's; its first line is not {_MAGIC}")
    try:
        return [_layer(line.split()) for line in lines[2:] if line.strip()]
    except (ValueError, IndexError) as error:
        raise TrainingError(f"{param} is damaged ({error}); fetch it again") from error


def _layer(words: Sequence[str]) -> Layer:
    kind, name, inputs, outputs = words[0], words[1], int(words[2]), int(words[3])
    names, rest = words[4 : 4 + inputs + outputs], words[4 + inputs + outputs :]
    settings: dict[int, list[float]] = {}
    for word in rest:
        key, _, value = word.partition("=")
        numbers = [float(x) for x in value.split(",")]
        number = int(key)
        if number <= _ARRAY:  # how many there are comes first
            number, numbers = _ARRAY - number, numbers[1:]
        settings[number] = numbers
    return Layer(kind, name, tuple(names[:inputs]), tuple(names[inputs:]), settings)


class _Translation:
    """Collects nodes and weights."""

    def __init__(self, param: Path, weights: bytes, channels: int) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._channels: dict[str, int] = {}
        self._entering = channels
        self._param, self._weights, self._at = param, weights, 0
        self._kinds: dict[str, Callable[[Layer], None]] = {
            "Input": lambda layer: None,
            "BinaryOp": self._add,
            "Concat": self._concat,
            "Convolution": self._convolution,
            "ConvolutionDepthWise": self._convolution,
            "Crop": self._crop,
            "Interp": self._resize,
            "Permute": self._swap,
            "Pooling": self._pool,
            "Reshape": self._reshape,
            "ShuffleChannel": self._shuffle,
            "Sigmoid": lambda layer: self._node("Sigmoid", layer),
            "Slice": self._slice,
            "Split": self._split,
        }

    def add(self, layer: Layer) -> None:
        """Translate the next layer, which takes the next weights."""
        if layer.kind not in self._kinds:
            raise TrainingError(f"{self._param}: nothing is known here of layers like {layer.kind}")
        self._kinds[layer.kind](layer)
        self._channels |= dict.fromkeys(layer.outputs, self._out(layer))

    def _out(self, layer: Layer) -> int:
        """Channels of what a layer gives, as far as a shuffle may ask."""
        before = [self._channels[name] for name in layer.inputs]
        if layer.kind == "Input":
            return self._entering
        if layer.kind.startswith("Convolution"):
            return layer.number(0)
        if layer.kind == "Crop":
            return int(layer.settings[10][0] - layer.settings[9][0])
        return sum(before) if layer.kind == "Concat" else before[0]

    def check_end(self) -> None:
        """Refuse weights that nothing took."""
        if self._at != len(self._weights):
            raise TrainingError(f"{self._param}: its weights are those of another network")

    def _node(
        self, kind: str, layer: Layer, *constants: str, to: str | None = None, **settings: Any
    ) -> None:
        outputs = layer.outputs if to is None else (to,)
        inputs = [*layer.inputs, *constants]
        self.nodes.append(helper.make_node(kind, inputs, outputs, layer.name, **settings))

    def _constant(self, layer: Layer, what: str, values: NDArray[np.generic]) -> str:
        name = f"{layer.name}.{what}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _ints(self, layer: Layer, what: str, *values: int) -> str:
        return self._constant(layer, what, np.array(values, np.int64))

    def _take(self, kind: str, count: int) -> NDArray[np.float32]:
        values: NDArray[np.generic] = np.frombuffer(
            self._weights[self._at : self._at + np.dtype(kind).itemsize * count], kind
        )
        if len(values) < count:
            raise TrainingError(f"{self._param}: its weights end too early; fetch them again")
        self._at += values.nbytes + -values.nbytes % 4
        return values.astype(np.float32)

    def _convolution(self, layer: Layer) -> None:
        channels, side, stride = layer.number(0), layer.number(1), layer.number(3, 1)
        padding, groups, count = layer.number(4), layer.number(7, 1), layer.number(6)
        flag = int(np.frombuffer(self._weights[self._at : self._at + 4].ljust(4, b"\0"), "<u4")[0])
        self._at += 4
        if flag not in (0, _HALF):
            raise TrainingError(f"{self._param}: weights of a kind that is not known here")
        weight = self._take("<f2" if flag else "<f4", count)
        constants = [self._constant(layer, "weight", weight.reshape(channels, -1, side, side))]
        if layer.number(5):
            constants.append(self._constant(layer, "bias", self._take("<f4", channels)))
        activation = layer.number(9)
        linear = f"{layer.name}.linear" if activation else layer.outputs[0]
        self._node(
            "Conv",
            layer,
            *constants,
            to=linear,
            strides=[stride, stride],
            pads=[padding] * 4,
            group=groups,
        )
        if activation not in (0, 1, 2):
            raise TrainingError(f"{self._param}: nothing is known here of activation {activation}")
        if activation:
            slope = layer.settings[10][0] if activation == 2 else 0.0
            name = f"{layer.name}.activation"
            node = helper.make_node("LeakyRelu", [linear], layer.outputs, name, alpha=slope)
            self.nodes.append(node)

    def _pool(self, layer: Layer) -> None:
        if layer.number(0):
            raise TrainingError(f"{self._param}: of poolings, only the greatest is known here")
        side, stride, padding = layer.number(1), layer.number(2, 1), layer.number(3)
        self._node(
            "MaxPool",
            layer,
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[padding] * 4,
        )

    def _add(self, layer: Layer) -> None:
        if layer.number(0) or layer.number(1):
            raise TrainingError(f"{self._param}: of binary layers, only sums are known here")
        self._node("Add", layer)

    def _concat(self, layer: Layer) -> None:
        self._node("Concat", layer, axis=layer.number(0) + 1)

    def _crop(self, layer: Layer) -> None:
        starts, ends, axes = (
            self._ints(layer, what, *(int(x) + (what == "axes") for x in layer.settings[key]))
            for what, key in (("starts", 9), ("ends", 10), ("axes", 11))
        )
        self._node("Slice", layer, starts, ends, axes)

    def _slice(self, layer: Layer) -> None:
        start, axis = 0, self._ints(layer, "axis", layer.number(1) + 1)
        for i, (size, output) in enumerate(zip(layer.settings[0], layer.outputs, strict=True)):
            end = np.iinfo(np.int64).max if size == _END else start + int(size)
            bounds = self._ints(layer, f"start{i}", start), self._ints(layer, f"end{i}", int(end))
            node = helper.make_node(
                "Slice", [*layer.inputs, *bounds, axis], [output], f"{layer.name}.{i}"
            )
            self.nodes.append(node)
            start = int(end)

    def _split(self, layer: Layer) -> None:
        for output in layer.outputs:
            self.nodes.append(helper.make_node("Identity", layer.inputs, [output], output))

    def _resize(self, layer: Layer) -> None:
        scales = [1.0, 1.0, layer.settings[1][0], layer.settings[2][0]]
        constant = self._constant(layer, "scales", np.array(scales, np.float32))
        mode = {1: "nearest", 2: "linear"}[layer.number(0)]
        self._node(
            "Resize", layer, "", constant, mode=mode, coordinate_transformation_mode="half_pixel"
        )

    def _reshape(self, layer: Layer) -> None:  # its first setting is the last axis
        shape = [layer.number(i) for i in (2, 1, 0) if i in layer.settings]
        self._node("Reshape", layer, self._ints(layer, "shape", 0, *shape))

    def _swap(self, layer: Layer) -> None:
        if layer.number(0) != 1:
            raise TrainingError(f"{self._param}: of permutations, only that of two axes is known")
        self._node("Transpose", layer, perm=[0, 2, 1])

    def _shuffle(self, layer: Layer) -> None:
        groups = layer.number(0, 1)
        order = np.arange(self._channels[layer.inputs[0]]).reshape(groups, -1).T.ravel()
        self._node("Gather", layer, self._ints(layer, "order", *order.tolist()), axis=1)
