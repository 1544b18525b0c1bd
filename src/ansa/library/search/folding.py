"""Shows one of each shot: bursts and copies are folded under the best match of them.

Only photos that were ranked high are compared, so it takes no longer in a large library. Pages,
receipts and screens are not folded: they look alike, and their text is not the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ansa.library.storage.codec import decode
from ansa.model.heads.fingerprint import similarity
from ansa.scene import Utility

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.session import LibrarySession

_COMPARED = 400  # rows, the others are shown as they are
_BURST_SECONDS = 20.0
_BURST_ALIKE = 0.9  # the cosine of two shots of a burst
_COPY_ALIKE = 0.95  # the cosine of two copies, whose fingerprints must agree too
_PICTURES = "photo", "drawing"


def fold(
    session: LibrarySession, snapshot: Snapshot, rows: Sequence[int], most: int
) -> list[list[int]]:
    """Returns the first rows, each followed by those of the same shot that came after it.

    Args:
        session: the library.
        snapshot: its photos.
        rows: rows of photos, the best first.
        most: how many shots are wanted.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    head = list(rows[:_COMPARED])
    vectors, clocks = snapshot.vectors[head], snapshot.times.clock[head]
    cosines = vectors @ vectors.T
    seconds = np.abs(clocks[:, None] - clocks[None, :])
    burst = (cosines >= _BURST_ALIKE) & (seconds <= _BURST_SECONDS)
    candidates = burst | (cosines >= _COPY_ALIKE)
    np.fill_diagonal(candidates, False)
    paired = [row for row, similar in zip(head, candidates, strict=True) if similar.any()]
    if not paired:
        return [[row] for row in rows[:most]]
    signals = _Signals(session, snapshot, paired)
    shots: list[list[int]] = []
    led: dict[int, list[int]] = {}  # the shot that the row at a place leads
    for place, row in enumerate(head):
        leaders = [at for at in np.flatnonzero(candidates[place, :place]).tolist() if at in led]
        same = next(
            (at for at in leaders if signals.same(row, head[at], burst=bool(burst[place, at]))),
            None,
        )
        if same is not None:
            led[same].append(row)
        elif len(shots) < most:
            led[place] = [row]
            shots.append(led[place])
    return shots + [[row] for row in rows[_COMPARED : _COMPARED + most - len(shots)]]


class _Signals:
    """The fingerprints and kinds of some rows."""

    def __init__(self, session: LibrarySession, snapshot: Snapshot, rows: Sequence[int]) -> None:
        store, model = session.store, session.model()
        photos = [snapshot.photos[row] for row in rows]
        packed = store.signals(photos, store.bundle(model.bundle), ("print", "utility"))
        self._of = {row: packed[photo] for row, photo in zip(rows, photos, strict=True)}
        head = session.analyzer.bundle.manifest.heads.get("print")
        self._threshold = float(head.settings.get("threshold", 1)) if head else 1.0

    def same(self, row: int, other: int, *, burst: bool) -> bool:
        """Whether two photos are of one burst, or copies of one picture."""
        if not (self._is_picture(row) and self._is_picture(other)):
            return False
        if burst:
            return True
        try:
            one, two = (decode("print", self._of[each]["print"]) for each in (row, other))
            return similarity(one, two) >= self._threshold
        except (KeyError, ValueError):  # not seen, damaged, or from another head
            return False

    def _is_picture(self, row: int) -> bool:
        try:
            utility: Utility = decode("utility", self._of[row]["utility"])
        except (KeyError, ValueError):
            return True
        return utility.kind in _PICTURES
