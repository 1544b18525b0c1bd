"""Photos seen whole, and again through random windows, mirrored half the time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ansa.photo.pixels import resize_square
from ansa.scene import Box, Pixels
from ansa_train.data.pack import Sample
from ansa_train.data.pictures import keys_identity

_SIDE = (0.5, 1.0)
"""Least and most of a photo's width, and of its height, that a window shows."""


@dataclass(frozen=True, slots=True)
class RandomCrop:
    """A part of a photo, and whether it is shown mirrored."""

    box: Box
    mirrored: bool

    def cut(self, picture: NDArray[np.uint8]) -> Image.Image:
        """The part of pixels or of a mask that the crop shows, at least one pixel."""
        height, width = picture.shape[:2]
        left, top, right, bottom = self.box
        x, y = round(left * (width - 1)), round(top * (height - 1))
        image = Image.fromarray(picture).crop(
            (x, y, max(x + 1, round(right * width)), max(y + 1, round(bottom * height)))
        )
        return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if self.mirrored else image


WHOLE = RandomCrop((0.0, 0.0, 1.0, 1.0), mirrored=False)


class RandomCrops:
    """Every photo whole, then every photo through random windows.

    Args:
        samples: the photos.
        looks: how often each is seen, the whole photo included.
        seed: of the windows.
    """

    name = "windows"

    def __init__(self, samples: Sequence[Sample], looks: int, seed: int) -> None:
        rng = random.Random(f"windows {seed}")  # noqa: S311 - reproducible, not secret
        self.samples, self._seed = samples, seed
        self.windows = [WHOLE] * len(samples)
        self.windows += [_window(rng) for _ in range((looks - 1) * len(samples))]

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.windows)

    def identity(self) -> str:
        """A text that is another one whenever any of the pictures is."""
        return f"{keys_identity(self.samples)} {len(self)} windows of seed {self._seed}, 1"

    def render(self, index: int, size: int) -> Pixels:
        """One of the pictures, uint8 (size, size, 3), the same at every call."""
        photo = np.asarray(self.samples[index % len(self.samples)].read())
        return resize_square(np.asarray(self.windows[index].cut(photo)), size)


def _window(rng: random.Random) -> RandomCrop:
    width, height = rng.uniform(*_SIDE), rng.uniform(*_SIDE)
    left, top = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    return RandomCrop((left, top, left + width, top + height), rng.random() < 0.5)
