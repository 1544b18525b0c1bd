"""Pictures that heads look at: photos as they are, or whatever a head makes of them."""

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
        """How many there are."""

    def identity(self) -> str:
        """Stands for what each of them shows; another text means other pictures."""

    def render(self, index: int, size: int) -> Pixels:
        """One of them, uint8 (size, size, 3). Threads may call it at the same time."""


class WholePhotos:
    """Photos as the runtime sees them: whole, squashed to the square."""

    name = "whole"

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples = samples

    def __len__(self) -> int:
        """See the protocol."""
        return len(self.samples)

    def identity(self) -> str:
        """See the protocol."""
        return keys_identity(self.samples)

    def render(self, index: int, size: int) -> Pixels:
        """See the protocol."""
        return resize_square(np.asarray(self.samples[index].read()), size)


def keys_identity(samples: Sequence[Sample]) -> str:
    """Stands for which photos they are, in their order."""
    return f"{len(samples)} photos {zlib.crc32(' '.join(s.key for s in samples).encode()):08x}"
