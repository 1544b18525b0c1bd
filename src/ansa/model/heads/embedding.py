"""The embedding reader: a unit vector in the space that photos and texts share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.model.heads import SignalError
from ansa.scene import Vector

_UNIT_TOLERANCE = (
    1e-3  # float32 rounding stays under 1e-6; more means the network did not normalise
)


VERSION = 1


class EmbeddingReader:
    """Checks a vector of shape (d,) and returns it as float32; see :mod:`ansa.model.heads`."""

    def __init__(self, shape: tuple[int, ...], settings: Mapping[str, Any]) -> None:
        if len(shape) != 1:
            raise SignalError(f"an embedding has one axis, not the shape {shape}")
        self._dim = shape[0]

    def __call__(self, raw: NDArray[Any]) -> Vector:
        """The embedding of one photo: float32 (d,), unit length."""
        vector: Vector = embedding(raw[np.newaxis], self._dim)[0]
        return vector


READER = EmbeddingReader


def embedding(raw: NDArray[Any], dim: int) -> Vector:
    """Turns the output ``raw``, (n, dim), into n embeddings: float32 (n, dim), unit length.

    Raises:
        SignalError: the shape differs, a number is not finite, or a row is not of unit length.
    """
    if raw.ndim != 2 or raw.shape[1] != dim:
        raise SignalError(f"the embedding has shape {raw.shape}, not (n, {dim})")
    vectors = np.ascontiguousarray(raw, dtype=np.float32)
    if not np.isfinite(vectors).all():
        raise SignalError("the embedding holds numbers that are not finite")
    with np.errstate(over="ignore"):  # a square beyond float32 is no unit length either
        lengths = np.linalg.norm(vectors, axis=1)
    if (np.abs(lengths - 1) > _UNIT_TOLERANCE).any():
        raise SignalError("the embedding is not of unit length")
    return vectors
