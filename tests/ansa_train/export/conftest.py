"""Towers small enough to export in seconds, and real photos to compare them on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import skimage
import sklearn.datasets
import torch
from numpy.typing import NDArray
from torch import nn

from ansa.photo.read import read_photo, resize_square
from ansa_train.export.onnx import export_image, export_text
from ansa_train.models import warm_start
from ansa_train.models.minilm import MiniLM
from ansa_train.models.mobilenet import Backbone
from ansa_train.models.towers import Towers
from tests.ansa_train.random_parts import use_parts

SIZE = 64


@pytest.fixture(scope="session")
def towers(parts_cache: Path) -> Towers:
    """Started from random parts, with gates that are not at one any more, a small text tower."""
    torch.manual_seed(0)
    towers = Towers("mobilenetv3", "tiny", 32)
    with pytest.MonkeyPatch.context() as patch:
        use_parts(patch, parts_cache)
        assert isinstance(towers.image.backbone, Backbone)
        warm_start.efficientnet_lite("efficientnet-lite0", towers.image.backbone)
    for name, parameter in towers.image.named_parameters():
        if name.endswith("squeeze.expand.weight"):
            nn.init.normal_(parameter, std=0.2)
    towers.text = MiniLM(32, vocabulary=1100, width=48, layers=2, heads=4, positions=32)
    return towers.eval()


@pytest.fixture(scope="session")
def photos() -> list[Path]:
    """Real photos, full size."""
    names = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg")
    images = Path(sklearn.datasets.__file__).parent / "images"
    return [
        *(Path(skimage.__file__).parent / "data" / name for name in names),
        images / "china.jpg",
        images / "flower.jpg",
    ]


@pytest.fixture(scope="session")
def squares(photos: list[Path]) -> NDArray[np.uint8]:
    """The photos as the network gets them from :class:`ansa.Analyzer`, (n, size, size, 3)."""
    return np.stack([resize_square(read_photo(p, min_side=SIZE)[0], SIZE) for p in photos])


@pytest.fixture(scope="session")
def image_model(towers: Towers) -> onnx.ModelProto:
    """The image graph in float; not to be changed."""
    return export_image(towers.image, SIZE)


@pytest.fixture(scope="session")
def text_model(towers: Towers) -> onnx.ModelProto:
    """The text graph in float; not to be changed."""
    return export_text(towers.text, 16)
