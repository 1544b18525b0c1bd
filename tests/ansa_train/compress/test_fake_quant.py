from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ansa import Bundle
from ansa_train.compress.fake_quant import FakeQuantization
from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.export.dynamic_quant import quantize_products
from ansa_train.export.load_text_encoder import read, read_graph, tokens_of
from ansa_train.export.onnx import export_text
from ansa_train.models.minilm import MiniLM
from ansa_train.models.text_encoder import TextTower
from ansa_train.models.transformer import TransformerLayer

TEXTS = ["a dog", "two people at a table with a cake on it", "sunset over the sea", "a red car"]


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> TokenBatches:
    return tokens_of(Bundle.open(), tmp_path_factory.mktemp("tokens"))


@pytest.fixture(scope="module")
def tower() -> TextTower:
    """Untrained, with a few channels much louder than the rest, as trained ones have them."""
    torch.manual_seed(0)
    tower = MiniLM(32, vocabulary=30522, width=48, layers=2, heads=4, positions=32).eval()
    with torch.no_grad():
        for layer in tower.modules():
            if not isinstance(layer, TransformerLayer):
                continue
            layer.norm1.weight[:3] = 12.0
            layer.norm2.weight[5:7] = 9.0
            for part in (layer.widen, layer.narrow, layer.merge):
                part.weight.mul_(3.0)
    return tower.requires_grad_(True)


def test_it_computes_what_ships_whatever_a_text_is_batched_with(
    tower: TextTower, tokens: TokenBatches, tmp_path: Path
) -> None:
    model = export_text(tower, 32)
    feeds = [
        dict(zip(("ids", "mask"), (t.numpy() for t in tokens([text])), strict=True))
        for text in TEXTS
    ]
    quantize_products(model, feeds)
    shipped = read_graph(model.SerializeToString(), ("ids", "mask"), tokens, TEXTS)
    rounding = FakeQuantization(tower, tokens, TEXTS)
    with torch.no_grad():
        ids, mask = tokens(TEXTS)
        together = rounding(tower, ids, mask)
        apart = torch.cat([rounding(tower, *tokens([text])) for text in TEXTS])
        whole = read(tower, tokens, TEXTS)
    assert (apart * together).sum(1).min() > 0.9999
    error, lost = 1 - (shipped * together).sum(1), 1 - (shipped * whole).sum(1)
    assert error.sum() < 0.3 * lost.sum()  # what is left of the difference is bfloat16's


def test_what_it_reads_and_weighs_is_rounded_but_gradients_reach_every_weight(
    tower: TextTower, tokens: TokenBatches
) -> None:
    rounding = FakeQuantization(tower, tokens, TEXTS)
    ids, mask = tokens(TEXTS)
    before = {name: weight.detach().clone() for name, weight in tower.named_parameters()}
    rounding(tower, ids, mask)[:, 0].sum().backward()  # type: ignore[no-untyped-call]
    for name, weight in tower.named_parameters():
        assert torch.equal(weight, before[name])  # only what is computed with is rounded
        if not name.endswith("key.bias"):  # which changes nothing
            assert weight.grad is not None
            assert weight.grad.abs().sum() > 0, name
