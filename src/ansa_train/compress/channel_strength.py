"""Inner channels of an image network's blocks: which matter least, and the graph without them.

A block widens what it reads, filters every channel by itself and narrows it again (Sandler et al.,
"MobileNetV2", 2018). Nobody outside sees the channels in between, so that some can be left out and
nothing else changes its shape: structured pruning (Li et al., "Pruning Filters for Efficient
ConvNets", 2017), which saves time on every processor, as single zeros do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from ansa.scene import Pixels
from ansa_train.errors import TrainingError
from ansa_train.models.feature_taps import session

EIGHT = 8
"""Blocks keep a multiple of so many channels, as processors compute them together."""

_PART = re.compile(
    r"(?P<block>.*\.trunk\.\d+)\."
    r"(?P<part>expand|depthwise|squeeze\.reduce|squeeze\.expand|project)\b"
)
# Which axis of each part's weights stands for the inner channels; biases have one axis.
_AXES = {"expand": 0, "depthwise": 0, "squeeze.reduce": 1, "squeeze.expand": 0, "project": 1}
_UNBIASED = ("squeeze.reduce", "project")  # their biases are of other channels

Strengths = Mapping[str, NDArray[np.float64]]
"""Of each inner channel of every block: its share in what the block gives."""


def channel_strengths(model: onnx.ModelProto, pictures: Sequence[Pixels]) -> Strengths:
    """How much each inner channel contributes, for channels that only their own block reads.

    It is the root of the channel's mean square over photos times the length of the weights that
    read it (after Sun et al., "A Simple and Effective Pruning Approach for Large Language Models",
    2024).

    Args:
        model: with float32 weights, named as ``ansa export`` names them.
        pictures: uint8 (size, size, 3) each.

    Raises:
        TrainingError: the network has no such blocks.
    """
    weights = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    parts = [found for name in weights if (found := _PART.match(name))]
    wide = {found["block"] for found in parts if found["part"] == "expand"}
    uses = Counter(name for node in model.graph.node for name in node.input)
    for node in model.graph.node:
        found = _PART.match(node.input[1]) if node.op_type == "Conv" else None
        if found and found["part"] == "depthwise" and uses[node.input[0]] > 1:
            wide.discard(found["block"])  # something outside reads its channels too
    reads: dict[str, tuple[str, NDArray[Any]]] = {}
    for node in model.graph.node:
        found = _PART.match(node.input[1]) if node.op_type == "Conv" else None
        if found and found["part"] == "project" and found["block"] in wide:
            reads[found["block"]] = node.input[0], weights[node.input[1]]
    if not reads:
        raise TrainingError("the network has no blocks that widen; there is nothing to leave out")
    looked = onnx.ModelProto.FromString(model.SerializeToString())
    names = [source for source, _ in reads.values()]
    del looked.graph.output[:]
    looked.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    run = session(looked.SerializeToString()).run
    squares = [np.zeros(weight.shape[1]) for _, weight in reads.values()]
    for picture in pictures:
        values = run(names, {model.graph.input[0].name: picture[np.newaxis]})
        for total, value in zip(squares, values, strict=True):
            total += np.square(value[0], dtype=np.float64).mean((1, 2))
    strong = {}
    for (block, (_, weight)), total in zip(reads.items(), squares, strict=True):
        gives = np.sqrt(total) * np.linalg.norm(weight[:, :, 0, 0], axis=0)
        strong[block] = gives / max(1e-12, float(np.linalg.norm(gives)))
    return strong


def strongest_channels(strong: Strengths, share: float) -> dict[str, NDArray[np.int64]]:
    """The inner channels that each block keeps if a share of all channels is left out.

    Blocks lose as many as they have weak ones, at most half of their channels.
    """
    all_of_them = np.concatenate([np.asarray(gives) for gives in strong.values()])
    weakest = np.argsort(all_of_them, kind="stable")[: round(share * len(all_of_them))]
    is_weak = np.zeros(len(all_of_them), bool)
    is_weak[weakest] = True  # by rank, since channels that are never used are all alike
    kept = {}
    begin = 0
    for block, gives in strong.items():
        weak = int(is_weak[begin : begin + len(gives)].sum())
        begin += len(gives)
        wanted = max(len(gives) - weak, len(gives) // 2)
        count = min(len(gives), -(-wanted // EIGHT) * EIGHT)
        kept[block] = np.sort(np.argsort(-gives, kind="stable")[:count])
    return kept


def leave_out(model: onnx.ModelProto, kept: Mapping[str, NDArray[np.int64]]) -> None:
    """Keeps only some inner channels of blocks, in place.

    Args:
        model: with float32 weights.
        kept: by block, see :func:`strongest_channels`.
    """
    for tensor in model.graph.initializer:
        found = _PART.match(tensor.name)
        if found is None or found["block"] not in kept:
            continue
        array = numpy_helper.to_array(tensor)
        if array.ndim == 1 and found["part"] in _UNBIASED:
            continue
        axis = 0 if array.ndim == 1 else _AXES[found["part"]]
        fewer = np.ascontiguousarray(array.take(kept[found["block"]], axis))
        tensor.CopyFrom(numpy_helper.from_array(fewer, tensor.name))
    for node in model.graph.node:
        found = _PART.match(node.input[1]) if node.op_type == "Conv" else None
        if found and found["part"] == "depthwise" and found["block"] in kept:
            for attribute in node.attribute:
                if attribute.name == "group":
                    attribute.i = len(kept[found["block"]])
    del model.graph.value_info[:]  # shapes of values inside are others now
    onnx.checker.check_model(model)
