"""Block tables of the MobileNet family: what is published, and variants of it by plain arguments.

Howard et al., "Searching for MobileNetV3" (2019); Tan and Le, "EfficientNet" (2019). Resolution is
no part of a table: every network takes squares of any multiple of 32 pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True, slots=True)
class Block:
    """One inverted residual: 1x1 expand, depthwise, optional squeeze-excite, 1x1 project.

    Attributes:
        kernel: side of the depthwise kernel.
        expanded: channels of the depthwise convolution.
        out: channels the block puts out.
        squeeze: channels of the squeeze-excite bottleneck; 0 for none.
        hard_swish: hard-swish instead of ReLU6.
        stride: 1 or 2.
    """

    kernel: int
    expanded: int
    out: int
    squeeze: int
    hard_swish: bool
    stride: int


@dataclass(frozen=True, slots=True)
class Architecture:
    """A whole image tower: stem channels, block table, channels of the last 1x1."""

    stem: int
    stem_hard_swish: bool
    blocks: tuple[Block, ...]
    features: int
    last_stage_pooled: bool
    """MobileNetV3's efficient last stage: the widest 1x1 runs after pooling, on one position."""
    last_hard_swish: bool = True
    last_width: int = 0
    """Channels of the 1x1 before the pool when ``last_stage_pooled``."""
    rich_pool: bool = False
    """Features are mean and maximum of the last stage and the mean of the stage before it, not the
    mean of the last stage alone: what stands out and what texture there is, for no arithmetic."""


SQUEEZE = {
    "none": (),
    "late": (4, 5),
    "published": (2, 4, 5),
    "all": (0, 1, 2, 3, 4, 5),
}
"""Where squeeze-excite sits: stages of :func:`mobilenet`, counted from 0."""

_STAGES = (  # kernel, channels out, hard-swish, stride, expanded channels of each block
    (3, 16, False, 1, (16,)),
    (3, 24, False, 2, (64, 72)),
    (5, 40, False, 2, (72, 120, 120)),
    (3, 80, True, 2, (240, 200, 184, 184)),
    (3, 112, True, 1, (480, 672)),
    (5, 160, True, 2, (672, 960, 960)),
)
"""MobileNetV3-Large, Table 1 of the paper."""


def mobilenet(
    width: float = 1.0,
    depth: float = 1.0,
    *,
    squeeze: str = "published",
    features: int = 1280,
) -> Architecture:
    """MobileNetV3-Large made wider or narrower, deeper or shallower.

    Args:
        width: factor of every channel count but ``features``.
        depth: factor of the blocks of every stage but the first, rounded up; what is added repeats
            the stage's last block.
        squeeze: a key of :data:`SQUEEZE`.
        features: length of the pooled features.

    Raises:
        ValueError: a width or depth that is not positive, or a place that is no key.
    """
    if not (width > 0 and depth > 0):
        raise ValueError(f"width and depth must be positive, not {width} and {depth}")
    if squeeze not in SQUEEZE:
        raise ValueError(f"squeeze: one of {', '.join(SQUEEZE)}, not {squeeze!a}")
    blocks = []
    for i, (kernel, out, hard_swish, stride, published) in enumerate(_STAGES):
        repeats = math.ceil(len(published) * depth) if i else 1
        for j in range(repeats):
            expanded = round_channels(published[min(j, len(published) - 1)] * width)
            squeezed = round_channels(expanded / 4) if i in SQUEEZE[squeeze] else 0
            blocks.append(
                Block(
                    kernel,
                    expanded,
                    round_channels(out * width),
                    squeezed,
                    hard_swish,
                    1 if j else stride,
                )
            )
    return Architecture(
        stem=round_channels(16 * width),
        stem_hard_swish=True,
        blocks=tuple(blocks),
        features=features,
        last_stage_pooled=True,
        last_width=round_channels(960 * width),
    )


def efficientnet_lite(
    width: float = 1.0,
    depth: float = 1.0,
    *,
    mobilenetv3_parts: bool = False,
    rich_pool: bool = False,
) -> Architecture:
    """EfficientNet-Lite's block table (Tan and Le 2019; the Lite variants of 2020).

    With ``mobilenetv3_parts`` the deep half gets hard-swish and its 5x5 stages squeeze-excite, as
    in MobileNetV3; the shallow half stays, so EfficientNet-Lite weights start such a tower exactly.
    With ``rich_pool`` the features have maxima and an earlier stage too, see :class:`Architecture`.
    """
    stages = (  # expand, kernel, out, repeats, stride, squeeze-excite, hard-swish
        (1, 3, 16, 1, 1, False, False),
        (6, 3, 24, 2, 2, False, False),
        (6, 5, 40, 2, 2, False, False),
        (6, 3, 80, 3, 2, False, True),
        (6, 5, 112, 3, 1, True, True),
        (6, 5, 192, 4, 2, True, True),
        (6, 3, 320, 1, 1, False, True),
    )
    blocks: list[Block] = []
    channels = 32
    for i, (expand, kernel, out, repeats, stride, squeeze, hard_swish) in enumerate(stages):
        ends = i in (0, len(stages) - 1)  # the Lite variants never deepen the first and last stage
        for j in range(repeats if ends else math.ceil(repeats * depth)):
            expanded = channels * expand
            blocks.append(
                Block(
                    kernel,
                    expanded,
                    round_channels(out * width),
                    expanded // 24 if squeeze and mobilenetv3_parts else 0,
                    hard_swish and mobilenetv3_parts,
                    stride if j == 0 else 1,
                )
            )
            channels = blocks[-1].out
    return Architecture(
        32,
        False,
        tuple(blocks),
        1280,
        last_stage_pooled=False,
        last_hard_swish=mobilenetv3_parts,
        rich_pool=mobilenetv3_parts or rich_pool,
    )


def round_channels(channels: float) -> int:
    """The nearest multiple of 8 that is not below 90 % of ``channels``."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * channels else rounded + 8


ARCHITECTURES: dict[str, Callable[[], Architecture]] = {
    "mobilenetv3": partial(efficientnet_lite, mobilenetv3_parts=True),
    "mobilenetv3-large": mobilenet,
    "mobilenetv3-9m": partial(mobilenet, 1.5),
    "tiny": partial(mobilenet, 0.35, 0.5, features=256),
    "efficientnet-lite0": efficientnet_lite,
    "efficientnet-lite0-rich": partial(efficientnet_lite, rich_pool=True),
    "efficientnet-lite2": partial(efficientnet_lite, 1.1, 1.2),
}
