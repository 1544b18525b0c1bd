"""The fingerprint reader: a perceptual hash that is nearly equal for copies of one photo.

A fingerprint holds two numbers in each byte, each one of 16 equal steps between -1 and 1. The
similarity of two photos is the cosine of their numbers, so fingerprints can be compared without the
bundle that made them. The bundle states the similarity from which on two photos are copies; see
:attr:`FingerprintReader.threshold`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.model.heads import SignalError, finite, number
from ansa.scene import Vector

VERSION = 1

MAX_BYTES = 64

_LEVELS = 16
_STEPS = np.arange(_LEVELS, dtype=np.float32) * 2 - (_LEVELS - 1)
_NUMBERS = np.stack([np.repeat(_STEPS, _LEVELS), np.tile(_STEPS, _LEVELS)], 1)
"""float32 (256, 2): the two numbers that each value of a byte stands for."""


class FingerprintReader:
    """Turns d numbers, shape (d,), into d / 2 bytes; see :mod:`ansa.model.heads`.

    Settings:
        scale: the number that is stored as 1; greater ones are clipped.
        threshold: the similarity, -1..1, from which on two photos are copies.

    Attributes:
        threshold: the setting of that name.
    """

    def __init__(self, shape: tuple[int, ...], settings: Mapping[str, Any]) -> None:
        if len(shape) != 1 or shape[0] % 2 or not 2 <= shape[0] <= 2 * MAX_BYTES:
            raise SignalError(f"a print has one even axis of 2 to 128 numbers, not {shape}")
        self._shape = shape
        self._scale = number(settings, "scale", 1e-6, 1e6)
        self.threshold = number(settings, "threshold", -1, 1)

    def __call__(self, raw: NDArray[Any]) -> bytes:
        """The fingerprint of one photo, at most 64 bytes."""
        values = finite(raw, self._shape, "print") / self._scale
        levels = np.clip(np.floor((values + 1) / 2 * _LEVELS), 0, _LEVELS - 1).astype(np.uint8)
        return (levels[0::2] * _LEVELS + levels[1::2]).tobytes()


READER = FingerprintReader


def similarity(one: bytes, other: bytes) -> float:
    """The similarity of two photos from their fingerprints, -1..1; 1 if these are equal.

    Raises:
        ValueError: prints of different length, which come from different heads.
    """
    return float(similarities(np.frombuffer(other, np.uint8)[np.newaxis], one)[0])


def similarities(prints: NDArray[np.uint8], one: bytes) -> NDArray[np.float32]:
    """The similarity of n photos to one photo: float32 (n,), -1..1.

    Args:
        prints: the fingerprints, uint8, shape (n, bytes of a fingerprint).
        one: the fingerprint of the one photo.

    Raises:
        ValueError: prints of different length, which come from different heads.
    """
    if prints.shape[1] != len(one):
        raise ValueError(f"prints of {prints.shape[1]} and {len(one)} bytes cannot be compared")
    near: NDArray[np.float32] = vectors(prints) @ vectors(np.frombuffer(one, np.uint8)[None])[0]
    return near.clip(-1, 1)


def vectors(prints: NDArray[np.uint8]) -> Vector:
    """Fingerprints (n, k) as unit vectors (n, 2 k), whose inner product is the similarity."""
    numbers = _NUMBERS[prints].reshape(len(prints), -1)
    lengths = np.linalg.norm(numbers, axis=1, keepdims=True)  # never 0: no step is
    units: Vector = numbers / lengths
    return units
