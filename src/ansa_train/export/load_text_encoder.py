"""A bundle's text network as a module that can learn again, so that no checkpoint is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor

from ansa.model.analyzer import Analyzer
from ansa.model.bundle import Bundle
from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.models.bundle_text import other_shape, take_weights
from ansa_train.models.feature_taps import session
from ansa_train.models.text_encoder import TextTower
from ansa_train.models.unpack_weights import fold_eveners, unpack_products, unpack_weights

ALIKE = 0.999
"""Least cosine between what the network and the module say of a text."""

ALIKE_ROUNDED = 0.99
"""The same where the network's activations are rounded to whole numbers."""

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
    _take_all(bundle, tower, tokens, model, ALIKE)


def load_text_network(bundle: Bundle, tower: TextTower, tokens: TokenBatches) -> None:
    """The same for a network whose arithmetic may be in whole numbers, in place.

    Args:
        bundle: with any arithmetic; what is rounded stays rounded.
        tower: of the same shape, in evaluation.
        tokens: by the bundle's tokenizer.

    Raises:
        TrainingError: the network is of another shape.
    """
    model = onnx.load_model_from_string(bundle.read(bundle.manifest.text.file))
    unpack_products(model)
    fold_eveners(model)
    _take_all(bundle, tower, tokens, model, ALIKE_ROUNDED)


def _take_all(
    bundle: Bundle, tower: TextTower, tokens: TokenBatches, model: onnx.ModelProto, alike: float
) -> None:
    take_weights(bundle, tower, model, tower.state_dict().keys())
    with torch.no_grad():
        ours = tower(*tokens(_TEXTS))
    if (ours.numpy() * Analyzer(bundle).embed_text(_TEXTS)).sum(1).min() <= alike:
        raise other_shape(bundle)


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
