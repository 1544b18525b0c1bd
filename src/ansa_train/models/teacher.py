"""The teacher whose class distribution is distilled, and frozen networks run at full speed."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ansa_train.models.efficientnet_lite3 import EfficientNetLite3
from ansa_train.models.mobilenet import Backbone, fold_norms, normalise
from ansa_train.models.narrow_types import fast_type
from ansa_train.models.warm_start import efficientnet_lite

TEACHERS = ("efficientnet-lite2", "efficientnet-lite3")


class ClassTeacher(Protocol):
    """uint8 pixels (n, SIZE, SIZE, 3) -> logits of the 1,000 ImageNet classes, (n, 1000)."""

    SIZE: int

    def __call__(self, pixels: NDArray[np.uint8]) -> Tensor:
        """Logits of the 1,000 classes, float32 (n, 1000)."""


def class_teacher(name: str, device: torch.device | str = "cpu") -> ClassTeacher:
    """The teacher that a recipe names.

    Args:
        name: one of :data:`TEACHERS`.
        device: where "efficientnet-lite2" computes; the other one is for processors only.

    Raises:
        TrainingError: what it needs is not installed, or its weights cannot be fetched.
        ValueError: there is no teacher of that name.
    """
    if name == "efficientnet-lite2":
        return Teacher(device)
    if name == "efficientnet-lite3":
        return EfficientNetLite3()
    raise ValueError(f"no teacher {name!a}; there is {', '.join(TEACHERS)}")


def teacher_size(name: str) -> int:
    """The side of the photos that a teacher of :data:`TEACHERS` looks at, in pixels."""
    return {"efficientnet-lite2": Teacher.SIZE, "efficientnet-lite3": EfficientNetLite3.SIZE}[name]


class FrozenNetwork(nn.Module):
    """A network that only looks: norms folded, bfloat16 where the processor has it, channels last.

    The network is changed in place. uint8 pixels (n, s, s, 3) -> what it gives for them normalised.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        network.eval().requires_grad_(False)
        fold_norms(network)
        kind = fast_type(next(network.parameters()).device)
        network.to(kind, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network = network

    def forward(self, pixels: NDArray[np.uint8]) -> Tensor:
        """The network's output for uint8 pixels (n, s, s, 3)."""
        weight = next(self.network.parameters())
        output: Tensor = self.network(normalise(torch.from_numpy(pixels)).to(weight))
        return output


class Teacher:
    """EfficientNet-Lite2 at 260 px: uint8 (n, 260, 260, 3) -> logits (n, 1000).

    Args:
        device: where it computes.
    """

    SIZE = 260

    def __init__(self, device: torch.device | str = "cpu") -> None:
        backbone = Backbone("efficientnet-lite2")
        self.classifier = efficientnet_lite("efficientnet-lite2", backbone).requires_grad_(False)
        self.classifier.to(device)
        self.backbone = FrozenNetwork(backbone).to(device)

    def __call__(self, pixels: NDArray[np.uint8]) -> Tensor:
        """Logits of the 1,000 classes, float32 (n, 1000)."""
        logits: Tensor = self.classifier(self.backbone(pixels).float())
        return logits
