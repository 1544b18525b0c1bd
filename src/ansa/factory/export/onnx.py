"""The towers as ONNX graphs in the form a bundle promises."""

from __future__ import annotations

import copy
import logging
import warnings
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from ansa.factory.backbone import fold_norms, normalise
from ansa.factory.text import TextTower
from ansa.factory.towers import ImageTower

OPSET = 20


class FromPixels(nn.Module):
    """uint8 pixels (n, s, s, 3) -> vectors (n, dim): normalisation is part of the graph."""

    def __init__(self, tower: ImageTower) -> None:
        super().__init__()
        self.tower = tower

    def forward(self, pixels: Tensor) -> Tensor:
        """See the class."""
        vectors: Tensor = self.tower(normalise(pixels))
        return vectors


def export_image(tower: ImageTower, size: int) -> onnx.ModelProto:
    """The image graph: ``pixels`` uint8 (n, size, size, 3) -> ``embedding`` float32 (n, dim).

    Raises:
        ValueError: the network does not take squares of that size.
    """
    tower = copy.deepcopy(tower).eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    fold_norms(tower)  # a no-op where the run has folded them already
    tower.backbone.fit(size)
    pixels = torch.zeros(2, size, size, 3, dtype=torch.uint8)
    return _export(FromPixels(tower), {"pixels": pixels}, {"pixels": {0: "n"}})


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
    return _export(copy.deepcopy(tower).eval(), inputs, {"ids": shape, "mask": shape})


def _export(
    module: nn.Module, inputs: dict[str, Tensor], shapes: dict[str, dict[int, str]]
) -> onnx.ModelProto:
    dimensions: dict[str, Any] = {
        name: dict.fromkeys(axes, torch.export.Dim.DYNAMIC) for name, axes in shapes.items()
    }
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            kwargs=inputs,
            input_names=list(inputs),
            output_names=["unit_vectors"],
            dynamo=True,
            opset_version=OPSET,
            dynamic_shapes=dimensions,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    _rename_output(model.graph, "embedding")
    for node in model.graph.node:  # drop the source locations the exporter leaves behind
        node.doc_string = ""
        del node.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.initializer, *model.graph.input):
        del value.metadata_props[:]
    return model


def _rename_output(graph: onnx.GraphProto, name: str) -> None:
    """Call the only output ``name``, which the exporter may have given to a value inside."""
    renames = {name: f"{name}.inner", graph.output[0].name: name}
    for node in graph.node:
        for values in (node.input, node.output):
            values[:] = [renames.get(value, value) for value in values]
    graph.output[0].name = name
    del graph.value_info[:]
