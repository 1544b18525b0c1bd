"""Chooses the cover of any set of photos: a good one that is typical of the set."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.library.selection.gallery import Gallery, Rows, open_gallery
from ansa.library.session import LibrarySession

_TYPICAL = 0.3
_WIDE = 0.05  # a small preference for wide photos, because covers are mostly shown wider than high
_COMMON = 3  # a subject is mentioned as a reason if at least so many photos show it
_AMONG_BEST = 0.25  # of the others may be better than "one of the best"
_WIDEST = 2.2  # width divided by height; a panorama is no cover


@dataclass(frozen=True, slots=True)
class Cover:
    """The photo that represents a set, and why it was chosen."""

    path: Path
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns the cover as JSON-ready values."""
        return {"path": str(self.path), "reasons": list(self.reasons)}


def find_cover(session: LibrarySession, files: Iterable[str | os.PathLike[str]]) -> Cover | None:
    """Returns the cover of some photos of a library; None if none of them is worth showing.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    wanted = {os.path.realpath(Path(file).expanduser()) for file in files}
    gallery = open_gallery(session)
    found = [row for row, p in enumerate(gallery.photos) if os.path.realpath(p.file) in wanted]
    return cover(gallery, np.array(found, np.intp))


def cover_row(gallery: Gallery, rows: Rows, bonus: NDArray[np.float64] | None = None) -> int:
    """Returns the row of the cover among rows of a gallery, of which there is at least one.

    The score adds how good a photo is, how typical it is (its mean similarity to the others, in
    standard deviations of this set), and a bonus (m,), such as how surely it shows the subject.
    """
    looks = gallery.vectors[rows]
    typical = looks @ looks.mean(axis=0)
    typical = (typical - typical.mean()) / max(float(typical.std()), 1e-6)
    wide = np.array([_is_wide(gallery, row) for row in rows], np.float64)
    score = gallery.merit[rows] + _TYPICAL * np.tanh(typical / 2) + _WIDE * wide
    if bonus is not None:
        score = score + bonus
    return int(rows[int(np.argmax(score))])


def cover(gallery: Gallery, rows: Rows, bonus: NDArray[np.float64] | None = None) -> Cover | None:
    """Returns the cover of some rows of a gallery; None for no rows. See :func:`cover_row`."""
    if not len(rows):
        return None
    row = cover_row(gallery, rows, bonus)
    photo = gallery.photos[row]
    reasons = []
    better = int((gallery.merit[rows] > gallery.merit[row]).sum())
    if better <= _AMONG_BEST * len(rows):
        place = "one of the best" if better else "the best"
        reasons.append(f"{place} of {len(rows):,} by looks and quality")
    often = Counter(tag for each in rows for tag in gallery.photos[each].tags)
    shared = max(photo.tags, key=lambda tag: often[tag], default=None)
    if shared and often[shared] >= _COMMON:
        reasons.append(f"shows {shared}, as {often[shared]:,} of them do")
    if len(rows) > 2:
        looks = gallery.vectors[rows] @ gallery.vectors[rows].mean(axis=0)
        own = float(gallery.vectors[row] @ gallery.vectors[rows].mean(axis=0))
        if (looks > own).mean() < 0.25:
            reasons.append("one of the most like the others")
    return Cover(photo.path, tuple(reasons) or ("good, and typical of the others",))


def _is_wide(gallery: Gallery, row: int) -> bool:
    facts = gallery.photos[row].facts
    return 1 < facts.width / max(1, facts.height) <= _WIDEST
