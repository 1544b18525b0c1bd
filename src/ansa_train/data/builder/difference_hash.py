"""A hash that is similar for copies of one picture, and the test whether two are copies.

A 64-bit difference hash (Krawetz, 2013) finds candidates; colours on a grid of 16 x 16 must then
agree within a share of the photo's own contrast. The hash alone takes one receipt for another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ansa.scene import Pixels

NEAR_BITS = 3
"""Bits in which the hashes of two copies may differ; below the number of bands."""

BANDS = 4
"""Parts of a hash. Of two that differ in fewer bits than there are parts, one part is equal."""

MARGIN = 5
"""Grey levels that count as a difference: in a clear sky, noise would decide otherwise."""

NEAR_SHARE = 0.08
"""Mean difference of the grids, in standard deviations of one of them."""


@dataclass(frozen=True, slots=True)
class DifferenceHash:
    """The hash of a photo, and a small grid of its colours.

    Attributes:
        hash: 8 bytes; a bit for each of 8 x 8 places: whether its right neighbour is brighter.
        grid: 768 bytes, mean colours of 16 x 16 fields.
    """

    hash: bytes
    grid: bytes

    def bands(self) -> list[int]:
        """A number for each part of the hash, its place included."""
        parts = np.frombuffer(self.hash, ">u2").tolist()
        return [place << 16 | part for place, part in enumerate(parts)]


def difference_hash(pixels: Pixels) -> DifferenceHash:
    """The hash of a photo of any size."""
    image = Image.fromarray(pixels)
    grey = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), np.int16)
    grid = np.asarray(image.resize((16, 16), Image.Resampling.BOX))
    return DifferenceHash(
        np.packbits(grey[:, 1:] > grey[:, :-1] + MARGIN).tobytes(), grid.tobytes()
    )


def same_picture(one: DifferenceHash, others: list[DifferenceHash]) -> NDArray[np.bool_]:
    """Which of the others look the same, bool (n,)."""
    if not others:
        return np.zeros(0, bool)
    hashes = np.frombuffer(b"".join(p.hash for p in others), np.uint8).reshape(-1, 8)
    apart = np.bitwise_count(hashes ^ np.frombuffer(one.hash, np.uint8)).sum(1)
    grids = np.frombuffer(b"".join(p.grid for p in others), np.uint8).reshape(len(others), -1)
    mine = np.frombuffer(one.grid, np.uint8).astype(np.float32)
    difference = np.abs(grids - mine).mean(1)
    near: NDArray[np.bool_] = (apart <= NEAR_BITS) & (difference <= NEAR_SHARE * mine.std())
    return near
