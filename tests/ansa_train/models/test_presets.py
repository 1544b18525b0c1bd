from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
import torch
from torch import nn

from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.models.mobilenet import Backbone
from ansa_train.models.presets import (
    IMAGES,
    TEXTS,
    build_image,
    build_text,
    parameters,
    tokenizer_file,
)
from ansa_train.models.towers import Towers
from ansa_train.pretrained import PARTS

CAPTIONS = ["a dog on the beach", "two dogs", "a red sun over the sea", "the sea"] * 3


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("mobilenetv3", 3_841_080),
        ("mobilenetv3-9m", 8_473_968),
        ("mobilenetv3-large", 4_202_032),
        ("vit-b16", 85_798_656),
        ("tiny", 313_880),
    ],
)
def test_image_networks_have_their_parameters(name: str, count: int) -> None:
    with torch.device("meta"):
        assert parameters(build_image(name)) == count


@pytest.mark.parametrize(
    ("name", "count"), [("minilm", 22_958_592), ("paper", 44_513_792), ("tiny", 996_480)]
)
def test_text_networks_have_their_parameters(name: str, count: int) -> None:
    with torch.device("meta"):
        assert parameters(build_text(name, 512)) == count


def test_the_articles_towers_have_the_articles_sizes() -> None:
    with torch.device("meta"):
        article = Towers("mobilenetv3-9m", "paper", 512)
        large = build_image("vit-b16")
    assert parameters(article.text) / 1e6 == pytest.approx(44.5, abs=0.05)
    assert parameters(article.image) / 1e6 == pytest.approx(9, abs=0.2)
    assert parameters(large) / 1e6 == pytest.approx(86, abs=0.5)


def test_the_articles_text_network_has_the_articles_shape() -> None:
    with torch.device("meta"):
        text = build_text("paper", 512)
    assert text.state_dict()["token.weight"].shape == (49408, 512)
    assert (len(text.layers), text.width, text.positions) == (6, 512, 77)


def test_the_articles_image_network_is_a_mobilenetv3_with_its_efficient_last_stage() -> None:
    with torch.device("meta"):
        backbone = build_image("mobilenetv3-9m")
    assert isinstance(backbone, Backbone)
    assert any(isinstance(layer, nn.AdaptiveAvgPool2d) for layer in backbone.last)


@pytest.mark.parametrize("name", IMAGES)
def test_features_from_any_block_are_those_of_the_whole(name: str) -> None:
    torch.manual_seed(0)
    network = build_image(name).eval()
    branch = network.branch if isinstance(network, Backbone) else -1
    x = pixels = torch.randn(1, 3, 32, 32)
    with torch.inference_mode():
        features = network(pixels)
        assert features.shape == (1, network.features)
        for i, block in enumerate(network.blocks()):
            if i <= branch or branch < 0:
                torch.testing.assert_close(network.from_block(x, i), features)
            x = block(x)


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_network_reads_what_its_tokenizer_gives(
    text: str, parts: Path, tmp_path: Path
) -> None:
    file = tokenizer_file(text, tmp_path, lambda: CAPTIONS)
    ids, mask = TokenBatches(16, file)(["a dog", "the red sun over the beach"])
    with torch.inference_mode():
        vectors = build_text(text, 8)(ids, mask)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(2))
    assert (file.parent == tmp_path) == (not text.startswith("minilm"))


def test_a_vocabulary_is_learned_once_a_run(tmp_path: Path) -> None:
    def never() -> Iterable[str]:
        raise AssertionError("read again")

    file = tokenizer_file("tiny", tmp_path, lambda: CAPTIONS)
    assert tokenizer_file("tiny", tmp_path, never) == file


def test_what_a_preset_starts_from_is_a_part_there_is() -> None:
    starts = [preset.start for preset in IMAGES.values()]
    starts += [part for preset in TEXTS.values() for part in (preset.start, preset.tokenizer)]
    assert {start for start in starts if start} <= PARTS.keys()


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no image network 'resnet'; there is mobilenetv3, eff"):
        build_image("resnet")
    with pytest.raises(
        ValueError, match="no text network 'bert'; there is minilm, minilm-wide, paper, tiny"
    ):
        Towers("tiny", "bert", 8)
