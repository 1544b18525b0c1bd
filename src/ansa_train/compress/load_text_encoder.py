"""A bundle's text network as a module that can learn again, so that no checkpoint is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from ansa.model.analyzer import Analyzer
from ansa.model.bundle import Bundle
from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.errors import TrainingError
from ansa_train.export.weights_int8 import unpack_weights
from ansa_train.models.feature_taps import session
from ansa_train.models.text_encoder import TextTower

ALIKE = 0.999
"""Least cosine between what the network and the module say of a text."""

BATCH = 64

_TEXTS = ("a dog runs along the beach", "people at a table", "sunset")


def load_text_encoder(bundle: Bundle, tower: TextTower, tokens: TokenBatches) -> None:
    """Gives a tower the weights of a bundle's text network, in place.

    Args:
        bundle: with weights in int8 or float32, arithmetic in float32.
        tower: of the same shape, in evaluation.
        tokens: by the bundle's tokenizer.

    Raises:
        TrainingError: the network is of another shape, or was made into something else since.
    """
    model = onnx.load_model_from_string(bundle.read(bundle.manifest.text.file))
    unpack_weights(model)
    known = {name: torch.from_numpy(array.copy()) for name, array in _weights(model.graph)}
    state = tower.state_dict()
    if "segment" in state:  # the graph has the one row that is used, under a name of its own
        rest = [known[n] for n in known.keys() - state.keys() if known[n].shape == (tower.width,)]
        known["segment"] = torch.stack([*rest[:1], torch.zeros(tower.width)])
    fits = all(name in known and known[name].shape == state[name].shape for name in state)
    if fits:
        tower.load_state_dict({name: known[name] for name in state})
        with torch.no_grad():
            ours = tower(*tokens(_TEXTS))
        fits = bool((ours.numpy() * Analyzer(bundle).embed_text(_TEXTS)).sum(1).min() > ALIKE)
    if not fits:
        raise TrainingError(
            f"{bundle.path}: its text network is none of that shape as `ansa export` of a run "
            "writes it; give the bundle as it was before, or the right name of the network"
        )


def tokens_of(bundle: Bundle, folder: Path) -> TokenBatches:
    """Makes a tokenizer as the bundle's, which is written into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    text = bundle.manifest.text
    file = folder / "tokenizer.json"
    file.write_bytes(bundle.read(text.tokenizer))
    return TokenBatches(text.max_tokens, file)


@torch.no_grad()
def read(tower: TextTower, tokens: TokenBatches, texts: Sequence[str]) -> Tensor:
    """The vectors (n, d) of texts. Texts of similar length are computed together."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found = [torch.zeros(0, tower.project.out_features)]
    for start in range(0, len(order), BATCH):
        found.append(tower(*tokens([texts[i] for i in order[start : start + BATCH]])))
    back = torch.empty(len(order), dtype=torch.int64)
    back[order] = torch.arange(len(order))
    return torch.cat(found)[back]


def read_graph(
    model: bytes, inputs: Sequence[str], tokens: TokenBatches, texts: Sequence[str]
) -> Tensor:
    """The vectors (n, d) of texts by an exported text network, one by one, as in the runtime.

    Args:
        model: the graph.
        inputs: names of its ids and mask.
        tokens: by the bundle's tokenizer.
        texts: any number.
    """
    run = session(model).run
    found = []
    for text in texts:
        given = (each.numpy() for each in tokens([text]))
        found.append(run(["embedding"], dict(zip(inputs, given, strict=True)))[0])
    return torch.from_numpy(np.concatenate(found))


def _weights(graph: onnx.GraphProto) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Weights by the names that the module has for them, as far as the graph tells."""
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    yield from ((name.removesuffix(".float"), array) for name, array in arrays.items())
    # The exporter names a layer's bias after the module, but turns its weight and renames it.
    added = {value: node for node in graph.node if node.op_type == "Add" for value in node.input}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in arrays and node.output[0] in added:
            for name in added[node.output[0]].input:
                if name.endswith(".bias"):
                    yield name.removesuffix("bias") + "weight", arrays[node.input[1]].T
