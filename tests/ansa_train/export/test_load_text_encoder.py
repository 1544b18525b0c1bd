from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ansa import Bundle
from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.errors import TrainingError
from ansa_train.export.bundle import write_bundle
from ansa_train.export.load_text_encoder import load_text_encoder, read, tokens_of
from ansa_train.models.minilm import MiniLM
from ansa_train.models.towers import Towers
from ansa_train.pretrained import fetch
from tests.ansa_train.random_parts import use_parts

TEXTS = ["a dog on the beach", "two dogs", "the sea", "a red sun over the sea"]


def small() -> MiniLM:
    return MiniLM(32, vocabulary=1100, width=48, layers=2, heads=4, positions=32).eval()


@pytest.fixture(scope="module")
def towers() -> Towers:
    """As a run leaves them, nothing at its start any more."""
    torch.manual_seed(0)
    made = Towers("tiny", "tiny", 32)
    made.text = small()
    for parameter in made.text.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return made.eval()


@pytest.fixture(scope="module")
def bundle(towers: Towers, parts_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    with pytest.MonkeyPatch.context() as patch:
        use_parts(patch, parts_cache)
        tokenizer = fetch("minilm-tokenizer")
    return write_bundle(
        towers,
        tmp_path_factory.mktemp("bundles") / "bundle",
        name="tiny",
        size=32,
        max_tokens=16,
        dim=32,
        tokenizer=tokenizer,
        parts=[],
        training={},
    )


@pytest.fixture
def tokens(bundle: Bundle, tmp_path: Path) -> TokenBatches:
    return tokens_of(bundle, tmp_path)


def test_a_bundle_is_enough_to_learn_on(
    bundle: Bundle, towers: Towers, tokens: TokenBatches
) -> None:
    again = small()
    load_text_encoder(bundle, again, tokens)
    assert (read(again, tokens, TEXTS) * read(towers.text, tokens, TEXTS)).sum(1).min() > 0.99
    name = "layers.0.query.bias"
    assert torch.equal(again.get_parameter(name), towers.text.get_parameter(name))


def test_another_shape_is_refused(bundle: Bundle, tokens: TokenBatches) -> None:
    other = MiniLM(32, vocabulary=1100, width=48, layers=3, heads=4, positions=32).eval()
    with pytest.raises(TrainingError, match="none of that shape"):
        load_text_encoder(bundle, other, tokens)


def test_texts_are_read_in_their_order(bundle: Bundle, tokens: TokenBatches) -> None:
    tower = small()
    together = read(tower, tokens, TEXTS * 40)
    alone = torch.cat([read(tower, tokens, [text]) for text in TEXTS])
    assert torch.allclose(together, alone.repeat(40, 1), atol=1e-5)
    assert read(tower, tokens, []).shape == (0, 32)
