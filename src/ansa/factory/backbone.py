"""The image tower: MobileNetV3 variants as one table of inverted-residual blocks.

Howard et al., "Searching for MobileNetV3" (2019): inverted residuals, squeeze-excite, hard-swish
in the deep half, ReLU in the shallow half. Presets are rows of :class:`Block`; every one gives the
same interface, so heads and export never ask which variant they sit on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention
from torch.nn.utils.fusion import fuse_conv_bn_eval


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


def _efficientnet_lite(
    width: float = 1.0, depth: float = 1.0, *, mobilenetv3_parts: bool = False
) -> Architecture:
    """EfficientNet-Lite's block table (Tan and Le 2019; the Lite variants of 2020).

    With ``mobilenetv3_parts`` the deep half gets hard-swish and its 5x5 stages squeeze-excite, as
    in MobileNetV3; the shallow half stays, so EfficientNet-Lite weights start such a tower exactly.
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
                    _round_channels(out * width),
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
        rich_pool=mobilenetv3_parts,
    )


def _round_channels(channels: float) -> int:
    """The nearest multiple of 8 that is not below 90 % of ``channels``."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * channels else rounded + 8


def _mobilenetv3_large() -> Architecture:
    """MobileNetV3-Large, Table 1 of the paper: the yardstick for latency."""
    rows = (
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
    blocks = tuple(Block(*row) for row in rows)
    return Architecture(16, True, blocks, 1280, last_stage_pooled=True, last_width=960)


ARCHITECTURES: dict[str, Callable[[], Architecture]] = {
    "mobilenetv3": partial(_efficientnet_lite, mobilenetv3_parts=True),
    "mobilenetv3-large": _mobilenetv3_large,
    "efficientnet-lite0": _efficientnet_lite,
    "efficientnet-lite2": partial(_efficientnet_lite, 1.1, 1.2),
}


MAXIMUM = 0.1
"""Brings the maxima of a stage to the spread of its means, so that one learning rate suits both."""


class SamePad(nn.Module):
    """TensorFlow's SAME padding for stride 2 on even inputs: the odd pixel goes right and below."""

    def __init__(self, kernel: int, stride: int) -> None:
        super().__init__()
        total = kernel - stride
        self.before, self.after = total // 2, total - total // 2

    def forward(self, x: Tensor) -> Tensor:
        """Pad (n, c, h, w) with zeros."""
        return F.pad(x, (self.before, self.after, self.before, self.after))


class Activation(nn.Module):
    """ReLU6, or a blend from ReLU6 (0) to hard-swish (1) while ``blend`` is annealed."""

    blend: float

    def __init__(self, hard_swish: bool) -> None:
        super().__init__()
        self.hard_swish = hard_swish
        self.blend = 1.0 if hard_swish else 0.0

    def forward(self, x: Tensor) -> Tensor:
        """Elementwise."""
        if self.blend >= 1.0:
            return F.hardswish(x)
        if self.blend <= 0.0:
            return F.relu6(x)
        return torch.lerp(F.relu6(x), F.hardswish(x), self.blend)


