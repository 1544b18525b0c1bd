"""The pictures that heads are trained on: photos as they are, or pictures made of them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ansa.photo.pixels import resize_square
from ansa.scene import Pixels
from ansa_train.data.pack import Sample


class Pictures(Protocol):
    """A list of pictures, each made when it is asked for and always the same.

    Attributes:
        name: what they are, a plain word; their cache is called after it.
    """

    name: str

    def __len__(self) -> int:
        """The number of pictures."""

    def identity(self) -> str:
        """A text that is another one whenever any of the pictures is."""

    def render(self, index: int, size: int) -> Pixels:
        """One of the pictures, uint8 (size, size, 3). Several threads may call it at a time."""


class WholePhotos:
    """Photos as the runtime sees them: whole, squashed to the square."""

    name = "whole"

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples = samples

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.samples)

    def identity(self) -> str:
        """A text that is another one whenever any of the pictures is."""
        return keys_identity(self.samples)

    def render(self, index: int, size: int) -> Pixels:
        """One of the pictures, uint8 (size, size, 3), the same at every call."""
        return resize_square(np.asarray(self.samples[index].read()), size)


def keys_identity(samples: Sequence[Sample]) -> str:
    """A text that tells these photos, in their order, from others."""
    return f"{len(samples)} photos {zlib.crc32(' '.join(s.key for s in samples).encode()):08x}"
