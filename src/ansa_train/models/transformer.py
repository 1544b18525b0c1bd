"""The transformer layer of the text towers and of the vision transformer.

Vaswani et al., "Attention Is All You Need" (2017); norms first as in Radford et al., GPT-2 (2019).
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

HIDDEN = -1e4
"""Added to an attention logit that must not count; -inf would turn a row of padding into NaN."""


class TransformerLayer(nn.Module):
    """One transformer layer; (n, t, width) -> (n, t, width).

    Norms stand after each part, as in BERT, or with ``pre_norm`` before it, as in CLIP.
    """

    def __init__(self, width: int, heads: int, *, pre_norm: bool = False) -> None:
        super().__init__()
        self.heads = heads
        self.pre_norm = pre_norm
        epsilon = 1e-5 if pre_norm else 1e-12
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.merge = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=epsilon)
        self.widen = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)
        self.norm2 = nn.LayerNorm(width, eps=epsilon)

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """``bias`` (n, 1, 1 or t, t) joins the attention logits: 0 to attend, else HIDDEN."""
        if self.pre_norm:
            x = x + self._attend(self.norm1(x), bias)
            return x + self._feed(self.norm2(x))
        x = self.norm1(x + self._attend(x, bias))
        y: Tensor = self.norm2(x + self._feed(x))
        return y

    def _attend(self, x: Tensor, bias: Tensor | None) -> Tensor:
        n, t, width = x.shape
        shape = (n, t, self.heads, width // self.heads)
        q, k, v = (f(x).view(shape).transpose(1, 2) for f in (self.query, self.key, self.value))
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        merged: Tensor = self.merge(attended.transpose(1, 2).reshape(n, t, width))
        return merged

    def _feed(self, x: Tensor) -> Tensor:
        y: Tensor = self.narrow(F.gelu(self.widen(x)))
        return y
