"""Which photos have which tags: the probabilities of a tag in all photos of a library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ansa.library.storage.tag_columns import TagColumns
from ansa.scene import Tag
from ansa.taxonomy.tree import key

_DIGITS = 4  # of a stored probability


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
        columns: the tags of the photos that have some.

    Attributes:
        taught: names of custom tags by their :func:`~ansa.taxonomy.tree.key`.
    """

    def __init__(self, count: int, columns: TagColumns) -> None:
        self._count = count
        self._names = columns.names
        self._rows, self._tags, self._scores, self._sure = columns.joined()
        self._numbers = {name: number for number, name in enumerate(self._names)}
        self._own: dict[str, TagScores] = {}
        self.taught: dict[str, str] = {}

    @classmethod
    def of_packed(cls, count: int, rows: Sequence[int], packed: Sequence[bytes]) -> TagIndex:
        """Returns the tags of n photos.

        Args:
            count: n.
            rows: the rows of the photos with tags.
            packed: the tags of these, in the format of :mod:`ansa.library.storage.codec`.
        """
        columns = TagColumns()
        columns.add(rows, packed)
        return cls(count, columns)

    def __getitem__(self, name: str) -> TagScores:
        """Returns the scores of the tag with exactly this name; zeros if no photo has it."""
        return self._own[name] if name in self._own else self.any_of([name])

    def teach(self, name: str, shown: TagScores) -> None:
        """Adds a tag that people taught; it stands for any other of that name."""
        self.taught[key(name)] = name
        self._own[name] = shown

    def any_of(self, names: Iterable[str]) -> TagScores:
        """Of each photo, the likeliest of some tags."""
        most = TagScores.none(self._count)
        wanted = np.zeros(len(self._names), np.bool_)
        for name in names:
            if name in self._own:
                own = self._own[name]
                most = TagScores(np.maximum(most.scores, own.scores), most.sure | own.sure)
            elif name in self._numbers:
                wanted[self._numbers[name]] = True
        if wanted.any():
            places = np.flatnonzero(wanted[self._tags])
            rows = self._rows[places]
            np.maximum.at(most.scores, rows, self._scores[places])
            most.sure[rows[self._sure[places]]] = True
        return most

    def of(self, row: int) -> tuple[Tag, ...]:
        """The tags of one photo, as they were seen."""
        ends = np.array((row, row + 1), np.int32)  # of another type, all rows would be converted
        first, after = np.searchsorted(self._rows, ends).tolist()
        return tuple(
            Tag(self._names[tag], round(float(score), _DIGITS), bool(sure))
            for tag, score, sure in zip(
                self._tags[first:after],
                self._scores[first:after],
                self._sure[first:after],
                strict=True,
            )
        )

    @cached_property
    def counts(self) -> Counter[str]:
        """How many photos surely have each tag, taught ones too."""
        numbers = np.bincount(self._tags[self._sure], minlength=len(self._names))
        counts = Counter({n: c for n, c in zip(self._names, numbers.tolist(), strict=True) if c})
        for name in self.taught.values():
            counts[name] = int(self._own[name].sure.sum())
        return counts
