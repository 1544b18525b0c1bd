"""Copies of pictures taken worse: noisy, blurred, far away, small, without colour.

A head that learns only from good photos fails in the dark and from afar. A degraded copy shows what
its original shows, so that it is learned with the original's labels ("corruption augmentation";
Hendrycks and Dietterich, 2019, measure what such corruptions cost).
"""

from __future__ import annotations

import random
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ansa.photo.pixels import resize_square
from ansa.scene import Pixels
from ansa_train.data.augment.degradations import degrade, draw_faults, seen_from_afar
from ansa_train.data.pictures import Pictures

VERSION = 1
"""Of how copies are degraded; a cache of older ones is not used."""

_AGAIN = 0.3  # share of copies with a second fault
_SIDES = 0.35, 0.85  # of the frame that a photo from afar fills
_PIXELS = 40, 128  # the side of a small copy
_CAST = 0.5  # the least share of a colour that a cast leaves


class WithDegradedCopies:
    """Pictures, and degraded copies of some; see :class:`ansa_train.data.pictures.Pictures`.

    Args:
        pictures: the originals.
        copies: how many degraded copies come after them; of any picture several if there are more
            copies than pictures.
        seed: of which pictures are copied and how they are degraded.

    Attributes:
        name: that of the originals, "-degraded" behind it.
        origins: int64 (n,), the place of each picture's original; its own for an original.
    """

    def __init__(self, pictures: Pictures, copies: int, seed: int = 0) -> None:
        self.pictures, self.seed = pictures, seed
        self.name = f"{pictures.name}-degraded"
        order = np.random.default_rng(seed).permutation(len(pictures))
        chosen = np.resize(order, copies if len(pictures) else 0)
        self.origins: NDArray[np.int64] = np.concatenate([np.arange(len(pictures)), chosen])

    def __len__(self) -> int:
        """The number of pictures, copies included."""
        return len(self.origins)

    def identity(self) -> str:
        """A text that is another one whenever any of the pictures is."""
        return f"{self.pictures.identity()} and {len(self)} {self.seed} {VERSION}"

    def render(self, index: int, size: int) -> Pixels:
        """One of the pictures, uint8 (size, size, 3), the same at every call."""
        pixels = self.pictures.render(int(self.origins[index]), size)
        if index < len(self.pictures):
            return pixels
        return degraded(pixels, f"{self.seed} {index}")


def degraded(pixels: Pixels, seed: str) -> Pixels:
    """A picture with one fault or two, uint8 of the same shape.

    Args:
        pixels: uint8 (size, size, 3).
        seed: of which faults, and how strong they are.
    """
    rng = random.Random(zlib.crc32(seed.encode()))  # noqa: S311 - reproducible, not secret
    makers = rng.sample((_faulty, _faulty, _far, _small, _tinted), 1 + (rng.random() < _AGAIN))
    for make in makers:
        pixels = make(pixels, rng)
    return pixels


def _faulty(pixels: Pixels, rng: random.Random) -> Pixels:
    """With faults of the camera: blur, noise, exposure, compression."""
    faults = draw_faults(rng, tilted=0.0, most=2)
    return degrade(Image.fromarray(pixels), faults, len(pixels), str(rng.random()))


def _far(pixels: Pixels, rng: random.Random) -> Pixels:
    """Small, somewhere in its own blurred image."""
    side = round(len(pixels) * rng.uniform(*_SIDES))
    place = rng.randint(0, len(pixels) - side), rng.randint(0, len(pixels) - side)
    return seen_from_afar(pixels, side, place)


def _small(pixels: Pixels, rng: random.Random) -> Pixels:
    """Made small and large again, so that its details are gone."""
    return resize_square(resize_square(pixels, rng.randint(*_PIXELS)), len(pixels))


def _tinted(pixels: Pixels, rng: random.Random) -> Pixels:
    """Grey, or with less of some colours."""
    if rng.random() < 0.5:
        return np.asarray(Image.fromarray(pixels).convert("L").convert("RGB"))
    gains = np.array([rng.uniform(_CAST, 1.0) for _ in range(3)], np.float32)
    cast: Pixels = (pixels * gains + 0.5).astype(np.uint8)
    return cast
