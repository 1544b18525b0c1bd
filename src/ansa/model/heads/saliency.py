"""The saliency reader: how much each part of a photo draws the eye."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.model.heads import SignalError, finite

VERSION = 1

_MAX_SIDE = 1024  # bounds memory; the map is an eighth of the input


class SaliencyReader:
    """Checks a map of probabilities (h, w) and returns it as float32 (h, w), 0..1.

    See :mod:`ansa.model.heads`.
    """

    def __init__(self, shape: tuple[int, ...], settings: Mapping[str, Any]) -> None:
        if len(shape) != 2 or not all(1 <= side <= _MAX_SIDE for side in shape):
            raise SignalError(f"a saliency map has height and width, not the shape {shape}")
        self._shape = shape

    def __call__(self, raw: NDArray[Any]) -> NDArray[np.float32]:
        """The saliency map of one photo: float32 (h, w), 0..1."""
        values = finite(raw, self._shape, "saliency map")
        if values.min() < -1e-3 or values.max() > 1 + 1e-3:
            raise SignalError("the saliency map holds numbers outside 0..1")
        clipped: NDArray[np.float32] = values.clip(0, 1)
        return clipped


READER = SaliencyReader
