"""Which photos have which tags: one tag's probabilities for all photos, found when it is named."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ansa.library.codec import decode
from ansa.scene import Tag
from ansa.taxonomy.tree import key

_CHUNK = 256
_LONGEST = 1000  # bytes of one tag
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Shown:
    """One tag in all photos of a library.

    Attributes:
        scores: float32 (n,), probability 0..1; 0 where it was too unlikely to be stored.
        sure: bool (n,), whether the photo surely has the tag.
    """

    scores: NDArray[np.float32]
    sure: NDArray[np.bool_]

    @classmethod
    def none(cls, count: int) -> Shown:
        """A tag that none of n photos has."""
        return cls(np.zeros(count, np.float32), np.zeros(count, np.bool_))


class Tagged:
    """The tags of n photos.

    Args:
        count: n.
        rows: which of them have tags, ascending.
        packed: the tags of these, as :mod:`ansa.library.codec` has them.

    Attributes:
        taught: names of tags that people taught, by their :func:`~ansa.taxonomy.tree.key`.
    """

    def __init__(self, count: int, rows: Sequence[int], packed: Sequence[bytes]) -> None:
        self._count = count
        self._rows = rows
        self._packed = packed
        self._found: dict[str, Shown] = {}
        self.taught: dict[str, str] = {}

    def __getitem__(self, name: str) -> Shown:
        """What is known of a tag of exactly this name; nothing, if no photo has it."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def teach(self, name: str, shown: Shown) -> None:
        """Adds a tag that people taught; it stands for any other of that name."""
        self.taught[key(name)] = name
        self._found[name] = shown

    def any_of(self, names: Iterable[str]) -> Shown:
        """Of each photo, the likeliest of some tags."""
        most = Shown.none(self._count)
        for name in names:
            shown = self[name]
            most = Shown(np.maximum(most.scores, shown.scores), most.sure | shown.sure)
        return most

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
        for name in self.taught.values():
            counts[name] = int(self._found[name].sure.sum())
        return counts

    def _find(self, name: str) -> Shown:
        shown = Shown.none(self._count)
        # Whole signals are decoded only where the name stands: few photos have any one tag.
        start = f'{{"name":{json.dumps(name)},'.encode()
        for row, data in zip(self._rows, self._packed, strict=True):
            if (at := data.find(start)) >= 0:
                shown.scores[row], shown.sure[row] = _piece(data[at : at + _LONGEST])
        return shown


def _piece(data: bytes) -> tuple[float, bool]:
    """Score and sureness of the tag that the bytes begin with; 0 and False if it is damaged."""
    try:
        tag, _ = _DECODER.raw_decode(data.decode("ascii"))
        score = tag["score"]
        return (float(score), tag["sure"] is True) if 0 <= score <= 1 else (0.0, False)
    except (KeyError, TypeError, ValueError):
        return 0.0, False


def _tags(data: bytes) -> tuple[Tag, ...]:
    """The tags of one photo; none if they are damaged."""
    try:
        tags: tuple[Tag, ...] = decode("tags", data)
    except ValueError:
        return ()
    return tags
