"""Which photos have which tags: one tag's probabilities for all photos, found when it is named."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ansa.library.codec import decode
from ansa.scene import Tag
from ansa.taxonomy.tree import key

_CHUNK = 256


@dataclass(frozen=True, slots=True)
class Shown:
    """One tag in all photos of a library.

    Attributes:
        scores: float32 (n,), probability 0..1; 0 where it was too unlikely to be stored.
        sure: bool (n,), whether the photo surely has the tag.
    """

    scores: NDArray[np.float32]
    sure: NDArray[np.bool_]


class Tagged:
    """The tags of n photos.

    Args:
        count: n.
        rows: which of them have tags, ascending.
        packed: the tags of these, as :mod:`ansa.library.codec` has them.
        taught: tags that people taught, by name.
    """

    def __init__(
        self,
        count: int,
        rows: Sequence[int],
        packed: Sequence[bytes],
        taught: Mapping[str, Shown] | None = None,
    ) -> None:
        self._count = count
        self._rows = rows
        self._packed = packed
        self._taught = {key(name): shown for name, shown in (taught or {}).items()}
        self.taught = {key(name): name for name in taught or {}}
        self._found: dict[str, Shown] = {}

    def __getitem__(self, name: str) -> Shown:
        """What is known of a tag of exactly this name; nothing, if no photo has it."""
        if key(name) in self._taught:
            return self._taught[key(name)]
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def any_of(self, names: Iterable[str]) -> Shown:
        """Of each photo, the likeliest of some tags."""
        scores, sure = np.zeros(self._count, np.float32), np.zeros(self._count, np.bool_)
        for name in names:
            shown = self[name]
            scores, sure = np.maximum(scores, shown.scores), sure | shown.sure
        return Shown(scores, sure)

    def of(self, row: int) -> tuple[Tag, ...]:
        """The tags of one photo, as they were seen."""
        place = bisect_left(self._rows, row)
        found = place < len(self._rows) and self._rows[place] == row
        return _tags(self._packed[place]) if found else ()

    @cached_property
    def counts(self) -> Counter[str]:
        """How many photos surely have each tag, taught ones too."""
        counts: Counter[str] = Counter()
        for start in range(0, len(self._packed), _CHUNK):
            chunk = self._packed[start : start + _CHUNK]
            try:
                photos = json.loads(b"[" + b",".join(chunk) + b"]")
                counts.update(tag["name"] for tags in photos for tag in tags if tag["sure"] is True)
            except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
                counts.update(tag.name for data in chunk for tag in _tags(data) if tag.sure)
        for name, shown in self._taught.items():
            counts[self.taught[name]] = int(shown.sure.sum())
        return counts

    def _find(self, name: str) -> Shown:
        shown = Shown(np.zeros(self._count, np.float32), np.zeros(self._count, np.bool_))
        # Whole signals are decoded only where the name stands: few photos have any one tag.
        start = f'{{"name":{json.dumps(name)},'.encode()
        for row, data in zip(self._rows, self._packed, strict=True):
            if start not in data:
                continue
            at = data.index(start)
            piece = data[at : data.find(b"}", at) + 1]
            for tag in _tags(b"[" + piece + b"]"):
                shown.scores[row], shown.sure[row] = min(max(tag.score, 0.0), 1.0), tag.sure
        return shown


def _tags(data: bytes) -> tuple[Tag, ...]:
    """The tags of one photo; none if they are damaged."""
    try:
        tags: tuple[Tag, ...] = decode("tags", data)
    except ValueError:
        return ()
    return tags
