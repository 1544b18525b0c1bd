from __future__ import annotations

import pytest
import torch

from ansa_train.models.block_tables import (
    ARCHITECTURES,
    SQUEEZE,
    Block,
    efficientnet_lite,
    mobilenet,
)
from ansa_train.models.mobilenet import Backbone
from ansa_train.models.presets import parameters

PUBLISHED = (
    (3, 16, 16, 0, False, 1),
    (3, 64, 24, 0, False, 2),
    (3, 72, 24, 0, False, 1),
    (5, 72, 40, 24, False, 2),
    (5, 120, 40, 32, False, 1),
    (5, 120, 40, 32, False, 1),
    (3, 240, 80, 0, True, 2),
    (3, 200, 80, 0, True, 1),
    (3, 184, 80, 0, True, 1),
    (3, 184, 80, 0, True, 1),
    (3, 480, 112, 120, True, 1),
    (3, 672, 112, 168, True, 1),
    (5, 672, 160, 168, True, 2),
    (5, 960, 160, 240, True, 1),
    (5, 960, 160, 240, True, 1),
)
"""MobileNetV3-Large, Table 1 of the paper: kernel, expanded, out, squeeze, hard-swish, stride."""


def test_mobilenet_as_it_is_is_mobilenetv3_large_of_the_paper() -> None:
    assert mobilenet().blocks == tuple(Block(*row) for row in PUBLISHED)
    assert (mobilenet().stem, mobilenet().last_width, mobilenet().features) == (16, 960, 1280)


@pytest.mark.parametrize(
    ("name", "classified"),
    [
        ("mobilenetv3-large", 5_483_032),  # the paper says 5.4 M
        ("efficientnet-lite0", 4_652_008),
        ("efficientnet-lite2", 6_092_072),
    ],
)
def test_a_published_table_with_its_classifier_has_the_published_parameters(
    name: str, classified: int
) -> None:
    with torch.device("meta"):
        backbone = Backbone(name)
    assert parameters(backbone) + 1000 * (backbone.features + 1) == classified


@pytest.mark.parametrize(
    ("width", "depth", "squeeze"),
    [(0.25, 0.5, "none"), (0.35, 1.0, "late"), (0.8, 1.4, "all"), (1.5, 0.9, "published")],
)
def test_every_variant_is_a_network_that_halves_five_times(
    width: float, depth: float, squeeze: str
) -> None:
    architecture = mobilenet(width, depth, squeeze=squeeze, features=64)
    channels = [c for b in architecture.blocks for c in (b.expanded, b.out, b.squeeze)]
    assert all(c % 8 == 0 for c in channels)
    with torch.device("meta"):
        backbone = Backbone(architecture).eval()
        assert backbone.trunk(torch.zeros(1, 3, 64, 64)).shape[2:] == (2, 2)
        assert backbone(torch.zeros(1, 3, 64, 64)).shape == (1, 64)


def test_width_depth_and_squeeze_each_change_what_they_say() -> None:
    assert [b.out for b in mobilenet(2.0).blocks] == [2 * b.out for b in mobilenet().blocks]
    assert len(mobilenet(depth=2.0).blocks) == 1 + 2 * 14
    assert len(mobilenet(depth=0.1).blocks) == 6  # no stage vanishes
    places = {
        name: [i for i, b in enumerate(mobilenet(squeeze=name).blocks) if b.squeeze]
        for name in SQUEEZE
    }
    assert places == {
        "none": [],
        "late": [10, 11, 12, 13, 14],
        "published": [3, 4, 5, 10, 11, 12, 13, 14],
        "all": list(range(15)),
    }


def test_a_variant_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="width and depth must be positive, not 0"):
        mobilenet(0.0)
    with pytest.raises(ValueError, match="none, late, published, all, not 'early'"):
        mobilenet(squeeze="early")


def test_what_ships_is_efficientnet_lite0_with_mobilenetv3s_parts() -> None:
    ours, lite = ARCHITECTURES["mobilenetv3"](), efficientnet_lite()
    rows = zip(ours.blocks, lite.blocks, strict=True)
    assert all(
        (a.kernel, a.expanded, a.out, a.stride) == (b.kernel, b.expanded, b.out, b.stride)
        for a, b in rows
    )
    assert sum(b.hard_swish for b in ours.blocks) == 11
    assert sum(b.squeeze > 0 for b in ours.blocks) == 7
    assert not any(b.hard_swish or b.squeeze for b in lite.blocks)
