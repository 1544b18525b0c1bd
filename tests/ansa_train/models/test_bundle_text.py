from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest
import torch

from ansa import Bundle
from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.errors import TrainingError
from ansa_train.export.bundle import write_bundle
from ansa_train.export.dynamic_quant import quantize_products
from ansa_train.export.replace_bundle import place_bundle
from ansa_train.models.bundle_text import load_text_layers
from ansa_train.models.minilm import MiniLM
from ansa_train.models.towers import Towers
from ansa_train.models.unpack_weights import unpack_weights
from ansa_train.pretrained import fetch
from tests.ansa_train.random_parts import use_parts

TEXTS = ["a dog on the beach", "two dogs", "the sea", "a red sun over the sea"]


def small(layers: int = 2, hidden: int = 0) -> MiniLM:
    return MiniLM(
        32, vocabulary=1100, width=48, layers=layers, heads=4, positions=32, hidden=hidden
    ).eval()


@pytest.fixture(scope="module")
def text() -> MiniLM:
    """As a run leaves it, nothing at its start any more."""
    torch.manual_seed(0)
    tower = small()
    for parameter in tower.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return tower


@pytest.fixture(scope="module")
def bundle(text: MiniLM, parts_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    towers = Towers("tiny", "tiny", 32)
    towers.text = text
    folder = tmp_path_factory.mktemp("bundles") / "bundle"
    with pytest.MonkeyPatch.context() as patch:
        use_parts(patch, parts_cache)
        tokenizer = fetch("minilm-tokenizer")
    return write_bundle(
        towers.eval(), folder, name="tiny", size=32, max_tokens=16, dim=32, tokenizer=tokenizer,
        parts=[], training={},
    )  # fmt: skip


@pytest.fixture
def tokens(bundle: Bundle, tmp_path: Path) -> TokenBatches:
    file = tmp_path / "tokenizer.json"
    file.write_bytes(bundle.read(bundle.manifest.text.tokenizer))
    return TokenBatches(16, file)


def summaries(tower: MiniLM, tokens: TokenBatches) -> torch.Tensor:
    ids, mask = tokens(TEXTS)
    with torch.no_grad():
        found = tower.summary(tower.hidden(tower.embed_tokens(ids), mask, 0, 2), mask)
    return torch.nn.functional.normalize(found, dim=-1)


def test_the_layers_of_a_bundle_say_the_same_under_another_projection(
    bundle: Bundle, text: MiniLM, tokens: TokenBatches
) -> None:
    other = small(hidden=64)
    project = other.project.weight.clone()
    load_text_layers(bundle.path, other)
    assert (summaries(other, tokens) * summaries(text, tokens)).sum(1).min() > 0.99
    assert torch.equal(other.project.weight, project)


def test_so_do_the_layers_of_a_bundle_whose_arithmetic_is_in_whole_numbers(
    bundle: Bundle, text: MiniLM, tokens: TokenBatches, tmp_path: Path
) -> None:
    file = bundle.manifest.text.file
    model = onnx.load_model_from_string(bundle.read(file))
    unpack_weights(model)
    ids, mask = (each.numpy() for each in tokens(TEXTS))
    quantize_products(model, [{"ids": ids, "mask": mask}])
    assert any(node.op_type == "MatMulInteger" for node in model.graph.node)
    manifest = json.loads((bundle.path / "manifest.json").read_text())
    files = {name: bundle.read(name) for name in (bundle.manifest.image.file, "tokenizer.json")}
    whole = place_bundle(tmp_path / "whole", files | {file: model.SerializeToString()}, manifest)
    other = small()
    load_text_layers(whole.path, other)
    assert (summaries(other, tokens) * summaries(text, tokens)).sum(1).min() > 0.97


def test_other_layers_are_refused(bundle: Bundle) -> None:
    with pytest.raises(TrainingError, match="none of that shape"):
        load_text_layers(bundle.path, small(layers=3))
