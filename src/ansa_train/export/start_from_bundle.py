"""Starts a head from the one that a bundle has: after a review, a few photos more take a minute."""

from __future__ import annotations

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from ansa.model.bundle import Bundle
from ansa_train.errors import TrainingError
from ansa_train.export.heads import keep_outputs
from ansa_train.models.mobilenet import fold_norms
from ansa_train.models.unpack_weights import unpack_weights


def start_from_bundle(network: nn.Module, bundle: Bundle, name: str) -> None:
    """Gives an untrained network the weights of the bundle's head of that name, in place.

    Weights are found by their names in the graph; those that were stored as int8 are unpacked. A
    graph has its batch norms folded into the convolutions before them, so the network gets them
    folded too, and trains on without them.

    Args:
        network: of the head, in the form that is exported.
        bundle: whose head is continued.
        name: of the head.

    Raises:
        TrainingError: the bundle has no such head, or its weights are of another network.
    """
    head = bundle.manifest.heads.get(name)
    if head is None:
        raise TrainingError(f"{bundle.path} has no head {name} to start from; set start = false")
    model = onnx.load_model_from_string(bundle.read(bundle.manifest.image.file))
    keep_outputs(model, {head.output})
    unpack_weights(model)
    known = {
        tensor.name.removesuffix(".float"): numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
    }
    fold_norms(network)
    state = network.state_dict()
    for key, value in state.items():
        if not value.is_floating_point():
            continue  # how often a norm saw a batch
        name_there = f"{head.output}/{key}"
        folded = f"{name_there.removesuffix('bias')}weight_bias"
        found = known.get(name_there, known.get(folded))
        if found is None or found.shape != tuple(value.shape):
            raise TrainingError(
                f"the head {name} of {bundle.path} has other weights than the network that is to "
                f"start from it ({key}); set start = false"
            )
        state[key] = torch.from_numpy(found.astype(np.float32))
    network.load_state_dict(state)
