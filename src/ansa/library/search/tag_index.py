"""Which photos have which tags: the probabilities of a tag, found when it is named."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ansa.library.storage.codec import decode
from ansa.scene import Tag
from ansa.taxonomy.tree import key

# Tags in the format of the codec. Complete signals are decoded only for photos that are shown,
# because decoding those of ten thousand photos takes a second.
_SCORE = rb"\d(?:\.\d{1,20})?(?:e-\d\d)?"
_REST = re.compile(rb',"score":(' + _SCORE + rb'),"sure":(true|false)}')
_SURE = re.compile(rb'{"name":("(?:[^"\\]|\\.){1,600}"),"score":' + _SCORE + rb',"sure":true}')


@dataclass(frozen=True, slots=True)
class TagScores:
    """One tag in all photos of a library.

    Attributes:
        scores: float32 (n,), the probability, 0..1; 0 if it was too low to be stored.
        sure: bool (n,), whether the photo surely has the tag.
    """

    scores: NDArray[np.float32]
    sure: NDArray[np.bool_]

    @classmethod
    def none(cls, count: int) -> TagScores:
        """Returns the scores of a tag that none of n photos has."""
        return cls(np.zeros(count, np.float32), np.zeros(count, np.bool_))


class TagIndex:
    """The tags of n photos.

    Args:
        count: n.
        rows: the rows of the photos with tags, ascending.
        packed: the tags of these, in the format of :mod:`ansa.library.storage.codec`.

    Attributes:
        taught: names of custom tags by their :func:`~ansa.taxonomy.tree.key`.
    """

    def __init__(self, count: int, rows: Sequence[int], packed: Sequence[bytes]) -> None:
        self._count = count
        self._rows = np.array(rows, np.intp)
        # All tags are one run of bytes, so that one search finds a tag in all photos.
        self._packed = b"".join(packed)
        self._ends = np.cumsum([len(data) for data in packed], dtype=np.intp)
        self._found: dict[str, TagScores] = {}
        self.taught: dict[str, str] = {}

    def __getitem__(self, name: str) -> TagScores:
        """Returns the scores of the tag with exactly this name; zeros if no photo has it."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def teach(self, name: str, shown: TagScores) -> None:
        """Adds a tag that people taught; it stands for any other of that name."""
        self.taught[key(name)] = name
        self._found[name] = shown

    def any_of(self, names: Iterable[str]) -> TagScores:
        """Of each photo, the likeliest of some tags."""
        most = TagScores.none(self._count)
        for name in names:
            shown = self[name]
            most = TagScores(np.maximum(most.scores, shown.scores), most.sure | shown.sure)
        return most

    def of(self, row: int) -> tuple[Tag, ...]:
        """The tags of one photo, as they were seen."""
        place = int(np.searchsorted(self._rows, row))
        if place == len(self._rows) or self._rows[place] != row:
            return ()
        start = int(self._ends[place - 1]) if place else 0
        try:
            tags: tuple[Tag, ...] = decode("tags", self._packed[start : int(self._ends[place])])
        except ValueError:  # damaged
            return ()
        return tags

    @cached_property
    def counts(self) -> Counter[str]:
        """How many photos surely have each tag, taught ones too."""
        counts: Counter[str] = Counter()
        for name, count in Counter(_SURE.findall(self._packed)).items():
            with suppress(ValueError):  # damaged
                counts[json.loads(name)] = count
        for name in self.taught.values():
            counts[name] = int(self._found[name].sure.sum())
        return counts

    def _find(self, name: str) -> TagScores:
        shown = TagScores.none(self._count)
        # Looking for plain bytes takes less than half of the time of a regular expression.
        wanted = b'{"name":' + json.dumps(name).encode()
        places, scores, sure = [], [], []
        at = self._packed.find(wanted)
        while at >= 0:
            match = _REST.match(self._packed, at + len(wanted))
            if match and float(match[1]) <= 1:
                places.append(at)
                scores.append(float(match[1]))
                sure.append(match[2] == b"true")
            at = self._packed.find(wanted, at + len(wanted))
        rows = self._rows[np.searchsorted(self._ends, places, side="right")]
        shown.scores[rows], shown.sure[rows] = scores, sure
        return shown
