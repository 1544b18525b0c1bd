"""The two towers side by side: what pretraining trains and export writes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa.factory.backbone import Backbone
from ansa.factory.text import TextTower


class ImageTower(nn.Module):
    """Normalised pixels (n, 3, s, s) -> (n, dim), unit length."""

    def __init__(self, backbone: Backbone, dim: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.project = nn.Linear(backbone.features, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.embed(self.backbone(x))

    def embed(self, features: Tensor) -> Tensor:
        """Pooled features (n, f) -> (n, dim), unit length."""
        vectors: Tensor = F.normalize(self.project(features), dim=-1)
        return vectors


class Towers(nn.Module):
    """Image and text tower with one learned temperature per objective.

    Attributes:
        image: the image tower.
        text: the text tower.
        scales: logarithms of the inverse temperatures: captions, teacher, labels.
    """

    def __init__(self, architecture: str, dim: int) -> None:
        super().__init__()
        self.image = ImageTower(Backbone(architecture), dim)
        self.text = TextTower(dim)
        self.scales = nn.ParameterDict(
            {name: nn.Parameter(torch.tensor(3.0)) for name in ("captions", "teacher", "labels")}
        )

    def scale(self, objective: str) -> Tensor:
        """The inverse temperature of an objective, at most 100 as in CLIP."""
        scale: Tensor = self.scales[objective].exp().clamp(max=100.0)
        return scale
