"""The base class of text towers: from tokens through a transformer to a vector."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ansa_train.models.encoder import Encoder
from ansa_train.models.transformer import HIDDEN


class TextTower(Encoder):
    """Token ids -> unit vectors shared with photos.

    Attributes:
        layers: the transformer.
        project: from what :meth:`pool` reads to the shared space.
        width: channels of the transformer.
        positions: longest input, in tokens.
    """

    layers: nn.ModuleList
    project: nn.Linear
    width: int
    positions: int

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Ids and mask (1 = a token, 0 = padding), both int64 (n, t) -> (n, dim), unit length."""
        x = self.hidden(self.embed_tokens(ids), mask, 0, len(self.layers))
        return self.pool(x, mask)

    @abstractmethod
    def embed_tokens(self, ids: Tensor) -> Tensor:
        """(n, t) ids -> (n, t, width), the input of the first layer."""

    def pool(self, x: Tensor, mask: Tensor) -> Tensor:
        """What the last layer gives, (n, t, width) -> (n, dim), unit length."""
        return self.from_summary(self.summary(x, mask))

    @abstractmethod
    def summary(self, x: Tensor, mask: Tensor) -> Tensor:
        """What the last layer gives, (n, t, width) -> (n, s), all that the projection reads."""

    @abstractmethod
    def from_summary(self, summary: Tensor) -> Tensor:
        """Summaries (n, s) -> (n, dim), unit length."""

    def head(self) -> list[nn.Parameter]:
        """The parameters that :meth:`from_summary` uses."""
        return list(self.project.parameters())

    def last(self) -> list[nn.Linear]:
        """The layers whose sum is the vector, before it gets unit length."""
        return [self.project]

    def blocks(self) -> Sequence[nn.Module]:
        """The layers; the token table is none of them."""
        return list(self.layers)

    def hidden(self, x: Tensor, mask: Tensor, first: int, last: int) -> Tensor:
        """Run layers ``first`` to ``last`` (exclusive) over (n, t, width)."""
        bias = self._bias(mask).to(x.dtype)
        for layer in self.blocks()[first:last]:
            x = self.call(layer, x, bias)
        return x

    def _bias(self, mask: Tensor) -> Tensor:
        """Nobody attends to padding."""
        return (1 - mask[:, None, None, :]) * HIDDEN


def positions_of(ids: Tensor) -> Tensor:
    """0 .. t - 1 for ids (n, t)."""
    return torch.arange(ids.shape[1], device=ids.device)
