"""Learns from plain red and blue photos; sees two branches of the tiny bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ansa_train.data.pack import Split, read_pack
from ansa_train.data.pictures import WholePhotos
from ansa_train.heads.base import Head, Read


@dataclass(frozen=True, slots=True)
class WarmthSettings:
    """``sharpness`` multiplies the logit, ``sides`` are nothing but a list."""

    sharpness: float = 4.0
    sides: tuple[int, ...] = (1, 2)


class WarmthNetwork(nn.Module):
    """Features (n, 3) and a map (n, 3, h, w) -> logit (n, 1)."""

    def __init__(self, sharpness: float) -> None:
        super().__init__()
        self.sharpness = sharpness
        self.linear = nn.Linear(6, 1)

    def forward(self, features: Tensor, stride8: Tensor) -> Tensor:
        """See the class."""
        seen = torch.cat([features, stride8.mean((2, 3))], 1)
        logit: Tensor = self.linear(seen - 0.5) * self.sharpness
        return logit


class Warmth(Head[WarmthSettings]):
    """See ``ansa.model.heads.warmth``."""

    BRANCHES = ("features", "stride8")
    SETTINGS = WarmthSettings
    PARTS = ("wordnet",)

    def pictures(self, split: Split) -> WholePhotos:
        """See the class."""
        return WholePhotos(read_pack(self.place.data, [split]))

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """See the class."""
        return WarmthNetwork(self.settings.sharpness)

    def loss(self, outputs: Any, rows: Sequence[int], network: nn.Module) -> dict[str, Tensor]:
        """See the class."""
        warm = torch.from_numpy(self._warm("train")[list(rows)])
        return {"warmth": functional.binary_cross_entropy_with_logits(outputs[:, 0], warm)}

    def files(self) -> dict[str, bytes]:
        """See the class."""
        return {"warmth.txt": b"red"}

    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """See the class."""
        return {"scale": 1.0, "photos": len(raw)}

    def measure(self, raw: NDArray[Any], read: Read, split: Split) -> dict[str, float]:
        """See the class."""
        said = np.array([read(each) > 0.5 for each in raw])
        return {"accuracy": float((said == self._warm(split)).mean())}

    def _warm(self, split: Split) -> NDArray[np.float32]:
        samples = self.pictures(split).samples
        return np.array(["red" in sample.labels for sample in samples], np.float32)


HEAD = Warmth
