"""The quality reader: the strength of each technical fault, and one overall score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.model.heads import SignalError, finite, number
from ansa.scene import Quality

VERSION = 1

NAMES = ("defocus_blur", "motion_blur", "noise", "compression_artifacts", "exposure", "tilt")
"""The faults, in the order of the network's output."""

FORMER_NAMES = {
    "focus": "defocus_blur",
    "motion": "motion_blur",
    "compression": "compression_artifacts",
}
"""The present name of a fault, by the name in bundles and libraries of earlier versions."""

_LOWEST = {"exposure": -1.0, "tilt": -45.0}
_HIGHEST = {"tilt": 45.0}
_MOST_KNOTS = 64


class QualityReader:
    """Turns six numbers, shape (6,), into a :class:`~ansa.scene.Quality`.

    See :mod:`ansa.model.heads`.

    Settings:
        curves: for each fault [raw values, strengths], both rising, at least two of each: what a
            raw value between two of them means lies between their strengths.
        weights: for each fault what it takes from the overall quality at its strongest, 0..1.
        steepest: the tilt in degrees that counts as the strongest.
    """

    def __init__(self, shape: tuple[int, ...], settings: Mapping[str, Any]) -> None:
        if shape != (len(NAMES),):
            raise SignalError(f"a quality has {len(NAMES)} numbers, not the shape {shape}")
        self._shape = shape
        self._curves = {name: _curve(_of(settings, "curves").get(name), name) for name in NAMES}
        self._weights = {name: number(_of(settings, "weights"), name, 0, 1) for name in NAMES}
        self._steepest = number(settings, "steepest", 1, 90)

    def __call__(self, raw: NDArray[Any]) -> Quality:
        """The strength of each fault of one photo, and its overall quality."""
        values = finite(raw, self._shape, "quality")
        strengths = {}
        for name, value in zip(NAMES, values, strict=True):
            strength = float(np.interp(value, *self._curves[name]))
            strengths[name] = min(max(strength, _LOWEST.get(name, 0.0)), _HIGHEST.get(name, 1.0))
        return Quality(**strengths, overall=overall(strengths, self._weights, self._steepest))


READER = QualityReader


def overall(strengths: Mapping[str, float], weights: Mapping[str, float], steepest: float) -> float:
    """The overall quality, from 0 (useless) to 1 (no fault).

    It is the product over all faults of 1 - weight * strength.

    Args:
        strengths: the strength of each fault, as in :class:`~ansa.scene.Quality`.
        weights: for each fault, the share of quality that it removes at full strength, 0..1.
        steepest: the tilt in degrees that counts as the strongest.
    """
    left = 1.0
    for name in NAMES:
        strength = abs(strengths[name]) / (steepest if name == "tilt" else 1.0)
        left *= 1.0 - weights[name] * min(1.0, strength)
    return left


def _of(settings: Mapping[str, Any], table: str) -> Mapping[str, Any]:
    values = settings.get(table)
    if not isinstance(values, Mapping):
        raise SignalError(f"settings.{table} is no table of the faults")
    return {FORMER_NAMES.get(str(name), str(name)): value for name, value in values.items()}


def _curve(value: Any, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not isinstance(value, Sequence) or len(value) != 2:
        raise SignalError(f"settings.curves.{name} is not a list of two lists")
    raws, strengths = value
    for each in (raws, strengths):
        if not isinstance(each, Sequence) or not 2 <= len(each) <= _MOST_KNOTS:
            raise SignalError(f"settings.curves.{name} has too few or too many numbers")
        for knot in each:
            number({name: knot}, name, -1e6, 1e6)
        if any(a > b for a, b in pairwise(each)):
            raise SignalError(f"settings.curves.{name} does not rise")
    if len(raws) != len(strengths):
        raise SignalError(f"settings.curves.{name} has two lists of different length")
    return np.array(raws, np.float64), np.array(strengths, np.float64)
