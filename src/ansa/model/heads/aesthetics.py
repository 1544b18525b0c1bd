"""The aesthetics reader: a score in 0..1 for ranking photos of one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.model.heads import SignalError, finite

VERSION = 1

_MOST_KNOTS = 64


class AestheticsReader:
    """Turns a raw score of shape (1,) into a float in 0..1; see :mod:`ansa.model.heads`.

    Settings:
        quantiles: raw scores of photos, worst to best at equal steps, 2 to 64 of them: a photo's
            number is the share of them that score less. It says which of two photos is likely the
            better one, and nothing of how good it is.
    """

    def __init__(self, shape: tuple[int, ...], settings: Mapping[str, Any]) -> None:
        if shape != (1,):
            raise SignalError(f"a score of aesthetics is one number, not of shape {shape}")
        quantiles = settings.get("quantiles")
        if not isinstance(quantiles, Sequence) or not 2 <= len(quantiles) <= _MOST_KNOTS:
            raise SignalError("settings.quantiles is no list of 2 to 64 numbers")
        if not all(type(q) in (int, float) and abs(q) <= 1e6 for q in quantiles):
            raise SignalError("settings.quantiles holds something else than numbers up to 1e6")
        if any(a >= b for a, b in pairwise(quantiles)):
            raise SignalError("settings.quantiles does not rise")
        self._quantiles = np.array(quantiles, np.float64)
        self._shares = np.linspace(0.0, 1.0, len(quantiles))

    def __call__(self, raw: NDArray[Any]) -> float:
        """The share of known photos that score less than this one, 0..1."""
        return float(np.interp(finite(raw, (1,), "aesthetics")[0], self._quantiles, self._shares))


READER = AestheticsReader
