"""Reads the files of photos with similar fingerprints to decide whether they show the same.

Only photos of such pairs are read, at a small size; a few hundred are kept in memory. A file that
cannot be read now is not a copy of anything.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ansa.library.cleanup.candidates import FLAT, Candidate
from ansa.library.cleanup.keypoints import SIDE, ComparisonImage
from ansa.library.cleanup.same_picture import MOST_FLAT, PictureMatch, same_picture
from ansa.photo.read import PhotoError, count_pictures, read_pictures, read_srgb
from ansa.processors import processor_count

_KEPT = 192  # photos in memory, about a megabyte each
_MOST_PICTURES = 200  # pictures in one file; to compare all of more would take minutes
_SINGLE = frozenset({"JPEG", "BMP"})
_THREADS = 16
_MIN_SIDE = SIDE * 3 // 4


@dataclass(frozen=True, slots=True)
class _Read:
    """A photo that was read: its file, its first picture, and the number of its pictures."""

    path: Path
    detail: ComparisonImage
    pictures: int


class PairVerifier:
    """Decides about pairs of candidates, given by their rows; several threads work in advance.

    Args:
        candidates: in their order.

    Attributes:
        unread: rows of photos that could not be read.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        self._read: OrderedDict[int, _Read | None] = OrderedDict()
        self._known: dict[tuple[int, int], PictureMatch | None] = {}
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(min(_THREADS, processor_count()))
        self.unread: set[int] = set()

    def __enter__(self) -> PairVerifier:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._threads.shutdown(cancel_futures=True)

    def ahead(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Starts to compare some pairs in advance, in place of those announced before."""
        self._known = dict(zip(pairs, self._threads.map(self._compare, pairs), strict=True))

    def match(self, one: int, other: int) -> PictureMatch | None:
        """Returns how the second photo is an edited copy of the first; None if it is not."""
        pair = one, other
        return self._known[pair] if pair in self._known else self._compare(pair)

    def several(self, row: int) -> bool:
        """Whether a file has several pictures, or cannot be read."""
        if self._candidates[row].format in _SINGLE:
            return False
        read = self._photo(row)
        return read is None or read.pictures > 1

    def scene(self, row: int) -> bool:
        """Whether a photo has many different colours, which pages do not."""
        read = self._photo(row)
        return read is not None and read.detail.flatness < MOST_FLAT

    def _compare(self, pair: tuple[int, int]) -> PictureMatch | None:
        one, other = map(self._photo, pair)
        if one is None or other is None or one.pictures != other.pictures:
            return None
        flat = all(self._candidates[row].kind in FLAT for row in pair)
        if one.pictures == 1:
            return same_picture(one.detail, other.detail, flat=flat)
        if one.pictures > _MOST_PICTURES:
            return None
        found = None
        try:
            each = (read_pictures(read.path, min_side=_MIN_SIDE) for read in (one, other))
            for first, second in zip(*each, strict=True):
                details = ComparisonImage(first), ComparisonImage(second)
                if not same_picture(*details, flat=flat, plain=True):
                    return None
                found = found or same_picture(*details, flat=flat)
        except (PhotoError, ValueError):
            self.unread.update(pair)
            return None
        return found

    def _photo(self, row: int) -> _Read | None:
        with self._lock:
            if row in self._read:
                self._read.move_to_end(row)
                return self._read[row]
        read = self._fresh(row)
        with self._lock:
            self._read[row] = read
            if len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return read

    def _fresh(self, row: int) -> _Read | None:
        candidate = self._candidates[row]
        for path in candidate.files:
            with suppress(PhotoError):
                single = candidate.format in _SINGLE
                detail = ComparisonImage(read_srgb(path, min_side=_MIN_SIDE))
                return _Read(path, detail, 1 if single else count_pictures(path))
        self.unread.add(row)
        return None
