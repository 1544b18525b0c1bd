"""Exports the towers as ONNX graphs with the inputs and outputs that a bundle promises."""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Sequence
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from ansa_train.models.mobilenet import fold_norms, normalise
from ansa_train.models.text_encoder import TextTower
from ansa_train.models.towers import ImageTower

OPSET = 20


STRIDES = (4, 8, 16, 32)
"""Of the maps that heads may branch from; half the input's resolution is too early for any."""


class FromPixels(nn.Module):
    """uint8 pixels (n, s, s, 3) -> vectors (n, dim), features (n, f) and the maps of STRIDES.

    Normalisation is part of the graph.
    """

    def __init__(self, tower: ImageTower) -> None:
        super().__init__()
        self.tower = tower

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Vectors, features and maps of uint8 pixels (n, s, s, 3)."""
        maps, features = self.tower.backbone.stages(normalise(pixels))
        return self.tower.embed(features), features, *(maps[s] for s in STRIDES if s in maps)


def export_image(tower: ImageTower, size: int) -> onnx.ModelProto:
    """The image graph: ``pixels`` uint8 (n, size, size, 3) -> ``embedding`` float32 (n, dim).

    Inside it the values that heads may branch from go by their names, so that heads can be put onto
    the graph by who has nothing but it: "features" and "stride4" to "stride32", as far as the
    network has them, beside "embedding" itself.

    Raises:
        ValueError: the network does not take squares of that size.
    """
    tower = copy.deepcopy(tower).eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    fold_norms(tower)  # a no-op where the run has folded them already
    tower.backbone.fit(size)
    pixels = torch.zeros(2, size, size, 3, dtype=torch.uint8)
    maps, _ = tower.backbone.stages(normalise(pixels[:1]))
    inside = ["features", *(f"stride{stride}" for stride in STRIDES if stride in maps)]
    module, inputs, shapes = FromPixels(tower), {"pixels": pixels}, {"pixels": {0: "n"}}
    model = export_graph(module, inputs, ["embedding", *inside], shapes)
    del model.graph.output[1:]
    return model


def export_text(tower: TextTower, max_tokens: int) -> onnx.ModelProto:
    """The text graph: ``ids``, ``mask`` int64 (n, t) -> ``embedding`` float32 (n, dim).

    Any t up to ``max_tokens`` is fine.

    Raises:
        ValueError: the network does not read texts that long.
    """
    if max_tokens > tower.positions:
        raise ValueError(f"the text network reads {tower.positions} tokens, not {max_tokens}")
    ids = torch.ones(2, min(8, max_tokens), dtype=torch.int64)
    shape = {0: "n", 1: "t"}
    inputs = {"ids": ids, "mask": torch.ones_like(ids)}
    shapes = {"ids": shape, "mask": shape}
    return export_graph(copy.deepcopy(tower).eval(), inputs, ["embedding"], shapes)


def export_graph(
    module: nn.Module,
    inputs: dict[str, Tensor],
    outputs: Sequence[str],
    shapes: dict[str, dict[int, str]],
) -> onnx.ModelProto:
    """Exports a module as a graph.

    Args:
        module: in evaluation.
        inputs: of its ``forward`` in their order, by the names they get in the graph.
        outputs: what the tensors it gives are called in the graph.
        shapes: names of the axes of the inputs that may be of any length.
    """
    dimensions: Any = tuple(
        dict.fromkeys(shapes.get(name, {}), torch.export.Dim.DYNAMIC) for name in inputs
    )
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            tuple(inputs.values()),
            input_names=list(inputs),
            output_names=[f"output.{name}" for name in outputs],
            dynamo=True,
            opset_version=OPSET,
            dynamic_shapes=dimensions,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    _rename_outputs(model.graph, outputs)
    for node in model.graph.node:  # drop the source locations the exporter leaves behind
        node.doc_string = ""
        del node.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.initializer, *model.graph.input):
        del value.metadata_props[:]
    return model


def _rename_outputs(graph: onnx.GraphProto, names: Sequence[str]) -> None:
    """Call the outputs by names that the exporter may have given to values inside."""
    renames = {name: f"{name}.inner" for name in names}
    renames |= {value.name: name for value, name in zip(graph.output, names, strict=True)}
    for node in graph.node:
        for values in (node.input, node.output):
            values[:] = [renames.get(value, value) for value in values]
    for value, name in zip(graph.output, names, strict=True):
        value.name = name
    del graph.value_info[:]
