"""A candidate's weights, taken from the network it is a part of.

A block that is dropped leaves its residual. Of a narrower block's channels the strongest stay, and
its projection makes up for the others as far as it can: what they gave on some photos is predicted
from those that stay, by least squares (He et al., "Channel Pruning for Accelerating Very Deep
Neural Networks", 2017). Gates start at one. So with nothing dropped, the candidate is the whole.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ansa_train.models import warm_start
from ansa_train.models.mobilenet import Backbone, InvertedResidual, fold_norms, normalise
from research.architecture_search.space import BASE, Candidate

_RIDGE = 1e-3  # of the mean variance: keeps the least squares well-posed
_BATCH = 16  # photos


class ParentNetwork:
    """The network that candidates are parts of: warm-started, norms folded, ReLU6 throughout.

    Attributes:
        backbone: normalised pixels -> features.
        classifier: features -> logits of the teacher's classes.

    Args:
        pixels: uint8 (n, s, s, 3), photos to see what channels do on.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.backbone = Backbone(BASE)
        self.classifier = warm_start.efficientnet_lite("efficientnet-lite0", self.backbone)
        fold_norms(self.backbone)  # statistics of a small corpus would only harm the warm start
        set_blend(self.backbone, 0.0)
        self._seen = [_Seen(block) for block in self._blocks()]
        self._look(pixels)

    @torch.no_grad()
    def part(self, candidate: Candidate) -> tuple[Backbone, nn.Linear]:
        """A candidate's own backbone and classifier; squeeze-excite has a random first layer."""
        network = Backbone(candidate.architecture())
        fold_norms(network)
        set_blend(network, 0.0)
        _copy(network.trunk[0], self.backbone.trunk[0])
        _copy(network.last, self.backbone.last)
        texture = torch.arange(0)
        for place, i in enumerate(candidate.kept(), start=1):
            new, old = network.trunk[place], self._blocks()[i]
            assert isinstance(new, InvertedResidual)
            kept = self._seen[i].strongest(_conv(new.depthwise).out_channels)
            if not isinstance(old.expand, nn.Identity):
                _copy(new.expand, old.expand, kept)
            _copy(new.depthwise, old.depthwise, kept)
            weight, bias = self._seen[i].projection(kept)
            _assign(_conv(new.project), weight[:, :, None, None], bias)
            if place == network.branch:
                texture = kept
        before = self.classifier.in_features - len(self._seen[self.backbone.branch - 1].mean)
        columns = torch.cat([torch.arange(before), before + texture])
        classifier = nn.Linear(network.features, self.classifier.out_features)
        classifier.weight.copy_(self.classifier.weight[:, columns])
        classifier.bias.copy_(self.classifier.bias)
        return network, classifier

    def _blocks(self) -> list[InvertedResidual]:
        return [block for block in self.backbone.trunk if isinstance(block, InvertedResidual)]

    @torch.inference_mode()
    def _look(self, pixels: NDArray[np.uint8]) -> None:
        hooks = [
            block.project.register_forward_pre_hook(lambda _, inputs, seen=seen: seen.add(*inputs))
            for block, seen in zip(self._blocks(), self._seen, strict=True)
        ]
        for start in range(0, len(pixels), _BATCH):
            batch = normalise(torch.from_numpy(pixels[start : start + _BATCH]))
            self.backbone(batch.contiguous(memory_format=torch.channels_last))
        for hook in hooks:
            hook.remove()


class _Seen:
    """Mean and covariance of what a block's projection reads, its expanded channels."""

    def __init__(self, block: InvertedResidual) -> None:
        conv = _conv(block.project)
        assert conv.bias is not None
        self.weight, self.bias = conv.weight.detach().flatten(1), conv.bias.detach()
        channels = self.weight.shape[1]
        self._count = 0
        self._sum = torch.zeros(channels)
        self._products = torch.zeros(channels, channels)

    def add(self, x: Tensor) -> None:
        """Take in (n, channels, h, w)."""
        rows = x.permute(0, 2, 3, 1).flatten(0, 2)
        self._count += len(rows)
        self._sum += rows.sum(0)
        self._products += rows.T @ rows

    @property
    def mean(self) -> Tensor:
        return self._sum / self._count

    @property
    def covariance(self) -> Tensor:
        return self._products / self._count - self.mean.outer(self.mean)

    def strongest(self, count: int) -> Tensor:
        """The channels whose share in the output varies most, (count,), in order."""
        strength = self.covariance.diagonal().clamp(min=0.0).sqrt() * self.weight.norm(dim=0)
        kept: Tensor = strength.topk(count).indices.sort().values
        return kept

    def projection(self, kept: Tensor) -> tuple[Tensor, Tensor]:
        """Weight (out, kept) and bias (out,) that do best without the other channels."""
        others = torch.ones(len(self._sum), dtype=torch.bool)
        others[kept] = False
        weight, lost = self.weight[:, kept], self.weight[:, others]
        if not others.any():
            return weight, self.bias
        covariance, mean = self.covariance, self.mean
        among = covariance[kept][:, kept]
        ridge = _RIDGE * among.diagonal().mean() * torch.eye(len(kept))
        told = torch.linalg.solve(among + ridge, covariance[kept][:, others])
        made_up = lost @ told.T
        bias = self.bias + lost @ mean[others] - made_up @ mean[kept]
        return weight + made_up, bias


def set_blend(network: Backbone, blend: float) -> None:
    """All activations that can be hard-swish between ReLU6 (0) and hard-swish (1)."""
    for activation in network.activations():
        activation.blend = blend


def _copy(new: nn.Module, old: nn.Module, out: Tensor | None = None) -> None:
    """The folded convolution of a part of the network, or some of its output channels."""
    source = _conv(old)
    assert source.bias is not None
    every = torch.arange(source.out_channels) if out is None else out
    _assign(_conv(new), source.weight[every], source.bias[every])


def _assign(conv: nn.Conv2d, weight: Tensor, bias: Tensor) -> None:
    assert conv.bias is not None
    conv.weight.copy_(weight)
    conv.bias.copy_(bias)


def _conv(module: nn.Module) -> nn.Conv2d:
    return next(part for part in module.modules() if isinstance(part, nn.Conv2d))
