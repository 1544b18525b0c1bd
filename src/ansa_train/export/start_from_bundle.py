"""Starts a head from the one that a bundle has: after a review, a few photos more take a minute."""

from __future__ import annotations

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from ansa.model.bundle import Bundle
from ansa_train.errors import TrainingError


def start_from_bundle(network: nn.Module, bundle: Bundle, name: str) -> None:
    """Gives an untrained network the weights of the bundle's head of that name, in place.

    Weights are found by their names in the graph; those that were stored as int8 are unpacked.

    Args:
        network: of the head.
        bundle: whose head is continued.
        name: of the head.

    Raises:
        TrainingError: the bundle has no such head, or its weights are of another network.
    """
    head = bundle.manifest.heads.get(name)
    if head is None:
        raise TrainingError(f"{bundle.path} has no head {name} to start from; set start = false")
    model = onnx.load_model_from_string(bundle.read(bundle.manifest.image.file))
    stored = {tensor.name: tensor for tensor in model.graph.initializer}
    axes = {
        node.input[0]: next((a.i for a in node.attribute if a.name == "axis"), 1)
        for node in model.graph.node
        if node.op_type == "DequantizeLinear"
    }
    state = network.state_dict()
    for key, value in state.items():
        if not value.is_floating_point():
            continue  # how often a norm saw a batch
        found = _values(stored, axes, f"{head.output}/{key}")
        if found is None or found.shape != tuple(value.shape):
            raise TrainingError(
                f"the head {name} of {bundle.path} has other weights than the network that is to "
                f"start from it ({key}); set start = false"
            )
        state[key] = torch.from_numpy(found.astype(np.float32))
    network.load_state_dict(state)


def _values(
    stored: dict[str, onnx.TensorProto], axes: dict[str, int], name: str
) -> NDArray[np.float32] | None:
    if name in stored:
        whole: NDArray[np.float32] = numpy_helper.to_array(stored[name]).copy()
        return whole
    packed, scale = stored.get(f"{name}.int8"), stored.get(f"{name}.scale")
    if packed is None or scale is None:
        return None
    values = numpy_helper.to_array(packed).astype(np.float32)
    steps = numpy_helper.to_array(scale).astype(np.float32)
    shape = [1] * values.ndim
    if steps.ndim:
        shape[axes.get(f"{name}.int8", 0)] = -1
    unpacked: NDArray[np.float32] = values * steps.reshape(shape)
    return unpacked
