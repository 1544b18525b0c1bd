"""0 for blue photos to 1 for red ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from ansa.model.heads import SignalError, finite

VERSION = 1


class WarmthReader:
    """A logit (1,) -> 0..1."""

    def __init__(self, shape: tuple[int, ...], settings: Mapping[str, Any]) -> None:
        if shape != (1,) or not isinstance(settings.get("scale"), float):
            raise SignalError(f"no warmth has the shape {shape}, or settings without a scale")
        self._scale: float = settings["scale"]

    def __call__(self, raw: NDArray[Any]) -> float:
        """See the class."""
        (logit,) = finite(raw, (1,), "warmth")
        return 1 / (1 + math.exp(-min(80.0, max(-80.0, float(logit) * self._scale))))


READER = WarmthReader
