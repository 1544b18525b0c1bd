"""The vision transformer: the large image network of Apple's article.

Dosovitskiy et al., "An Image is Worth 16x16 Words" (2021).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.models.encoder import ImageEncoder
from ansa_train.models.transformer import TransformerLayer


class Patches(nn.Module):
    """Normalised pixels (n, 3, s, s) -> tokens (n, 1 + patches, width), each in its position.

    The position table belongs to squares of ``side`` patches; at other sizes it is interpolated.
    """

    def __init__(self, patch: int, width: int, side: int) -> None:
        super().__init__()
        self.side = side
        self.embed = nn.Conv2d(3, width, patch, patch)
        self.summary = nn.Parameter(torch.zeros(width))
        self.position = nn.Parameter(torch.randn(1 + side * side, width) * 0.02)

    def forward(self, x: Tensor) -> Tensor:
        """Tokens (n, 1 + patches, width) of normalised pixels (n, 3, s, s)."""
        x = self.embed(x)
        n, width, side, _ = x.shape
        summary = self.summary.expand(n, 1, width)
        x = torch.cat([summary, x.flatten(2).transpose(1, 2)], 1)
        return x + (self.position if side == self.side else self.positions(side))

    def positions(self, side: int) -> Tensor:
        """The table for squares of another number of patches, (1 + side^2, width)."""
        grid = self.position[1:].T.reshape(1, -1, self.side, self.side)
        grid = F.interpolate(grid, (side, side), mode="bicubic", antialias=True)
        return torch.cat([self.position[:1], grid.flatten(2)[0].T])


class VisionTransformer(ImageEncoder):
    """Normalised pixels (n, 3, s, s) -> features (n, width): the summary token, normed.

    The pixels are those of :func:`ansa_train.models.mobilenet.normalise`, as for every image
    network.

    Args:
        patch: side of a patch, in pixels; s is a multiple of it.
        width: channels of the transformer.
        layers: how many.
        heads: attention heads a layer.
        size: side of the input the position table is made for, in pixels.
    """

    def __init__(
        self,
        *,
        patch: int = 16,
        width: int = 768,
        layers: int = 12,
        heads: int = 12,
        size: int = 224,
    ) -> None:
        super().__init__()
        self.features, self.patch = width, patch
        self.patches = Patches(patch, width, size // patch)
        self.layers = nn.ModuleList(
            TransformerLayer(width, heads, pre_norm=True) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)
        for part in self.layers.modules():
            if isinstance(part, nn.Linear):
                nn.init.trunc_normal_(part.weight, std=0.02)
                nn.init.zeros_(part.bias)

    def blocks(self) -> Sequence[nn.Module]:
        """The patches, then the layers."""
        return [self.patches, *self.layers]

    def from_block(self, x: Tensor, first: int) -> Tensor:
        """Features (n, width) of what the blocks before ``first`` give, (n, 1 + patches, width)."""
        for block in self.blocks()[first:]:
            x = self.call(block, x)
        features: Tensor = self.norm(x[:, 0])
        return features

    @torch.no_grad()
    def fit(self, size: int) -> None:
        """Interpolates the position table for good.

        Raises:
            ValueError: the size is no multiple of the patch's.
        """
        if size % self.patch:
            raise ValueError(f"a size of {size} is no multiple of the patch's {self.patch} pixels")
        side = size // self.patch
        if side != self.patches.side:
            self.patches.position = nn.Parameter(self.patches.positions(side))
            self.patches.side = side
