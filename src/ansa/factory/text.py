"""The text tower: a small post-norm transformer with masked mean pooling (BERT / MiniLM shape).

Wang et al., "MiniLM" (2020); Reimers and Gurevych, "Sentence-BERT" (2019) for the pooling.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention


class TextLayer(nn.Module):
    """One transformer layer; (n, t, width) -> (n, t, width)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.merge = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=1e-12)
        self.widen = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)
        self.norm2 = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """``bias`` (n, 1, 1, t) joins the attention logits: 0 to attend, very negative not to."""
        n, t, width = x.shape
        shape = (n, t, self.heads, width // self.heads)
        q, k, v = (f(x).view(shape).transpose(1, 2) for f in (self.query, self.key, self.value))
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        x = self.norm1(x + self.merge(attended.transpose(1, 2).reshape(n, t, width)))
        y: Tensor = self.norm2(x + self.narrow(F.gelu(self.widen(x))))
        return y


class TextTower(nn.Module):
    """Token ids -> unit vectors shared with photos.

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
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(positions, width)
        self.segment = nn.Parameter(torch.zeros(2, width))
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(TextLayer(width, heads) for _ in range(layers))
        self.width = width
        self.project = nn.Linear(2 * width, dim, bias=False)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Ids and mask (1 = a token, 0 = padding), both int64 (n, t) -> (n, dim), unit length."""
        x = self.hidden(self.embed_tokens(ids), mask, 0, len(self.layers))
        return self.pool(x, mask)

    def embed_tokens(self, ids: Tensor) -> Tensor:
        """(n, t) ids -> (n, t, width), the input of the first layer."""
        where = torch.arange(ids.shape[1], device=ids.device)
        x: Tensor = self.norm(self.token(ids) + self.position(where) + self.segment[0])
        return x

    def hidden(self, x: Tensor, mask: Tensor, first: int, last: int) -> Tensor:
        """Run layers ``first`` to ``last`` (exclusive) over (n, t, width)."""
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in list(self.layers)[first:last]:
            x = layer(x, bias)
        return x

    def pool(self, x: Tensor, mask: Tensor) -> Tensor:
        """(n, t, width) -> (n, dim): mean and maximum over the tokens, projection, unit length."""
        weight = mask[:, :, None].to(x.dtype)
        mean = (x * weight).sum(1) / weight.sum(1).clamp(min=1.0)
        greatest = (x - (1.0 - weight) * 1e4).amax(1)
        return F.normalize(self.project(torch.cat([mean, greatest], 1)), dim=-1)