class SqueezeExcite(nn.Module):
    """Channel gates in 0..2 (twice a hard sigmoid), so that zero weights start every gate at one.

    Hu et al., "Squeeze-and-Excitation Networks" (2018), with MobileNetV3's hard sigmoid. A gate of
    exactly one with gradients both ways lets a network trained without gates grow them.
    """

    def __init__(self, channels: int, squeeze: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeeze, 1)
        self.expand = nn.Conv2d(squeeze, channels, 1)
        nn.init.zeros_(self.expand.weight)
        assert self.expand.bias is not None
        nn.init.zeros_(self.expand.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Gate (n, c, h, w) per channel."""
        gate = self.expand(F.relu(self.reduce(x.mean((2, 3), keepdim=True))))
        return x * (2.0 * F.hardsigmoid(gate))


def conv_norm(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """SAME-padded convolution without bias, then batch norm."""
    padding = SamePad(kernel, stride) if stride > 1 else nn.Identity()
    conv = nn.Conv2d(
        inputs,
        outputs,
        kernel,
        stride,
        padding=0 if stride > 1 else kernel // 2,
        groups=groups,
        bias=False,
    )
    return nn.Sequential(padding, conv, nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01))


class InvertedResidual(nn.Module):
    """One row of the block table; (n, inputs, h, w) -> (n, block.out, h / stride, w / stride)."""

    def __init__(self, inputs: int, block: Block) -> None:
        super().__init__()
        self.expand = (
            conv_norm(inputs, block.expanded, 1) if block.expanded != inputs else nn.Identity()
        )
        self.expand_act = (
            Activation(block.hard_swish) if block.expanded != inputs else nn.Identity()
        )
        self.depthwise = conv_norm(
            block.expanded, block.expanded, block.kernel, block.stride, groups=block.expanded
        )
        self.act = Activation(block.hard_swish)
        self.squeeze = (
            SqueezeExcite(block.expanded, block.squeeze) if block.squeeze else nn.Identity()
        )
        self.project = conv_norm(block.expanded, block.out, 1)
        self.residual = block.stride == 1 and inputs == block.out

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.narrow(x, self.widen(x))

    def widen(self, x: Tensor) -> Tensor:
        """The expansion, (n, block.expanded, h, w)."""
        wide: Tensor = self.expand_act(self.expand(x))
        return wide

    def narrow(self, x: Tensor, wide: Tensor) -> Tensor:
        """The rest of the block, from its input and its expansion."""
        y: Tensor = self.project(self.squeeze(self.act(self.depthwise(wide))))
        return x + y if self.residual else y


class Backbone(nn.Module):
    """Normalised pixels (n, 3, s, s) -> features (n, ``features``); s is a multiple of 32.

    ``trunk`` is stem and blocks in order, so that a run may freeze or branch after any of them.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        arch = ARCHITECTURES[name]()
        self.name = name
        stem = nn.Sequential(conv_norm(3, arch.stem, 3, 2), Activation(arch.stem_hard_swish))
        trunk: list[nn.Module] = [stem]
        channels = arch.stem
        for block in arch.blocks:
            trunk.append(InvertedResidual(channels, block))
            channels = block.out
        self.trunk = nn.Sequential(*trunk)
        if arch.last_stage_pooled:
            self.last = nn.Sequential(
                conv_norm(channels, arch.last_width, 1),
                Activation(True),
                nn.AdaptiveAvgPool2d(1),
                nn.Conv2d(arch.last_width, arch.features, 1),
                Activation(True),
                nn.Flatten(),
            )
        else:
            self.last = nn.Sequential(
                conv_norm(channels, arch.features, 1), Activation(arch.last_hard_swish)
            )
        self.features = arch.features
        self.branch = -1
        if arch.rich_pool:
            self.branch = 1 + max(i for i, block in enumerate(arch.blocks) if block.stride == 2)
            self.features = 2 * arch.features + arch.blocks[self.branch - 1].expanded

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.from_block(x, 0)

    def from_block(self, x: Tensor, first: int) -> Tensor:
        """Features from the output of the trunk's blocks before ``first``, the stem counted."""
        pooled = []
        for i in range(first, len(self.trunk)):
            block = self.trunk[i]
            if i == self.branch:
                assert isinstance(block, InvertedResidual)
                wide = block.widen(x)
                pooled.append(wide.mean((2, 3)))
                x = block.narrow(x, wide)
            else:
                x = block(x)
        last: Tensor = self.last(x)
        if last.ndim == 2:
            return last
        if not pooled:
            return last.mean((2, 3))
        return torch.cat([last.mean((2, 3)), MAXIMUM * last.amax((2, 3)), *pooled], 1)

    def activations(self) -> Sequence[Activation]:
        """Every hard-swish of the tower, whatever its blend, for annealing."""
        return [m for m in self.modules() if isinstance(m, Activation) and m.hard_swish]


def normalise(pixels: Tensor) -> Tensor:
    """uint8 (n, s, s, 3) -> float32 (n, 3, s, s) in about -1..1, as EfficientNet-Lite expects."""
    return (pixels.permute(0, 3, 1, 2).float() - 127.0) / 128.0


def fold_norms(module: nn.Module) -> None:
    """Fold every batch norm, as in evaluation, into the convolution before it, in place."""
    module.eval()
    for part in module.modules():
        if (
            isinstance(part, nn.Sequential)
            and len(part) == 3
            and isinstance(part[2], nn.BatchNorm2d)
        ):
            conv = part[1]
            assert isinstance(conv, nn.Conv2d)
            part[1] = fuse_conv_bn_eval(conv, part[2])
            part[2] = nn.Identity()
