from __future__ import annotations

import numpy as np
import pytest
import torch

from ansa.photo.pixels import resize_square
from ansa_train.models import warm_start
from ansa_train.models.mobilenet import Backbone, normalise
from ansa_train.models.narrow_types import fast_type
from ansa_train.models.teacher import FrozenNetwork, Teacher
from tests.photos import draw_photo

pytestmark = pytest.mark.usefixtures("parts")


def test_the_teacher_is_efficientnet_lite2_to_within_bfloat16() -> None:
    pixels = np.stack(
        [resize_square(np.asarray(draw_photo(seed=s)), Teacher.SIZE) for s in range(2)]
    )
    backbone = Backbone("efficientnet-lite2").eval()
    classifier = warm_start.efficientnet_lite("efficientnet-lite2", backbone)
    with torch.inference_mode():
        exact = classifier(backbone(normalise(torch.from_numpy(pixels))))
        logits = Teacher()(pixels)
    assert logits.shape == (2, 1000)
    assert logits.dtype == torch.float32
    for row, expected in zip(logits, exact, strict=True):
        assert torch.corrcoef(torch.stack([row, expected]))[0, 1] > 0.995
    assert (exact[0] - exact[1]).abs().max() > 0.1  # the photos differ to it


def test_what_is_frozen_learns_nothing() -> None:
    frozen = FrozenNetwork(Backbone("efficientnet-lite0"))
    assert not any(parameter.requires_grad for parameter in frozen.parameters())
    assert not frozen.network.training
    output = frozen(np.zeros((1, 64, 64, 3), np.uint8))
    assert output.dtype == fast_type(torch.device("cpu"))
    assert not output.requires_grad
