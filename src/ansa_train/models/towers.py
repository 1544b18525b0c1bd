"""The image and the text tower, which pretraining trains and export writes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.models.encoder import ImageEncoder
from ansa_train.models.presets import build_image, build_text


class ImageTower(nn.Module):
    """Normalised pixels (n, 3, s, s) -> (n, dim), unit length."""

    def __init__(self, backbone: ImageEncoder, dim: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.project = nn.Linear(backbone.features, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Unit vectors (n, dim) of normalised pixels (n, 3, s, s)."""
        return self.embed(self.backbone(x))

    def embed(self, features: Tensor) -> Tensor:
        """Pooled features (n, f) -> (n, dim), unit length."""
        vectors: Tensor = F.normalize(self.project(features), dim=-1)
        return vectors

    def last(self) -> list[nn.Linear]:
        """The layers whose sum is the vector, before it gets unit length."""
        return [self.project]


class Towers(nn.Module):
    """Image and text tower with one learned temperature per objective.

    Attributes:
        image: the image tower.
        text: the text tower.
        scales: logarithms of the inverse temperatures: captions, teacher, labels.

    Args:
        image: the image network, by its name in :mod:`ansa_train.models.presets`.
        text: the text network, by its name there.
        dim: length of the shared vector.

    Raises:
        ValueError: no preset of that name.
    """

    def __init__(self, image: str, text: str, dim: int) -> None:
        super().__init__()
        self.image = ImageTower(build_image(image), dim)
        self.text = build_text(text, dim)
        self.scales = nn.ParameterDict(
            {name: nn.Parameter(torch.tensor(3.0)) for name in ("captions", "teacher", "labels")}
        )

    def scale(self, objective: str) -> Tensor:
        """The inverse temperature of an objective, at most 100 as in CLIP."""
        scale: Tensor = self.scales[objective].exp().clamp(max=100.0)
        return scale
