"""Every image and text network by name, to build, to train and to export.

| image | |
|---|---|
| ``efficientnet-lite0-rich`` | what ships: EfficientNet-Lite0 with more of its features |
| ``mobilenetv3`` | what shipped before: Lite0's table with MobileNetV3's parts, warm-started |
| ``mobilenetv3-9m`` | the scale of the article's image encoder |
| ``mobilenetv3-large`` | as published: the yardstick for latency |
| ``vit-b16`` | the large reference of the article's Table 1, 86 M |
| ``tiny`` | for tests and the speed run |

| text | |
|---|---|
| ``minilm-wide`` | what ships: MiniLM-L6 and a hidden layer beside its projection |
| ``minilm`` | what shipped before: MiniLM-L6 with its own WordPiece vocabulary, warm-started |
| ``paper`` | the article's shape, 44.5 M: CLIP's transformer, 6 layers of 512 |
| ``tiny`` | for tests and the speed run |

The article is Apple's "A Multi-Task Neural Architecture for On-Device Scene Analysis" (2022). Of
its image encoder it publishes the family (MobileNetV3, varied by architecture search, with the
efficient last stage) and the scale, not the block table: ``mobilenetv3-9m`` is MobileNetV3-Large
1.5 times as wide, 8.5 M parameters, 9.1 M with the projection to 512.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torch import nn

from ansa_train.models.bpe_vocabulary import learn_vocabulary
from ansa_train.models.clip_text import ClipText
from ansa_train.models.encoder import ImageEncoder
from ansa_train.models.minilm import MiniLM
from ansa_train.models.mobilenet import Backbone
from ansa_train.models.text_encoder import TextTower
from ansa_train.models.vit import VisionTransformer
from ansa_train.pretrained import fetch


@dataclass(frozen=True, slots=True)
class ImagePreset:
    """An image network.

    Attributes:
        build: makes it, of random weights.
        start: the pretrained part a recipe may start it from.
    """

    build: Callable[[], ImageEncoder]
    start: str | None = None


@dataclass(frozen=True, slots=True)
class TextPreset:
    """A text network.

    Attributes:
        build: makes it, of random weights, for vectors of a length.
        vocabulary: rows of its token table.
        start: the pretrained part a recipe may start it from.
        tokenizer: the part that is its tokenizer; without one, a run learns its own.
    """

    build: Callable[..., TextTower]
    vocabulary: int
    start: str | None = None
    tokenizer: str | None = None


IMAGES = {
    "mobilenetv3": ImagePreset(partial(Backbone, "mobilenetv3"), "efficientnet-lite0"),
    "efficientnet-lite0": ImagePreset(
        partial(Backbone, "efficientnet-lite0"), "efficientnet-lite0"
    ),
    "efficientnet-lite0-rich": ImagePreset(
        partial(Backbone, "efficientnet-lite0-rich"), "efficientnet-lite0"
    ),
    "efficientnet-lite2": ImagePreset(
        partial(Backbone, "efficientnet-lite2"), "efficientnet-lite2"
    ),
    "mobilenetv3-9m": ImagePreset(partial(Backbone, "mobilenetv3-9m")),
    "mobilenetv3-large": ImagePreset(partial(Backbone, "mobilenetv3-large")),
    "vit-b16": ImagePreset(VisionTransformer),
    "tiny": ImagePreset(partial(Backbone, "tiny")),
}
TEXTS = {
    "minilm": TextPreset(MiniLM, 30522, "minilm", "minilm-tokenizer"),
    "minilm-wide": TextPreset(partial(MiniLM, hidden=1024), 30522, "minilm", "minilm-tokenizer"),
    "paper": TextPreset(ClipText, 49408),
    "tiny": TextPreset(partial(ClipText, width=128, layers=2, heads=4), 4096),
}


def build_image(name: str) -> ImageEncoder:
    """Builds an image network of random weights: normalised pixels -> (n, ``features``).

    Raises:
        ValueError: no preset of that name.
    """
    return image_preset(name).build()


def build_text(name: str, dim: int) -> TextTower:
    """A text network of random weights: ids and mask (n, t) -> unit vectors (n, ``dim``).

    Raises:
        ValueError: no preset of that name.
    """
    preset = text_preset(name)
    return preset.build(dim, vocabulary=preset.vocabulary)


def tokenizer_file(name: str, folder: Path, captions: Callable[[], Iterable[str]]) -> Path:
    """The ``tokenizer.json`` of a text network in a run.

    Args:
        name: of the text preset.
        folder: of the run; a vocabulary learned from its captions is kept there.
        captions: gives the run's training captions; called only if they are needed.

    Raises:
        ValueError: no preset of that name, or no captions.
    """
    preset = text_preset(name)
    if preset.tokenizer:
        return fetch(preset.tokenizer)
    file = folder / "tokenizer.json"
    if not file.exists():
        learn_vocabulary(captions(), preset.vocabulary, file)
    return file


def image_preset(name: str) -> ImagePreset:
    """What is known of an image network.

    Raises:
        ValueError: no preset of that name.
    """
    if name not in IMAGES:
        raise ValueError(f"no image network {name!a}; there is {', '.join(IMAGES)}")
    return IMAGES[name]


def text_preset(name: str) -> TextPreset:
    """What is known of a text network.

    Raises:
        ValueError: no preset of that name.
    """
    if name not in TEXTS:
        raise ValueError(f"no text network {name!a}; there is {', '.join(TEXTS)}")
    return TEXTS[name]


def parameters(network: nn.Module) -> int:
    """The number of parameters that a network learns."""
    return sum(parameter.numel() for parameter in network.parameters())
