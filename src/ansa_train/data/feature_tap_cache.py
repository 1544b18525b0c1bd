"""Feature taps of pictures: what heads read, computed once for all of them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ansa_train.data.feature_cache import CacheLayout, FeatureCache
from ansa_train.data.pictures import Pictures
from ansa_train.models.feature_taps import FeatureTaps


class FeatureTapCache:
    """The feature taps of a list of pictures, in a :class:`FeatureCache`.

    The name of its folder follows from the pictures and the backbone, so nothing else is ever taken
    for it.

    Args:
        folder: of all caches.
        pictures: rendered where something is missing.
        branches: computes the taps.

    Attributes:
        folder: of this cache.

    Raises:
        TrainingError: the disk has no room for what is missing.
    """

    def __init__(self, folder: Path, pictures: Pictures, branches: FeatureTaps) -> None:
        identity = f"{pictures.identity()} {branches.size} {branches.backbone}"
        self.folder = folder / f"{pictures.name}-{zlib.crc32(identity.encode()):08x}"

        def compute(items: Sequence[int], names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
            pixels = np.stack([pictures.render(i, branches.size) for i in items])
            return branches(pixels, names)

        layout = CacheLayout(branches.shapes, (len(pictures),))
        self._cache = FeatureCache(self.folder, layout, lambda: compute)

    def rows(self, names: Sequence[str], rows: Sequence[int]) -> list[Tensor]:
        """The named taps of some pictures, float32 (rows, *shape) each."""
        arrays = self._cache.arrays
        return [torch.from_numpy(arrays[name][list(rows)]).float() for name in names]
