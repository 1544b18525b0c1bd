"""Loads pretrained weights into our modules: EfficientNet-Lite and MiniLM."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from ansa_train.checkpoint import load
from ansa_train.errors import TrainingError
from ansa_train.models.minilm import MiniLM
from ansa_train.models.mobilenet import Backbone, InvertedResidual, SqueezeExcite
from ansa_train.models.towers import Towers
from ansa_train.pretrained import load_weights


def _copy_conv_norm(module: nn.Module, weights: dict[str, Tensor], conv: str, norm: str) -> None:
    assert isinstance(module, nn.Sequential)
    module[1].load_state_dict({"weight": weights[f"{conv}.weight"]})
    state = {
        name: weights[f"{norm}.{name}"]
        for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    }
    module[2].load_state_dict(state)


def efficientnet_lite(part: str, backbone: Backbone) -> nn.Linear:
    """Loads an EfficientNet-Lite into a backbone of the same block table.

    Squeeze-excite gates, which EfficientNet-Lite lacks, keep their start at one.

    Args:
        part: "efficientnet-lite0" or "efficientnet-lite2".
        backbone: changed in place.

    Returns:
        The classifier over the 1,000 ImageNet classes, (n, features) -> (n, 1000) logits; it reads
        the features EfficientNet-Lite has, and the others not yet.
    """
    weights = load_weights(part)
    stem = backbone.trunk[0]
    assert isinstance(stem, nn.Sequential)
    _copy_conv_norm(stem[0], weights, "_conv_stem", "_bn0")
    for i, block in enumerate(list(backbone.trunk)[1:]):
        assert isinstance(block, InvertedResidual)
        prefix = f"_blocks.{i}."
        if not isinstance(block.expand, nn.Identity):
            _copy_conv_norm(block.expand, weights, f"{prefix}_expand_conv", f"{prefix}_bn0")
        _copy_conv_norm(block.depthwise, weights, f"{prefix}_depthwise_conv", f"{prefix}_bn1")
        _copy_conv_norm(block.project, weights, f"{prefix}_project_conv", f"{prefix}_bn2")
    _copy_conv_norm(backbone.last[0], weights, "_conv_head", "_bn1")
    for module in backbone.modules():
        if isinstance(module, SqueezeExcite):
            assert not module.expand.weight.any()
    classifier = nn.Linear(backbone.features, 1000)
    known = weights["_fc.weight"]
    rest = torch.zeros(len(known), backbone.features - known.shape[1])
    classifier.load_state_dict({"weight": torch.cat([known, rest], 1), "bias": weights["_fc.bias"]})
    return classifier


def earlier_run(file: Path, towers: Towers, classifier: nn.Linear) -> None:
    """Loads the averaged weights of another run.

    A run that classified gives its backbone only. A layer that reads more features than it did then
    reads the new ones with weight zero.

    Raises:
        TrainingError: there is no checkpoint there, or it is of another architecture.
    """
    state = load(file)
    _take(file, towers, state["averaged"], partial="image.backbone.")
    if state.get("classifier"):
        _take(file, classifier, state["classifier"])


def _take(file: Path, module: nn.Module, saved: dict[str, Tensor], partial: str = "") -> None:
    own = module.state_dict()
    some = {name for name in own if partial and name.startswith(partial)}
    if saved.keys() not in (own.keys(), some):
        raise TrainingError(
            f"{file} is of another architecture than the recipe's; give the recipe that one"
        )
    for name, start in saved.items():
        tensor = own[name]
        if start.shape != tensor.shape:
            if start.ndim != 2 or len(start) != len(tensor) or start.numel() > tensor.numel():
                raise TrainingError(
                    f"{file}: {name} has another shape than the recipe's; "
                    "set its sizes as they were in that run"
                )
            start = torch.cat([start, torch.zeros(len(start), tensor.shape[1] - start.shape[1])], 1)
        if not torch.equal(tensor, start):  # averaging loses the sign of zeros; views check bits
            tensor.copy_(start)


def minilm(tower: MiniLM) -> None:
    """Loads MiniLM-L6 into a text tower of the same shape. Its projection stays as it is."""
    weights = load_weights("minilm")
    state = tower.state_dict()
    with torch.no_grad():
        for name, tensor in state.items():
            if not name.startswith(("project", "expand", "contract")):
                tensor.copy_(weights[_bert_name(name)])


def _bert_name(name: str) -> str:
    """Our parameter name -> the name in a BERT checkpoint."""
    if name == "token.weight":
        return "embeddings.word_embeddings.weight"
    if name == "position.weight":
        return "embeddings.position_embeddings.weight"
    if name == "segment":
        return "embeddings.token_type_embeddings.weight"
    if name.startswith("norm."):
        return name.replace("norm.", "embeddings.LayerNorm.")
    _, index, rest = name.split(".", 2)
    for ours, theirs in (
        ("query.", "attention.self.query."),
        ("key.", "attention.self.key."),
        ("value.", "attention.self.value."),
        ("merge.", "attention.output.dense."),
        ("norm1.", "attention.output.LayerNorm."),
        ("widen.", "intermediate.dense."),
        ("narrow.", "output.dense."),
        ("norm2.", "output.LayerNorm."),
    ):
        if rest.startswith(ours):
            return f"encoder.layer.{index}.{rest.replace(ours, theirs)}"
    raise KeyError(name)
