"""Takes the weights of a text network out of a bundle, for a module of the same layers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from ansa.model.bundle import Bundle
from ansa_train.errors import TrainingError
from ansa_train.models.text_encoder import TextTower
from ansa_train.models.unpack_weights import fold_eveners, unpack_products


def load_text_layers(folder: Path, tower: TextTower) -> None:
    """Gives a tower the token table and the layers of a bundle's text network, in place.

    What leads from them to the shared space stays as it is. Where the bundle's arithmetic is in
    whole numbers, the layers say nearly the same in floats.

    Args:
        folder: of the bundle; its text network may have any arithmetic.
        tower: of the same layers.

    Raises:
        BundleError: there is no bundle there.
        TrainingError: the network has other layers.
    """
    bundle = Bundle.open(folder)
    model = onnx.load_model_from_string(bundle.read(bundle.manifest.text.file))
    unpack_products(model)
    fold_eveners(model)
    head = {id(parameter) for parameter in tower.head()}
    names = {name for name, parameter in tower.named_parameters() if id(parameter) not in head}
    take_weights(bundle, tower, model, names)


def take_weights(
    bundle: Bundle, tower: TextTower, model: onnx.ModelProto, names: Collection[str]
) -> None:
    """Gives a tower some weights of a bundle's text network, in place.

    Args:
        bundle: named in errors.
        tower: of the same shape.
        model: its network, with weights in float32.
        names: of the tower's parameters.

    Raises:
        TrainingError: the network has no such weights, or of another shape.
    """
    known = {name: torch.from_numpy(array.copy()) for name, array in _weights(model.graph)}
    state = tower.state_dict()
    if "segment" in state:  # the graph has the one row that is used, under a name of its own
        rest = [known[n] for n in known.keys() - state.keys() if known[n].shape == (tower.width,)]
        known["segment"] = torch.stack([*rest[:1], torch.zeros(tower.width)])
    if not all(name in known and known[name].shape == state[name].shape for name in names):
        raise other_shape(bundle)
    tower.load_state_dict(state | {name: known[name] for name in names})


def other_shape(bundle: Bundle) -> TrainingError:
    """The error that says that a bundle's text network is not of the wanted shape."""
    return TrainingError(
        f"{bundle.path}: its text network is none of that shape as `ansa export` of a run "
        "writes it; give the bundle as it was before, or the right name of the network"
    )


def _weights(graph: onnx.GraphProto) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Weights by the names that the module has for them, as far as the graph tells."""
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    # A product in whole numbers that has no bias keeps its name, and its weight is turned.
    turned = {n.input[1] for n in graph.node if n.op_type == "MatMul"}
    for name, array in arrays.items():
        yield name.removesuffix(".float"), array.T if name in turned else array
    # The exporter names a layer's bias after the module, but turns its weight and renames it.
    added = {value: node for node in graph.node if node.op_type == "Add" for value in node.input}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in arrays and node.output[0] in added:
            for name in added[node.output[0]].input:
                if name.endswith(".bias"):
                    yield name.removesuffix("bias") + "weight", arrays[node.input[1]].T
