"""Converts an image network's ONNX graph to a torch module.

Whoever has a bundle and no checkpoint can so convert its network with tools that start from torch.
Only what our networks are made of is known.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.errors import TrainingError
from ansa_train.models.unpack_weights import unpack_weights

Attributes = dict[str, Any]


class FromOnnx(nn.Module):
    """Photos float32 (n, 3, size, size), RGB 0..255 -> the outputs of the graph, in their order.

    Args:
        model: an image network with float32 or packed weights, from uint8 (n, size, size, 3).
        photos: n; always so many at a time.
        learns: make parameters of what convolutions and products weigh with.

    Attributes:
        outputs: their names.
        learned: names in the graph of the parameters, in their order.

    Raises:
        TrainingError: the graph has an operator that no network of ours has.
    """

    def __init__(self, model: onnx.ModelProto, photos: int = 1, *, learns: bool = False) -> None:
        super().__init__()
        graph = _of_so_many(model, photos).graph
        self.outputs = [value.name for value in graph.output]
        if unknown := {node.op_type for node in graph.node} - _OPERATORS.keys():
            raise TrainingError(f"no torch for the operators {', '.join(sorted(unknown))}")
        self._constants: dict[str, Tensor | None] = {"": None}
        weighs = {
            name
            for node in graph.node
            if learns and node.op_type in ("Conv", "Gemm", "MatMul")
            for name in node.input[1:]
        }
        self.learned = [tensor.name for tensor in graph.initializer if tensor.name in weighs]
        for i, tensor in enumerate(graph.initializer):
            value = torch.from_numpy(numpy_helper.to_array(tensor).copy())
            if tensor.name in weighs:
                value = nn.Parameter(value)
                self.register_parameter(f"constant{i}", value)
            else:
                self.register_buffer(f"constant{i}", value)
            self._constants[tensor.name] = value
        numbers = {
            name: value.reshape(-1).tolist()
            for name, value in self._constants.items()
            if value is not None and value.ndim < 2
        }
        pixels = graph.input[0].name
        # The photo comes as planes of floats, so what makes those of pixels is left out.
        self._photo = {pixels}
        self._nodes = []
        for node in graph.node:
            if node.op_type in ("Transpose", "Cast") and node.input[0] in self._photo:
                self._photo.add(node.output[0])
            else:
                how = {a.name: helper.get_attribute_value(a) for a in node.attribute}
                # Axes, sizes and the like, which must be plain numbers.
                how["numbers"] = [numbers.get(name) for name in node.input]
                names = list(node.input), list(node.output)
                self._nodes.append((_OPERATORS[node.op_type], how, *names))

    def forward(self, photo: Tensor) -> tuple[Tensor, ...]:
        """The outputs of the graph for photos, float32 (n, 3, size, size), RGB 0..255."""
        values = self._constants | dict.fromkeys(self._photo, photo)
        for operator, how, inputs, outputs in self._nodes:
            made = operator([values[name] for name in inputs], how)
            made = made if isinstance(made, (tuple, list)) else [made]
            values |= dict(zip(outputs, made, strict=False))
        found = [values[name] for name in self.outputs]
        return tuple(value for value in found if value is not None)


def _of_so_many(model: onnx.ModelProto, photos: int) -> onnx.ModelProto:
    """For batches of one size, so that every shape is known, and what follows is computed."""
    one = onnx.ModelProto()
    one.CopyFrom(model)
    unpack_weights(one)
    for value in (*one.graph.input, *one.graph.output):
        value.type.tensor_type.shape.dim[0].Clear()
        value.type.tensor_type.shape.dim[0].dim_value = photos
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = str(Path(folder) / "one.onnx")
        onnxruntime.InferenceSession(
            one.SerializeToString(),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=["TransposeOptimizer"],  # the photo has to come as planes
        )
        return onnx.load(options.optimized_model_filepath)


def _ints(how: Attributes, place: int) -> list[int] | None:
    """A constant input as numbers; None if there is none at that place."""
    numbers = how["numbers"][place] if place < len(how["numbers"]) else None
    return None if numbers is None else [int(each) for each in numbers]


def _conv(x: Sequence[Any], how: Attributes) -> Tensor:
    pads = how.get("pads", [0, 0, 0, 0])
    value = x[0]
    if pads[:2] != pads[2:]:
        value, pads = F.pad(value, (pads[1], pads[3], pads[0], pads[2])), [0, 0]
    bias = x[2] if len(x) > 2 else None
    strides, dilations = how.get("strides", [1, 1]), how.get("dilations", [1, 1])
    return F.conv2d(value, x[1], bias, strides, pads[:2], dilations, how.get("group", 1))


def _norm(x: Sequence[Any], how: Attributes) -> Tensor:
    value, scale, bias, mean, variance = x
    return F.batch_norm(value, mean, variance, scale, bias, eps=how.get("epsilon", 1e-5))


def _clip(x: Sequence[Any], how: Attributes) -> Tensor:
    low, high = (how["numbers"][i][0] if len(x) > i and x[i] is not None else None for i in (1, 2))
    if (low, high) == (0.0, 6.0):
        return F.relu6(x[0])
    clipped: Tensor = x[0].clamp(low, high)
    return clipped


def _gemm(x: Sequence[Any], how: Attributes) -> Tensor:
    weight = x[1] if how.get("transB") else x[1].T
    return F.linear(x[0], weight, x[2] if len(x) > 2 else None)


def _slice(x: Sequence[Any], how: Attributes) -> Tensor:
    value: Tensor = x[0]
    starts, ends, axes, steps = (_ints(how, i) or [] for i in (1, 2, 3, 4))
    axes, steps = axes or list(range(len(starts))), steps or [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        length = value.shape[axis]
        first = max(0, start + length if start < 0 else start)
        last = min(length, end + length if end < 0 else end)
        if step < 0:
            value = value.flip(axis)  # only ever whole
        else:
            value = value.narrow(axis, first, last - first)
            if step > 1:
                value = value.index_select(axis, torch.arange(0, last - first, step))
    return value


def _reduce(reduce: Callable[[Tensor, list[int], bool], Tensor]) -> Callable[..., Tensor]:
    def call(x: Sequence[Any], how: Attributes) -> Tensor:
        axes = _ints(how, 1) or list(range(x[0].ndim))
        return reduce(x[0], axes, bool(how.get("keepdims", 1)))

    return call


def _squeeze(x: Sequence[Any], how: Attributes) -> Tensor:
    value: Tensor = x[0]
    for axis in sorted((a % value.ndim for a in _ints(how, 1) or []), reverse=True):
        value = value.squeeze(axis)
    return value


def _unsqueeze(x: Sequence[Any], how: Attributes) -> Tensor:
    value: Tensor = x[0]
    axes = _ints(how, 1) or []
    for axis in sorted(a % (value.ndim + len(axes)) for a in axes):
        value = value.unsqueeze(axis)
    return value


def _reshape(x: Sequence[Any], how: Attributes) -> Tensor:
    shape = [x[0].shape[i] if each == 0 else each for i, each in enumerate(_ints(how, 1) or [])]
    reshaped: Tensor = x[0].reshape(shape)
    return reshaped


def _expand(x: Sequence[Any], how: Attributes) -> Tensor:
    shape = np.broadcast_shapes(tuple(x[0].shape), tuple(_ints(how, 1) or []))
    expanded: Tensor = x[0].expand(shape)
    return expanded


def _average(x: Sequence[Any], how: Attributes) -> Tensor:
    counted = bool(how.get("count_include_pad", 0))
    pads = how.get("pads", [0, 0])[:2]
    return F.avg_pool2d(x[0], how["kernel_shape"], how.get("strides", [1, 1]), pads, False, counted)


def _highest(x: Sequence[Any], how: Attributes) -> Tensor:
    pads = how.get("pads", [0, 0])[:2]
    return F.max_pool2d(x[0], how["kernel_shape"], how.get("strides", [1, 1]), pads)


def _resize(x: Sequence[Any], how: Attributes) -> Tensor:
    mode = how["mode"].decode()
    sizes = _ints(how, 3)
    if sizes is None:
        sizes = [round(s * f) for s, f in zip(x[0].shape, how["numbers"][2], strict=True)]
    size = sizes[2:]
    if mode == "nearest":
        return F.interpolate(x[0], size=size, mode="nearest")
    return F.interpolate(x[0], size=size, mode="bilinear", align_corners=False)


def _top(x: Sequence[Any], how: Attributes) -> tuple[Tensor, Tensor]:
    values, places = torch.topk(x[0], how["numbers"][1][0], dim=how.get("axis", -1))
    return values, places


def _split(x: Sequence[Any], how: Attributes) -> tuple[Tensor, ...]:
    axis = how.get("axis", 0)
    if len(x) > 1:
        return torch.split(x[0], _ints(how, 1) or [], axis)
    return torch.chunk(x[0], how["num_outputs"], axis)


def _gather(x: Sequence[Any], how: Attributes) -> Tensor:
    axis, places = how.get("axis", 0), x[1]
    picked: Tensor = x[0].index_select(axis, places.reshape(-1))
    before, after = x[0].shape[:axis], x[0].shape[axis + 1 :]
    shape = (*before, *places.shape, *after)
    return picked.reshape(shape)


def _cast(x: Sequence[Any], how: Attributes) -> Tensor:
    kinds = {onnx.TensorProto.BOOL: torch.bool, onnx.TensorProto.FLOAT: torch.float32}
    cast: Tensor = x[0].to(kinds.get(how["to"], torch.int64))
    return cast


def _hard_sigmoid(x: Sequence[Any], how: Attributes) -> Tensor:
    return F.relu6(x[0] + 3) / 6  # the one of alpha 1/6, which is all there is


def _one(function: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda x, how: function(x[0])


def _two(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda x, how: function(x[0], x[1])


_OPERATORS: dict[str, Callable[[Sequence[Any], Attributes], Any]] = {
    "Abs": _one(torch.abs),
    "Add": _two(torch.add),
    "ArgMax": lambda x, how: x[0].argmax(how["axis"], bool(how.get("keepdims", 1))),
    "AveragePool": _average,
    "BatchNormalization": _norm,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": lambda x, how: torch.cat(list(x), how["axis"]),
    "Conv": _conv,
    "CumSum": lambda x, how: x[0].cumsum(how["numbers"][1][0]),
    "Div": _two(torch.div),
    "Equal": _two(torch.eq),
    "Exp": _one(torch.exp),
    "Expand": _expand,
    "Gather": _gather,
    "GatherElements": lambda x, how: torch.gather(x[0], how.get("axis", 0), x[1]),
    "Gemm": _gemm,
    "Greater": _two(torch.gt),
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _one(F.hardswish),
    "Log": _one(torch.log),
    "MatMul": _two(torch.matmul),
    "MaxPool": _highest,
    "Mul": _two(torch.mul),
    "ReduceL2": _reduce(lambda x, axes, keep: (x * x).sum(axes, keep).sqrt()),
    "ReduceMax": _reduce(lambda x, axes, keep: x.amax(axes, keep)),
    "ReduceMean": _reduce(lambda x, axes, keep: x.mean(axes, keep)),
    "ReduceSum": _reduce(lambda x, axes, keep: x.sum(axes, keep)),
    "Relu": _one(F.relu),
    "Reshape": _reshape,
    "Resize": _resize,
    "Sigmoid": _one(torch.sigmoid),
    "Slice": _slice,
    "Softplus": _one(F.softplus),
    "Split": _split,
    "Sqrt": _one(torch.sqrt),
    "Squeeze": _squeeze,
    "Sub": _two(torch.sub),
    "TopK": _top,
    "Transpose": lambda x, how: x[0].permute(how["perm"]),
    "Unsqueeze": _unsqueeze,
    "Where": lambda x, how: torch.where(x[0], x[1], x[2]),
}
