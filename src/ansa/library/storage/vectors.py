"""Vectors on disk and in memory: half precision in the library, one float32 matrix to search."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Vector

_CHUNK = 8192  # rows; bounds what a conversion holds beside the matrix itself


def pack(vector: NDArray[np.float32], dim: int) -> bytes:
    """A unit vector as bytes: ``dim`` float16, little-endian.

    Raises:
        ValueError: it is no unit vector of this length (NaN, for example). Such a one is never
            stored.
    """
    vector = np.asarray(vector)
    if vector.shape != (dim,):
        raise ValueError(f"the network gave a vector of shape {vector.shape}, not ({dim},)")
    # Written so that NaN is refused too.
    if not abs(float(np.linalg.norm(vector.astype(np.float64))) - 1.0) < 1e-2:
        raise ValueError("the network gave a vector that is not of unit length")
    return vector.astype("<f2").tobytes()


def stack(packed: Sequence[bytes], dim: int) -> Vector:
    """Packed vectors as one matrix: float32 (n, dim), unit length.

    Raises:
        ValueError: one of them has another length.
    """
    matrix = np.empty((len(packed), dim), np.float32)
    for start in range(0, len(packed), _CHUNK):
        chunk = packed[start : start + _CHUNK]
        if any(len(data) != 2 * dim for data in chunk):
            raise ValueError(f"a stored vector is not of {dim} numbers")
        rows = np.frombuffer(b"".join(chunk), "<f2").reshape(len(chunk), dim).astype(np.float32)
        matrix[start : start + _CHUNK] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return matrix


def best(scores: NDArray[np.float32], limit: int) -> NDArray[np.intp]:
    """Indices of the ``limit`` highest scores and of all that tie with the last; unordered."""
    if limit >= len(scores):
        return np.arange(len(scores))
    threshold = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    return np.flatnonzero(scores >= threshold)
