"""The utility reader: whether a picture is a photo, a receipt, a screenshot or another kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.model.heads import SignalError, finite, number
from ansa.scene import Utility

VERSION = 1

_MOST_KINDS = 64
_LONGEST_NAME = 40


class UtilityReader:
    """Turns one logit for each kind into a :class:`~ansa.scene.Utility`.

    See :mod:`ansa.model.heads`.

    Settings:
        kinds: the name of each kind, in the order of the logits.
        temperature: the logits are divided by it, so that their softmax is calibrated.
        threshold: the lowest probability at which a kind is sure.
    """

    def __init__(self, shape: tuple[int, ...], settings: Mapping[str, Any]) -> None:
        kinds = settings.get("kinds")
        if not isinstance(kinds, (list, tuple)) or not 2 <= len(kinds) <= _MOST_KINDS:
            raise SignalError(f"settings.kinds is no list of 2 to {_MOST_KINDS} names")
        if not all(type(kind) is str and 0 < len(kind) <= _LONGEST_NAME for kind in kinds):
            raise SignalError("settings.kinds holds what is no name")
        if len(set(kinds)) != len(kinds) or shape != (len(kinds),):
            raise SignalError(f"a utility of {len(set(kinds))} kinds has not the shape {shape}")
        self._kinds, self._shape = tuple(kinds), shape
        self._temperature = number(settings, "temperature", 0.01, 100)
        self._threshold = number(settings, "threshold", 0, 1)

    def __call__(self, raw: NDArray[Any]) -> Utility:
        """The kind of one picture, with its probability."""
        logits = finite(raw, self._shape, "utility").astype(np.float64) / self._temperature
        odds = np.exp(logits - logits.max())
        scores = odds / odds.sum()
        best = int(scores.argmax())
        return Utility(
            kind=self._kinds[best],
            score=float(scores[best]),
            scores=dict(zip(self._kinds, scores.tolist(), strict=True)),
            sure=bool(scores[best] >= self._threshold),
        )


READER = UtilityReader
