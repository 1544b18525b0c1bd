"""A photo prepared for comparison: small, in grey and in colour, with its corner points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from ansa.scene import Pixels, Vector

SIDE = 768
"""The longer side in pixels, at most. Words on a page differ visibly from about 500 on."""

Grey = NDArray[np.float32]
"""float32 (height, width), 0..255."""

_SOFT = ImageFilter.GaussianBlur(0.8)
_SIZES = 8  # resized versions that are cached
_FLAT_SIDE = 128
_CORNER_SIDE = 256
_LEVELS = (1.0, 0.8, 0.64, 0.51, 0.41)
_CORNERS = 140
"""The largest number of corner points on each level."""
_REACH = np.arange(-8, 9, 2)  # sample positions around a corner, in pixels of its level
_MARGIN = 10
# The smaller eigenvalue of the gradients around a corner, in squared grey levels.
_LEAST_CORNER = 12.0


@dataclass(frozen=True, slots=True)
class Corners:
    """Corner points, which can be found again in another picture.

    Attributes:
        at: float64 (n, 2), x and y, in longer sides of the picture.
        look: float32 (n, d), unit length: descriptors from the grey levels around each point.
        mirrored: the descriptors in the picture mirrored left to right.
    """

    at: NDArray[np.float64]
    look: Vector
    mirrored: Vector


class ComparisonImage:
    """One picture, reduced for comparison.

    Args:
        pixels: the upright picture.

    Attributes:
        grey: the picture in grey, at most :data:`SIDE` pixels per side.
        colour: the same picture in RGB.
    """

    def __init__(self, pixels: Pixels) -> None:
        image = Image.fromarray(pixels)
        scale = min(1.0, SIDE / max(image.size))
        size = fitted(image.size, scale)
        self.colour = image.resize(size, Image.Resampling.BOX) if scale < 1 else image
        self.grey = self.colour.convert("L")
        self._half = self.grey.reduce(2)
        self._small: dict[tuple[int, int], Image.Image] = {}

    def small(self, size: tuple[int, int]) -> Image.Image:
        """Returns the grey picture in another size, blurred slightly to hide resampling."""
        found = self._small.get(size)  # several threads may call this
        if found is None:
            found = self.grey if 4 * max(size) > max(self.grey.size) else self._half
            if size != found.size:
                found = found.resize(size, Image.Resampling.LANCZOS)
            found = found.filter(_SOFT)
            if len(self._small) >= _SIZES:
                self._small.clear()
            self._small[size] = found
        return found

    @cached_property
    def flatness(self) -> float:
        """The share of the picture, 0..1, with about its most frequent colour."""
        small = fitted(self.colour.size, _FLAT_SIDE / max(self.colour.size))
        levels = np.asarray(self.colour.resize(small, Image.Resampling.BOX)) // 16
        red, green, blue = levels.reshape(-1, 3).astype(int).T
        most = int(np.bincount(red * 256 + green * 16 + blue).argmax())
        near = [
            np.abs(level - common) <= 1
            for level, common in ((red, most // 256), (green, most // 16 % 16), (blue, most % 16))
        ]
        return float(np.logical_and.reduce(near).mean())

    @cached_property
    def corners(self) -> Corners:
        """The corner points, at several sizes."""
        scale = _CORNER_SIDE / max(self.grey.size)
        at, look, mirrored = [], [], []
        for level in _LEVELS:
            size = fitted(self.grey.size, scale * level)
            if min(size) <= 2 * _MARGIN + 2:
                break
            small = np.asarray(self.grey.resize(size, Image.Resampling.BOX), np.float32)
            places = _corners(small)
            patches = small[
                places[:, 1, None, None] + _REACH[:, None], places[:, 0, None, None] + _REACH
            ]
            at.append((places + 0.5) / max(size))
            look.append(_unit(patches))
            mirrored.append(_unit(patches[:, :, ::-1]))
        if not at:
            none = np.zeros((0, len(_REACH) ** 2), np.float32)
            return Corners(np.zeros((0, 2)), none, none)
        return Corners(np.concatenate(at), np.concatenate(look), np.concatenate(mirrored))


def fitted(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """Returns a size (width, height) times a factor; each side is at least one pixel."""
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _corners(grey: Grey) -> NDArray[np.intp]:
    """Finds corners, (n, 2), x and y (Shi and Tomasi, Good Features to Track, 1994)."""
    down, right = slopes(grey)
    xx, yy, xy = _box(right * right), _box(down * down), _box(right * down)
    half = np.float32(0.5)
    strength = half * (xx + yy) - np.sqrt((half * (xx - yy)) ** 2 + xy**2)
    inner = strength[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    ys, xs = np.nonzero((inner == _highest(inner)) & (inner > _LEAST_CORNER))
    best = np.argsort(-inner[ys, xs], kind="stable")[:_CORNERS]
    return np.stack([xs[best], ys[best]], 1) + _MARGIN


def slopes(grey: Grey) -> tuple[Grey, Grey]:
    """Returns the gradients of brightness downwards and to the right."""
    down, right = np.gradient(grey)
    return np.asarray(down, np.float32), np.asarray(right, np.float32)


def _box(values: Grey) -> Grey:
    """Returns means over 5 x 5 pixels."""
    padded = np.pad(values, 3, mode="edge").cumsum(0).cumsum(1)
    sums = padded[5:, 5:] - padded[:-5, 5:] - padded[5:, :-5] + padded[:-5, :-5]
    means: Grey = sums[: values.shape[0], : values.shape[1]] / np.float32(25)
    return means


def _highest(values: Grey) -> Grey:
    """Returns maxima over 5 x 5 pixels."""
    high, wide = values.shape
    padded = np.pad(values, 2)
    rows = np.maximum.reduce([padded[start : start + high] for start in range(5)])
    found: Grey = np.maximum.reduce([rows[:, start : start + wide] for start in range(5)])
    return found


def _unit(patches: NDArray[np.float32]) -> Vector:
    rows = patches.reshape(len(patches), len(_REACH) ** 2)
    rows = rows - rows.mean(axis=1, keepdims=True)
    unit: Vector = rows / np.maximum(1e-6, np.linalg.norm(rows, axis=1, keepdims=True))
    return unit
