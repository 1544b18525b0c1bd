"""The text tower that ships: a small BERT whose tokens are pooled by mean and maximum.

Wang et al., "MiniLM" (2020); Reimers and Gurevych, "Sentence-BERT" (2019) for the pooling.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.models.text_encoder import TextTower, positions_of
from ansa_train.models.transformer import HIDDEN, TransformerLayer


class MiniLM(TextTower):
    """A post-norm transformer that looks both ways.

    Args:
        dim: length of the vector.
        vocabulary: rows of the token table.
        width: channels of the transformer.
        layers: how many.
        heads: attention heads a layer.
        positions: longest input, in tokens.
    """

    def __init__(
        self,
        dim: int,
        *,
        vocabulary: int = 30522,
        width: int = 384,
        layers: int = 6,
        heads: int = 12,
        positions: int = 512,
    ) -> None:
        super().__init__()
        self.width, self.positions = width, positions
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(positions, width)
        self.segment = nn.Parameter(torch.zeros(2, width))
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(TransformerLayer(width, heads) for _ in range(layers))
        self.project = nn.Linear(2 * width, dim, bias=False)

    def embed_tokens(self, ids: Tensor) -> Tensor:
        """See the base class."""
        x: Tensor = self.norm(self.token(ids) + self.position(positions_of(ids)) + self.segment[0])
        return x

    def pool(self, x: Tensor, mask: Tensor) -> Tensor:
        """Mean and maximum over the tokens, projection, unit length."""
        weight = mask[:, :, None].to(x.dtype)
        mean = (x * weight).sum(1) / weight.sum(1).clamp(min=1.0)
        greatest = (x + (1.0 - weight) * HIDDEN).amax(1)
        return F.normalize(self.project(torch.cat([mean, greatest], 1)), dim=-1)
