"""The vectors of a large library in 8 bits: a quarter of the memory of float32.

Comparing a text with a million photos waits for memory more than for arithmetic, so the smaller
form is also the faster one, although each block becomes float32 before it is multiplied
(docs/experiments.md has the times, also those of other ways). Rounding moves a cosine by some
0.0005.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Vector

_BLOCK = 256  # rows whose float32 form stays in a processor's cache
_LARGEST = 127


class QuantizedVectors:
    """Vectors (n, d) of unit length, which multiply and index like a float32 array.

    Args:
        codes: int8 (n, d), each row proportional to its vector; no row is zero.
    """

    def __init__(self, codes: NDArray[np.int8]) -> None:
        self._codes = codes
        # Rows get unit length again after rounding, so that a vector's cosine with itself is 1.
        lengths = np.empty(len(codes), np.float32)
        for start in range(0, len(codes), _BLOCK):
            block = codes[start : start + _BLOCK].astype(np.float32)
            lengths[start : start + _BLOCK] = np.linalg.norm(block, axis=1)
        self._scales = 1 / lengths

    @classmethod
    def joined(cls, parts: Sequence[NDArray[np.int8]], dim: int) -> QuantizedVectors:
        """Returns the vectors of several blocks of codes, int8 (m, dim) each, in their order."""
        return cls(np.concatenate([np.empty((0, dim), np.int8), *parts]))

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        count, dim = self._codes.shape
        return count, dim

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, rows: Any) -> Vector:
        """Returns some rows as float32, one as (d,), several as (m, d); indexed as in NumPy."""
        scales = np.asarray(self._scales[rows])
        vectors: Vector = self._codes[rows] * scales[..., np.newaxis]
        return vectors

    def __matmul__(self, others: Vector) -> NDArray[np.float32]:
        """Returns the products with one vector (d,) as (n,), or with several (d, k) as (n, k)."""
        others = np.ascontiguousarray(others, np.float32)
        products = np.empty((len(self), *others.shape[1:]), np.float32)
        block = np.empty((_BLOCK, self.shape[1]), np.float32)
        for start in range(0, len(self), _BLOCK):
            codes = self._codes[start : start + _BLOCK]
            rows = block[: len(codes)]
            np.copyto(rows, codes)
            np.dot(rows, others, out=products[start : start + _BLOCK])
        products *= self._scales.reshape(-1, *(1,) * (others.ndim - 1))
        return products


def quantized(vectors: Vector) -> NDArray[np.int8]:
    """Returns vectors (n, d) as int8, each scaled so that its largest number is 127."""
    most = np.abs(vectors).max(axis=1, keepdims=True, initial=1e-30)
    codes: NDArray[np.int8] = np.rint(vectors * (_LARGEST / most)).astype(np.int8)
    return codes
