from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from ansa_train.errors import TrainingError
from ansa_train.models import warm_start
from ansa_train.models.minilm import MiniLM
from ansa_train.models.mobilenet import Backbone
from ansa_train.models.towers import Towers
from tests.ansa_train.random_parts import LITE, lite_blocks, lite_weights, minilm_weights

Weights = dict[str, Tensor]


def _lite_features(weights: Weights, name: str, x: Tensor) -> Tensor:
    """EfficientNet-Lite as published, from its checkpoint: (n, 3, s, s) -> (n, 1280)."""

    def conv(x: Tensor, conv: str, norm: str, stride: int = 1) -> Tensor:
        weight = weights[f"{conv}.weight"]
        size, kernel = x.shape[-1], weight.shape[-1]
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)  # SAME
        pad = (total // 2, total - total // 2)
        groups = x.shape[1] // weight.shape[1]
        x = F.conv2d(F.pad(x, pad * 2), weight, stride=stride, groups=groups)
        mean, var = weights[f"{norm}.running_mean"], weights[f"{norm}.running_var"]
        scale, bias = weights[f"{norm}.weight"], weights[f"{norm}.bias"]
        return F.batch_norm(x, mean, var, scale, bias, eps=1e-3)

    x = F.relu6(conv(x, "_conv_stem", "_bn0", 2))
    for i, (expansion, _, stride, inputs, out) in enumerate(lite_blocks(name)):
        block = f"_blocks.{i}."
        y = x
        if expansion > 1:
            y = F.relu6(conv(y, f"{block}_expand_conv", f"{block}_bn0"))
        y = F.relu6(conv(y, f"{block}_depthwise_conv", f"{block}_bn1", stride))
        y = conv(y, f"{block}_project_conv", f"{block}_bn2")
        x = x + y if stride == 1 and inputs == out else y
    return F.relu6(conv(x, "_conv_head", "_bn1")).mean((2, 3))


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize("name", LITE)
def test_a_warm_started_efficientnet_lite_is_the_published_one(name: str) -> None:
    weights = lite_weights(name, list(LITE).index(name))
    backbone = Backbone(name).eval()
    classifier = warm_start.efficientnet_lite(name, backbone)
    pixels = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        expected = _lite_features(weights, name, pixels)
        torch.testing.assert_close(backbone(pixels), expected, atol=1e-4, rtol=1e-4)
        logits = expected @ weights["_fc.weight"].T + weights["_fc.bias"]
        torch.testing.assert_close(classifier(expected), logits, atol=1e-4, rtol=1e-4)
    assert expected.std() > 0.01


@pytest.mark.usefixtures("parts")
def test_our_mobilenetv3_starts_as_the_function_of_efficientnet_lite0() -> None:
    backbone = Backbone("mobilenetv3").eval()
    classifier = warm_start.efficientnet_lite("efficientnet-lite0", backbone)
    for activation in backbone.activations():
        activation.blend = 0.0
    weights = lite_weights("efficientnet-lite0")
    pixels = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        expected = _lite_features(weights, "efficientnet-lite0", pixels)
        features = backbone(pixels)
        torch.testing.assert_close(features[:, :1280], expected, atol=1e-4, rtol=1e-4)
        lite = weights["_fc.weight"], weights["_fc.bias"]
        torch.testing.assert_close(
            classifier(features), F.linear(expected, *lite), atol=1e-4, rtol=1e-4
        )
        for activation in backbone.activations():
            activation.blend = 1.0
        assert (backbone(pixels)[:, :1280] - expected).abs().max() > 0.01


def _bert(weights: Weights, ids: Tensor) -> Tensor:
    """BERT as published, from its checkpoint: (n, t) ids without padding -> (n, t, 384)."""

    def linear(x: Tensor, key: str) -> Tensor:
        return x @ weights[f"{key}.weight"].T + weights[f"{key}.bias"]

    def norm(x: Tensor, key: str) -> Tensor:
        return F.layer_norm(
            x, x.shape[-1:], weights[f"{key}.weight"], weights[f"{key}.bias"], 1e-12
        )

    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
    x = norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for i in range(6):
        layer = f"encoder.layer.{i}"
        q, k, v = (
            linear(x, f"{layer}.attention.self.{part}").view(*ids.shape, 12, 32).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        attention = (q @ k.transpose(-1, -2) / 32**0.5).softmax(-1) @ v
        merged = linear(attention.transpose(1, 2).flatten(2), f"{layer}.attention.output.dense")
        x = norm(x + merged, f"{layer}.attention.output.LayerNorm")
        wide = F.gelu(linear(x, f"{layer}.intermediate.dense"))
        x = norm(x + linear(wide, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return x


@pytest.mark.usefixtures("parts")
def test_a_warm_started_text_tower_is_minilm() -> None:
    tower = MiniLM(64).eval()
    projection = tower.project.weight.clone()
    warm_start.minilm(tower)
    ids = torch.tensor([[101, 1037, 3899, 102], [101, 30000, 7, 102]])
    mask = torch.ones_like(ids)
    with torch.inference_mode():
        hidden = tower.hidden(tower.embed_tokens(ids), mask, 0, 6)
        torch.testing.assert_close(hidden, _bert(minilm_weights(), ids), atol=1e-4, rtol=1e-4)
    assert torch.equal(tower.project.weight, projection)


@pytest.mark.usefixtures("parts")
def test_a_tower_of_another_shape_is_refused(parts: Path) -> None:
    with pytest.raises(RuntimeError):
        warm_start.efficientnet_lite("efficientnet-lite2", Backbone("efficientnet-lite0"))


def _earlier(towers: Towers, classifier: nn.Linear) -> dict[str, Any]:
    """A checkpoint from before features and text pooling had their later parts."""
    averaged = {name: tensor.clone() for name, tensor in towers.state_dict().items()}
    averaged["image.project.weight"] = torch.randn(16, 1280)
    averaged["text.project.weight"] = torch.randn(16, 384)
    known = {"weight": torch.randn(1000, 1280), "bias": torch.randn(1000)}
    assert classifier.weight.shape == (1000, 3232)
    return {"step": 1, "averaged": averaged, "classifier": known}


def test_a_run_started_from_an_earlier_one_says_at_first_what_that_one_said(
    tmp_path: Path,
) -> None:
    torch.manual_seed(0)
    towers = Towers("mobilenetv3", "minilm", 16).eval()
    classifier = nn.Linear(towers.image.backbone.features, 1000)
    saved = _earlier(towers, classifier)
    torch.save(saved, tmp_path / "checkpoint.pt")
    warm_start.earlier_run(tmp_path / "checkpoint.pt", towers, classifier)
    ids = torch.tensor([[101, 1037, 3899, 102, 0]])
    mask = (ids > 0).long()
    with torch.inference_mode():
        features = towers.image.backbone(torch.randn(2, 3, 64, 64))
        photo = F.normalize(features[:, :1280] @ saved["averaged"]["image.project.weight"].T)
        torch.testing.assert_close(towers.image.embed(features), photo)
        logits = F.linear(features[:, :1280], **saved["classifier"])
        torch.testing.assert_close(classifier(features), logits)
        hidden = towers.text.hidden(towers.text.embed_tokens(ids), mask, 0, 6)
        mean = hidden[:, :4].mean(1)
        text = F.normalize(mean @ saved["averaged"]["text.project.weight"].T)
        torch.testing.assert_close(towers.text(ids, mask), text)


def test_a_run_is_not_started_from_one_of_other_networks(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.pt"
    classifier = nn.Linear(256, 10)
    tiny = Towers("tiny", "tiny", 16)
    state = {"averaged": tiny.state_dict(), "classifier": classifier.state_dict()}
    torch.save({"step": 1, **state}, file)
    with pytest.raises(TrainingError, match="is of another architecture than the recipe's"):
        warm_start.earlier_run(file, Towers("tiny", "minilm", 16), classifier)
    with pytest.raises(TrainingError, match=r"image.project.weight has another shape"):
        warm_start.earlier_run(file, Towers("tiny", "tiny", 8), classifier)
