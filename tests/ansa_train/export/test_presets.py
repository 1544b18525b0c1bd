"""Every preset from torch to a bundle in the Analyzer, most of them with fewer layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from ansa import Analyzer, Bundle
from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.export.bundle import write_bundle
from ansa_train.export.onnx import export_image, export_text
from ansa_train.models.block_tables import mobilenet
from ansa_train.models.clip_text import ClipText
from ansa_train.models.encoder import ImageEncoder
from ansa_train.models.minilm import MiniLM
from ansa_train.models.mobilenet import Backbone, normalise
from ansa_train.models.presets import IMAGES, TEXTS, tokenizer_file
from ansa_train.models.text_encoder import TextTower
from ansa_train.models.towers import ImageTower, Towers
from ansa_train.models.vit import VisionTransformer
from tests.ansa_train.export.conftest import SIZE
from tests.ansa_train.export.test_onnx import TOLERANCE, run

CLOSE = 0.985
"""Least cosine between the vectors of torch and of a bundle, with int8 weights."""

DIM, TOKENS = 16, 16
CAPTIONS = ["a dog on the beach", "two dogs", "a red sun over the sea", "the sea"] * 3


REDUCED: dict[str, Callable[[], ImageEncoder]] = {
    "mobilenetv3-9m": lambda: Backbone(mobilenet(1.5, 0.1)),
    "mobilenetv3-large": lambda: Backbone(mobilenet(1.0, 0.1)),
    "vit-b16": lambda: VisionTransformer(width=96, layers=2, heads=4),
}


def _image(name: str) -> ImageTower:
    """Its norms settled on noise, as those of a trained network are on photos."""
    torch.manual_seed(0)
    tower = ImageTower(REDUCED[name](), DIM)
    for module in tower.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        tower.train()(torch.randn(4, 3, SIZE, SIZE))
    return tower.eval()


def _text(name: str) -> TextTower:
    torch.manual_seed(0)
    reduced = MiniLM if name == "minilm" else ClipText
    return reduced(DIM, vocabulary=1100, width=48, layers=2, heads=4, positions=32).eval()


def test_the_graph_of_the_yardstick_equals_the_network(squares: NDArray[np.uint8]) -> None:
    tower = _image("mobilenetv3-large")
    with torch.inference_mode():
        expected = tower(normalise(torch.from_numpy(squares))).numpy()
    vectors = run(export_image(tower, SIZE), pixels=squares)
    np.testing.assert_allclose(vectors, expected, atol=TOLERANCE, rtol=0)


def test_the_text_graph_of_the_articles_shape_equals_the_network_at_any_length() -> None:
    tower = _text("paper")
    model = export_text(tower, TOKENS)
    for count, length in ((1, 1), (1, 7), (3, TOKENS)):
        ids = np.random.default_rng(length).integers(0, 1100, (count, length))
        mask = np.ones_like(ids)
        mask[0, (length + 1) // 2 :] = 0
        with torch.inference_mode():
            expected = tower(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
        vectors = run(model, ids=ids, mask=mask)
        np.testing.assert_allclose(vectors, expected, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize(("image", "text"), [("mobilenetv3-9m", "minilm"), ("vit-b16", "paper")])
def test_a_bundle_of_any_presets_runs_in_the_analyzer(
    image: str, text: str, photos: list[Path], squares: NDArray[np.uint8], tmp_path: Path
) -> None:
    towers = Towers("tiny", "tiny", DIM).eval()
    towers.image, towers.text = _image(image), _text(text)
    tokenizer = tokenizer_file("tiny", tmp_path, lambda: CAPTIONS)
    bundle = write_bundle(
        towers,
        tmp_path / "bundle",
        name="any",
        size=SIZE,
        max_tokens=TOKENS,
        dim=DIM,
        tokenizer=tokenizer,
        parts=[],
        training={},
    )
    assert bundle.manifest.licences == {}
    analyzer = Analyzer(Bundle.open(bundle.path))
    texts = ["A dog on the beach", "the red sun", "zebra crossing", " ".join(["sea"] * 40)]
    with torch.inference_mode():
        seen = towers.image(normalise(torch.from_numpy(squares))).numpy()
        read = towers.text(*TokenBatches(TOKENS, tokenizer)(texts)).numpy()
    assert (analyzer.embed_image(photos) * seen).sum(1).min() > CLOSE
    assert (analyzer.embed_text(texts) * read).sum(1).min() > CLOSE


def test_every_preset_is_exported_here_but_those_that_are_beside() -> None:
    """The smallest by `ansa export` of a run, the one that ships with its warm start; those of
    EfficientNet-Lite have its blocks without what MobileNetV3 adds."""
    lite = {name for name in IMAGES if name.startswith("efficientnet-lite")}
    assert REDUCED.keys() | lite | {"mobilenetv3", "tiny"} == IMAGES.keys()
    assert set(TEXTS) == {"minilm", "minilm-wide", "paper", "tiny"}


def test_a_vision_transformer_is_not_exported_for_a_size_that_cuts_patches() -> None:
    with pytest.raises(ValueError, match="72 is no multiple of the patch's 16 pixels"):
        export_image(_image("vit-b16"), 72)
