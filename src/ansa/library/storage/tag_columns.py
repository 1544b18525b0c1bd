"""The tags of many photos as columns, which are small, and quick to search for any tag.

Decoding the JSON of a hundred thousand photos takes seconds. In the form that the codec writes,
every quotation mark is the start or the end of a key or of a name, eight of them to a tag, so that
NumPy finds all parts of all tags at once. Other JSON is decoded photo by photo.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from ansa.library.storage.codec import decode, is_written

_QUOTE, _TRUE = ord('"'), ord("t")
_MARKS = 8  # quotation marks of a tag: "name", its value, "score", "sure"
_AT_ONCE = 4096  # photos, which limits the memory beside the columns

Columns = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32], NDArray[np.bool_]]
"""For each tag of each photo the photo's row, the tag's number, its score, 0..1, and whether it is
sure; (m,) each."""


class TagColumns:
    """Tags in the order in which they were added.

    Attributes:
        names: of the tags, by their numbers.
        damaged: the rows of photos whose tags could not be read.
    """

    def __init__(self) -> None:
        self._numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
        self._parts: list[Columns] = []
        self.damaged: list[int] = []

    def add(self, rows: Sequence[int], packed: Sequence[bytes]) -> None:
        """Adds photos.

        Args:
            rows: of the photos.
            packed: the tags of each, as in :mod:`ansa.library.storage.codec`.
        """
        for start in range(0, len(rows), _AT_ONCE):
            self._add(rows[start : start + _AT_ONCE], packed[start : start + _AT_ONCE])

    def _add(self, rows: Sequence[int], packed: Sequence[bytes]) -> None:
        usual: list[tuple[int, bytes]] = []
        for row, data in zip(rows, packed, strict=True):
            if is_written("tags", data):
                usual.append((row, data))
            elif data:
                self._add_other(row, data)
        if usual:
            self._add_written([row for row, _ in usual], [data for _, data in usual])

    def _add_other(self, row: int, data: bytes) -> None:
        try:
            tags = decode("tags", data)
        except ValueError:
            self.damaged.append(row)
            return
        numbers = [self._numbers[tag.name.encode()] for tag in tags]
        sure = np.array([tag.sure for tag in tags], np.bool_)
        self._append([row] * len(tags), numbers, [tag.score for tag in tags], sure)

    def _add_written(self, rows: Sequence[int], packed: Sequence[bytes]) -> None:
        joined = b"".join(packed)
        ends = np.cumsum([len(data) for data in packed])
        characters = np.frombuffer(joined, np.uint8)
        marks = np.flatnonzero(characters == _QUOTE).reshape(-1, _MARKS)
        names = _slices(joined, marks[:, 2] + 1, marks[:, 3])
        scores = _slices(joined, marks[:, 5] + 2, marks[:, 6] - 1)
        photos = np.searchsorted(ends, marks[:, 0], side="right")
        self._append(
            np.asarray(rows)[photos],
            list(map(self._numbers.__getitem__, names)),
            list(map(float, scores)),
            characters[marks[:, 7] + 2] == _TRUE,
        )

    def _append(
        self,
        rows: NDArray[np.intp] | Sequence[int],
        numbers: Sequence[int],
        scores: Sequence[float],
        sure: NDArray[np.bool_],
    ) -> None:
        columns = np.array(numbers, np.int32), np.array(scores, np.float32), sure
        self._parts.append((np.asarray(rows, np.int32), *columns))

    @property
    def names(self) -> list[str]:
        """The names of the tags, by their numbers."""
        return [name.decode() for name in self._numbers]

    def joined(self) -> Columns:
        """Returns the columns with the rows of the photos ascending. Nothing can be added after
        that."""
        kinds = np.int32, np.int32, np.float32, np.bool_
        columns = [
            np.concatenate([np.empty(0, kind), *(part[at] for part in self._parts)])
            for at, kind in enumerate(kinds)
        ]
        self._parts.clear()
        rows = columns[0]
        if (rows[1:] < rows[:-1]).any():
            order = np.argsort(rows, kind="stable")
            columns = [column[order] for column in columns]
        rows, numbers, scores, sure = columns
        return rows, numbers, scores, sure


def _slices(data: bytes, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> Iterable[bytes]:
    return map(data.__getitem__, map(slice, starts.tolist(), ends.tolist()))
