"""The network of the tags head: a known classifier, and a correction that photos teach."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

_LEAST = 1e-5  # of a sum of exponentials; the greatest of them is one


class TagNetwork(nn.Module):
    """Features (n, f) -> logits (n, concepts).

    Args:
        classifier: (n, f) -> logits of the classes, frozen.
        kinds: (classes, concepts), one where a class is a kind of a concept.
        learned: bool (concepts,), which concepts photos teach.
        often: (concepts,), the share of photos that show each; where those begin that no class is a
            kind of.
        hidden: width of the hidden layer.
        dropout: share of features and hidden values that are dropped in training.
    """

    def __init__(
        self,
        classifier: nn.Linear,
        kinds: Tensor,
        learned: Tensor,
        often: Tensor,
        hidden: int,
        dropout: float,
    ) -> None:
        super().__init__()
        read = int(classifier.weight.detach().any(0).nonzero().max()) + 1  # the rest is zero
        self.classes = nn.Linear(read, len(classifier.weight)).requires_grad_(False)
        self.classes.weight.copy_(classifier.weight.detach()[:, :read])
        self.classes.bias.copy_(classifier.bias.detach())
        self.kinds: Tensor
        self.covered: Tensor
        self.learned: Tensor
        self.register_buffer("kinds", kinds.clone())
        self.register_buffer("covered", kinds.any(0).float())
        self.register_buffer("learned", learned.float())
        self.slopes = nn.Parameter(torch.tensor([0.9, 0.9]))
        self.own_slopes = nn.Parameter(torch.zeros(2, kinds.shape[1]))
        self.normal = nn.BatchNorm1d(classifier.in_features, affine=False, momentum=0.02)
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(classifier.in_features, hidden)
        self.up = nn.Linear(hidden, kinds.shape[1])
        nn.init.zeros_(self.up.weight)
        start = torch.logit(often.clamp(1e-3, 0.9)) * (1 - self.covered)
        self.up.bias = nn.Parameter(start)

    def forward(self, features: Tensor) -> Tensor:
        """Logits (n, concepts) of features (n, f)."""
        logits = self.classes(features[:, : self.classes.in_features])
        chances = (logits - logits.amax(1, keepdim=True)).exp()
        inside = chances @ self.kinds
        outside = chances.sum(1, keepdim=True) - inside
        slopes = self.covered * (self.slopes[:, None] + self.own_slopes * self.learned)
        known = slopes[0] * (inside.clamp_min(0) + _LEAST).log()
        known = known - slopes[1] * (outside.clamp_min(0) + _LEAST).log()
        hidden = F.relu(self.hidden(self.dropout(self.normal(features))))
        both: Tensor = known + self.up(self.dropout(hidden)) * self.learned
        return both
