"""The text tower of the article's shape: a causal pre-norm transformer, read at its last token.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (2021).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.models.text_encoder import TextTower, positions_of
from ansa_train.models.transformer import HIDDEN, TransformerLayer


class ClipText(TextTower):
    """A transformer in which a token sees those before it, so that the last has seen them all.

    The last token of a text is the end-of-text mark of its tokenizer.

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
        vocabulary: int = 49408,
        width: int = 512,
        layers: int = 6,
        heads: int = 8,
        positions: int = 77,
    ) -> None:
        super().__init__()
        self.width, self.positions = width, positions
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(positions, width)
        self.layers = nn.ModuleList(
            TransformerLayer(width, heads, pre_norm=True) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, dim, bias=False)
        self._start()

    @torch.no_grad()
    def _start(self) -> None:
        """Random weights as in CLIP: the deeper the tower, the less each layer adds at first."""
        nn.init.normal_(self.token.weight, std=0.02)
        nn.init.normal_(self.position.weight, std=0.01)
        added = (2 * self.width * len(self.layers)) ** -0.5
        for layer in self.layers:
            assert isinstance(layer, TransformerLayer)
            for part in (layer.query, layer.key, layer.value):
                nn.init.normal_(part.weight, std=self.width**-0.5)
            nn.init.normal_(layer.widen.weight, std=(2 * self.width) ** -0.5)
            for part in (layer.merge, layer.narrow):
                nn.init.normal_(part.weight, std=added)
            for part in (layer.query, layer.key, layer.value, layer.merge, layer.widen):
                nn.init.zeros_(part.bias)
            nn.init.zeros_(layer.narrow.bias)
        nn.init.normal_(self.project.weight, std=self.width**-0.5)

    def embed_tokens(self, ids: Tensor) -> Tensor:
        """Token ids (n, t) -> the input of the first layer, (n, t, width)."""
        x: Tensor = self.token(ids) + self.position(positions_of(ids))
        return x

    def summary(self, x: Tensor, mask: Tensor) -> Tensor:
        """The last token that the mask shows, normed."""
        last = (mask * positions_of(mask)).amax(1)
        x = x[torch.arange(len(x), device=x.device), last]
        normed: Tensor = self.norm(x)
        return normed

    def from_summary(self, summary: Tensor) -> Tensor:
        """The projection, at unit length."""
        return F.normalize(self.project(summary), dim=-1)

    def _bias(self, mask: Tensor) -> Tensor:
        """Nobody attends to padding, nor to what comes later."""
        where = positions_of(mask)
        later = where[None, :] > where[:, None]
        hidden = later[None, None] | (mask[:, None, None, :] == 0)
        return hidden * HIDDEN
