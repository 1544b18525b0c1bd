"""The tags reader: calibrated probabilities of the concepts in a tree."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.model.heads import SignalError, finite
from ansa.scene import Tag

VERSION = 2

LEAST = 0.1
"""Tags with a lower probability are left out."""

MOST = 30
"""The largest number of tags of one photo."""

_MAX_NAME = 100


class TagsReader:
    """Turns logits of c concepts, shape (c,), into tags, the most telling first.

    See :mod:`ansa.model.heads`. Tags are ordered by their probability times what they tell: a
    beagle, if there is one, is worth more than the grass that it sits on, and "animal" comes last.
    Of equals the more particular comes first.

    The probability of a concept is that of its calibrated logit, or of its likeliest kind if that
    is greater; it is sure if it, or one of its kinds, reaches the threshold it has. Of a concept
    that no photo taught, only its name is known: it is never likelier than what it is a kind of.

    Settings, each a list with one entry a concept: ``names``; ``parents``, places in the list, -1
    at the top, parents before their children; ``slopes`` and ``offsets`` of the calibration;
    ``thresholds`` in 0..1; ``shown``, whether it is worth saying; ``telling`` in 0..1, how much it
    says beside others (since version 2; all as much before); ``taught``, whether photos taught it
    (until version 1; all are since).
    """

    def __init__(self, shape: tuple[int, ...], settings: Mapping[str, Any]) -> None:
        if len(shape) != 1:
            raise SignalError(f"tags have one axis, not the shape {shape}")
        self._shape = shape
        self.names = _names(settings, shape[0])
        parents = _numbers(settings, "parents", shape[0], -1, shape[0] - 1)
        self._slopes = _numbers(settings, "slopes", shape[0], 0, 100)
        self._offsets = _numbers(settings, "offsets", shape[0], -100, 100)
        self.thresholds = _numbers(settings, "thresholds", shape[0], 0, 1)
        self._shown = _numbers(settings, "shown", shape[0], 0, 1) > 0
        same = {"taught": [1] * shape[0], "telling": [1] * shape[0], **settings}
        self._taught = _numbers(same, "taught", shape[0], 0, 1) > 0
        self._telling = _numbers(same, "telling", shape[0], 0, 1)
        self._parents = parents.astype(np.int64)
        if (self._parents != parents).any() or (parents >= np.arange(shape[0])).any():
            raise SignalError("the setting 'parents' must name parents before their children")
        self._depth = np.zeros(shape, np.int64)
        for place, parent in enumerate(self._parents):
            self._depth[place] = 0 if parent < 0 else self._depth[parent] + 1
        levels = (np.flatnonzero(self._depth == depth) for depth in range(1, shape[0]))
        self._levels = list(takewhile(len, levels))

    def __call__(self, raw: NDArray[Any]) -> tuple[Tag, ...]:
        """The tags of one photo, the most telling first."""
        scores = self.probabilities(raw)
        sure = self._up(scores >= self.thresholds)
        worth = np.flatnonzero(self._shown & ((scores >= LEAST) | sure))
        told = scores[worth] * self._telling[worth]
        best = worth[np.lexsort((-self._depth[worth], -told))][:MOST]
        return tuple(Tag(self.names[i], float(scores[i]), bool(sure[i])) for i in best)

    def probabilities(self, raw: NDArray[Any]) -> NDArray[np.float64]:
        """The probability of every concept, shape (c,); a parent's is never below its children's.

        Raises:
            SignalError: the raw output has a wrong shape or a number that is not finite.
        """
        logits = self._slopes * finite(raw, self._shape, "tags") + self._offsets
        own = 1.0 / (1.0 + np.exp(-np.clip(logits, -60.0, 60.0)))
        scores = self._up(np.where(self._taught, own, 0.0))
        top = (self._parents < 0) & ~self._taught
        scores[top] = np.maximum(scores[top], own[top])
        for level in self._levels:
            parents = self._parents[level]
            # What only holds others together says nothing of how likely they are.
            limit = np.where(self._shown[parents], scores[parents], 1.0)
            guessed = np.maximum(scores[level], np.minimum(own[level], limit))
            scores[level] = np.where(self._taught[level], scores[level], guessed)
        return self._up(scores)

    def _up(self, values: NDArray[Any]) -> NDArray[Any]:
        """Raises the value of each parent to the greatest value of its children."""
        values = values.copy()
        for level in reversed(self._levels):
            np.maximum.at(values, self._parents[level], values[level])
        return values


READER = TagsReader


def _names(settings: Mapping[str, Any], count: int) -> list[str]:
    names = settings.get("names")
    if not isinstance(names, list) or len(names) != count:
        raise SignalError(f"the setting 'names' is no list of {count} texts")
    for name in names:
        if not isinstance(name, str) or not 0 < len(name) <= _MAX_NAME or not name.isprintable():
            raise SignalError("the setting 'names' holds something else than short plain texts")
    return names


def _numbers(
    settings: Mapping[str, Any], name: str, count: int, low: float, high: float
) -> NDArray[np.float64]:
    values = settings.get(name)
    if not isinstance(values, list) or len(values) != count:
        raise SignalError(f"the setting {name!a} is no list of {count} numbers")
    if not all(type(value) in (int, float, bool) and low <= value <= high for value in values):
        raise SignalError(f"the setting {name!a} holds something else than {low:g}..{high:g}")
    return np.array(values, np.float64)
