"""The MobileNet family: a table of inverted-residual blocks as a network.

Howard et al., "Searching for MobileNetV3" (2019): inverted residuals, squeeze-excite, hard-swish
in the deep half, ReLU in the shallow half.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ansa_train.models.block_tables import ARCHITECTURES, Architecture, Block
from ansa_train.models.encoder import ImageEncoder

MAXIMUM = 0.1
"""Brings the maxima of a stage to the spread of its means, so that one learning rate suits both."""


class SamePad(nn.Module):
    """TensorFlow's SAME padding for stride 2 on even inputs: the odd pixel goes right and below."""

    def __init__(self, kernel: int, stride: int) -> None:
        super().__init__()
        total = kernel - stride
        self.before, self.after = total // 2, total - total // 2

    def forward(self, x: Tensor) -> Tensor:
        """Pads (n, c, h, w) with zeros."""
        return F.pad(x, (self.before, self.after, self.before, self.after))


class Activation(nn.Module):
    """ReLU6, or a blend from ReLU6 (0) to hard-swish (1) while ``blend`` is annealed."""

    blend: float

    def __init__(self, hard_swish: bool) -> None:
        super().__init__()
        self.hard_swish = hard_swish
        self.blend = 1.0 if hard_swish else 0.0

    def forward(self, x: Tensor) -> Tensor:
        """Applies the activation to each value."""
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
        """Multiplies each channel of (n, c, h, w) by its gate."""
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
    return nn.Sequential(padding, conv, nn.BatchNorm2d(outputs, eps=1e-3))


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
        """A map (n, inputs, h, w) -> (n, block.out, h / stride, w / stride)."""
        return self._narrow(x, self._widen(x))

    def with_texture(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What the block gives, and the mean of its expansion, (n, block.expanded)."""
        wide = self._widen(x)
        return self._narrow(x, wide), wide.mean((2, 3))

    def _widen(self, x: Tensor) -> Tensor:
        wide: Tensor = self.expand_act(self.expand(x))
        return wide

    def _narrow(self, x: Tensor, wide: Tensor) -> Tensor:
        y: Tensor = self.project(self.squeeze(self.act(self.depthwise(wide))))
        return x + y if self.residual else y


class Backbone(ImageEncoder):
    """Normalised pixels (n, 3, s, s) -> features (n, ``features``); s is a multiple of 32.

    ``trunk`` is stem and blocks in order, so that a run may freeze or branch after any of them;
    ``strides`` how many pixels of the input stand for one of what each gives.

    Args:
        architecture: a block table, or the name of one in :data:`ARCHITECTURES`.
    """

    def __init__(self, architecture: str | Architecture) -> None:
        super().__init__()
        arch = ARCHITECTURES[architecture]() if isinstance(architecture, str) else architecture
        stem = nn.Sequential(conv_norm(3, arch.stem, 3, 2), Activation(arch.stem_hard_swish))
        trunk: list[nn.Module] = [stem]
        self.strides = [2]
        channels = arch.stem
        for block in arch.blocks:
            trunk.append(InvertedResidual(channels, block))
            self.strides.append(self.strides[-1] * block.stride)
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

    def blocks(self) -> Sequence[nn.Module]:
        """The stem and the rows of the table."""
        return list(self.trunk)

    def from_block(self, x: Tensor, first: int) -> Tensor:
        """Features from the output of the trunk's blocks before ``first``, the stem counted.

        Raises:
            ValueError: some of the features branch off before that.
        """
        return self._walk(x, first, {})

    def stages(self, x: Tensor) -> tuple[dict[int, Tensor], Tensor]:
        """Maps (n, c, s / stride, s / stride) by stride, and features (n, ``features``)."""
        maps: dict[int, Tensor] = {}
        features = self._walk(x, 0, maps)
        return maps, features

    def _walk(self, x: Tensor, first: int, maps: dict[int, Tensor]) -> Tensor:
        """Features; on the way, the last map of every stride."""
        if first > len(self.trunk):
            return x
        if first > self.branch > 0:
            raise ValueError(f"features branch off at block {self.branch}, before {first}")
        pooled = []
        for i in range(first, len(self.trunk)):
            block = self.trunk[i]
            if i == self.branch:
                assert isinstance(block, InvertedResidual)
                x, texture = self.call(block.with_texture, x)
                pooled.append(texture)
            else:
                x = self.call(block, x)
            maps[self.strides[i]] = x
        last: Tensor = self.call(self.last, x)
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
        if not isinstance(part, nn.Sequential):
            continue
        for place, (conv, norm) in enumerate(pairwise(part)):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                part[place] = fuse_conv_bn_eval(conv, norm)
                part[place + 1] = nn.Identity()
