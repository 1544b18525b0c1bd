"""Joins heads to a bundle's image network: one graph and one pass for every signal."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper
from torch import nn

from ansa_train.data.feature_tap_cache import FeatureTapCache
from ansa_train.export.onnx import export_graph
from ansa_train.export.weights_int8 import quantize_weights
from ansa_train.models.feature_taps import session

OUTPUT = "signal"
"""What the only output of a head's own graph is called."""

BATCH = 64


@dataclass(frozen=True, slots=True)
class HeadGraph:
    """A head as a graph of its own: feature taps -> ``signal``, float32 (n, *shape)."""

    model: bytes
    shape: tuple[int, ...]

    def run(self, cache: FeatureTapCache, branches: Sequence[str], pictures: int) -> NDArray[Any]:
        """The head's output for pictures whose feature taps are cached, (pictures, *shape)."""
        network = session(self.model)
        outputs = [np.zeros((0, *self.shape), np.float32)]
        for start in range(0, pictures, BATCH):
            rows = range(start, min(start + BATCH, pictures))
            values = (value.numpy() for value in cache.rows(branches, rows))
            feeds = dict(zip(branches, values, strict=True))
            outputs.append(network.run([OUTPUT], feeds)[0])
        return np.concatenate(outputs)


def export_head(
    network: nn.Module, branches: Sequence[str], shapes: Mapping[str, tuple[int, ...]]
) -> HeadGraph:
    """A head's network, branches (n, ...) -> (n, *shape), as a graph with weights in int8."""
    network = copy.deepcopy(network).eval()
    inputs = {name: torch.zeros(2, *shapes[name]) for name in branches}
    with torch.no_grad():
        shape = tuple(network(*inputs.values()).shape[1:])
    axes = {name: {0: "n"} for name in branches}
    model = export_graph(network, inputs, [OUTPUT], axes)
    quantize_weights(model)
    return HeadGraph(model.SerializeToString(), shape)


def join(image: onnx.ModelProto, name: str, head: onnx.ModelProto, shape: Sequence[int]) -> str:
    """Adds a head's graph to the image network's, in place, and returns the name of its output."""
    output = f"head.{name}"
    branches = {value.name for value in head.graph.input}

    def renamed(value: str) -> str:
        if not value or value in branches:
            return value
        return output if value == OUTPUT else f"{output}/{value}"

    for node in head.graph.node:
        node.name = node.name and f"{output}/{node.name}"  # those that unpack weights have none
        node.input[:] = [renamed(value) for value in node.input]
        node.output[:] = [renamed(value) for value in node.output]
        image.graph.node.append(node)
    for tensor in head.graph.initializer:
        tensor.name = renamed(tensor.name)
        image.graph.initializer.append(tensor)
    axes: list[str | int | None] = ["n", *shape]
    image.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, axes))
    return output


def keep_outputs(image: onnx.ModelProto, names: Collection[str]) -> None:
    """Removes all that some outputs do not need, in place."""
    kept = [value for value in image.graph.output if value.name in names]
    del image.graph.output[:]
    image.graph.output.extend(kept)
    needed = set(names)
    nodes = []
    for node in reversed(image.graph.node):
        if needed & set(node.output):
            needed |= set(node.input)
            nodes.append(node)
    del image.graph.node[:]
    image.graph.node.extend(reversed(nodes))
    tensors = [tensor for tensor in image.graph.initializer if tensor.name in needed]
    del image.graph.initializer[:]
    image.graph.initializer.extend(tensors)
