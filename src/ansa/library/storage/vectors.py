"""Vectors on disk and in memory: float16 in the library, one float32 matrix for searches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Vector

_NEARLY = 1e-2  # tolerance of the length of a unit vector, which covers half precision
_CHUNK = 8192  # rows per block, which limits the memory beside the matrix itself


def pack(vector: NDArray[np.float32], dim: int) -> bytes:
    """Returns a unit vector as bytes: ``dim`` float16, little-endian.

    Raises:
        ValueError: it is no unit vector of this length (NaN, for example). Such a one is never
            stored.
    """
    vector = np.asarray(vector)
    if vector.shape != (dim,):
        raise ValueError(f"the network gave a vector of shape {vector.shape}, not ({dim},)")
    if not are_unit(vector[np.newaxis].astype(np.float64))[0]:
        raise ValueError("the network gave a vector that is not of unit length")
    return vector.astype("<f2").tobytes()


def stack(packed: Sequence[bytes], dim: int) -> Vector:
    """Returns packed vectors as one matrix: float32 (n, dim), unit length.

    Raises:
        ValueError: one of them is none.
    """
    matrix, rows = unpack(packed, dim)
    if len(rows) != len(packed):
        raise ValueError(f"a stored vector is not of {dim} numbers and unit length")
    return matrix


def unpack(packed: Sequence[Any], dim: int) -> tuple[Vector, NDArray[np.intp]]:
    """Finds the valid packed vectors among stored values.

    Returns:
        Their matrix, float32 (m, dim), unit length, and their indices (m,) among all, ascending.
    """
    size = 2 * dim
    places = [n for n, data in enumerate(packed) if type(data) is bytes and len(data) == size]
    matrix = np.empty((len(places), dim), np.float32)
    sound = np.ones(len(places), np.bool_)
    for start in range(0, len(places), _CHUNK):
        chunk = [packed[place] for place in places[start : start + _CHUNK]]
        rows = np.frombuffer(b"".join(chunk), "<f2").reshape(len(chunk), dim).astype(np.float32)
        lengths = _lengths(rows)
        sound[start : start + _CHUNK] = unit = _is_one(lengths)
        lengths[~unit] = 1
        rows[~unit] = 0
        np.divide(rows, lengths[:, np.newaxis], out=matrix[start : start + _CHUNK])
    rows_sound = np.array(places, np.intp)[sound]
    return (matrix if sound.all() else matrix[sound]), rows_sound


def are_unit(vectors: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Returns which vectors (n, d) have unit length; none with NaN or infinity has."""
    return _is_one(_lengths(vectors))


def _lengths(vectors: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    with np.errstate(over="ignore", invalid="ignore"):
        lengths: NDArray[np.floating[Any]] = np.linalg.norm(vectors, axis=1)
    return lengths


def _is_one(lengths: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        one: NDArray[np.bool_] = np.abs(lengths - 1.0) < _NEARLY
    return one


def best(scores: NDArray[np.float32], limit: int) -> NDArray[np.intp]:
    """Returns the indices of the ``limit`` highest scores and of all ties; unordered."""
    if limit >= len(scores):
        return np.arange(len(scores))
    threshold = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    return np.flatnonzero(scores >= threshold)
