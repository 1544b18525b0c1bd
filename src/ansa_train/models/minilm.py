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
        hidden: channels of a layer beside the projection, which lets frozen layers say more; 0 for
            none.
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
        hidden: int = 0,
    ) -> None:
        super().__init__()
        self.width, self.positions = width, positions
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(positions, width)
        self.segment = nn.Parameter(torch.zeros(2, width))
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(TransformerLayer(width, heads) for _ in range(layers))
        self.project = nn.Linear(2 * width, dim, bias=False)
        if hidden:
            self.expand, self.contract = nn.Linear(2 * width, hidden), nn.Linear(hidden, dim)
            nn.init.zeros_(self.contract.weight)
            nn.init.zeros_(self.contract.bias)
        self._deep = bool(hidden)

    def embed_tokens(self, ids: Tensor) -> Tensor:
        """Token ids (n, t) -> the input of the first layer, (n, t, width)."""
        x: Tensor = self.norm(self.token(ids) + self.position(positions_of(ids)) + self.segment[0])
        return x

    def summary(self, x: Tensor, mask: Tensor) -> Tensor:
        """Mean and maximum over the tokens, (n, 2 width)."""
        weight = mask[:, :, None].to(x.dtype)
        mean = (x * weight).sum(1) / weight.sum(1).clamp(min=1.0)
        greatest = (x + (1.0 - weight) * HIDDEN).amax(1)
        return torch.cat([mean, greatest], 1)

    def from_summary(self, summary: Tensor) -> Tensor:
        """The projection, and the hidden layer beside it, at unit length."""
        vector = self.project(summary)
        if self._deep:
            vector = vector + self.contract(F.gelu(self.expand(summary)))
        return F.normalize(vector, dim=-1)

    def head(self) -> list[nn.Parameter]:
        """The parameters of the projection, and of what stands beside it."""
        beside = [*self.expand.parameters(), *self.contract.parameters()] if self._deep else []
        return [*super().head(), *beside]

    def last(self) -> list[nn.Linear]:
        """The projection, and what stands beside it."""
        return [*super().last(), *([self.contract] if self._deep else [])]
