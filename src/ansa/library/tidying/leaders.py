"""Which photos are alike, without all pairs in memory: each leads, or follows one that leads.

The leader algorithm (Hartigan, Clustering Algorithms, 1975): photos come best first, and each
follows the leader before it that it is most like, or leads itself. So whoever follows is directly
like a better photo, chains of photos that are each a little like the next do not form, and the
same photos in the same order always give the same leaders. Products are computed block by block:
beside them, memory holds a few numbers a photo.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Vector

Rows = NDArray[np.intp]

Needed = Callable[[Rows, Rows], NDArray[np.float32]]
"""The cosine that each pair of some photos (k,) and others (m,) needs: (k, m)."""

_BLOCK = 2048
_NONE = -2.0  # below every cosine
_ROUNDING = 1e-6


def leaders(
    count: int,
    vectors: Callable[[Rows], Vector],
    threshold: float,
    needed: Needed | None = None,
) -> tuple[Rows, NDArray[np.float32]]:
    """Whom each photo follows, (n,), itself if it leads; and the cosine of the two, float32 (n,).

    Args:
        count: how many photos there are, numbered best first.
        vectors: the unit vectors (k, d) of some of them.
        threshold: the cosine from which on a photo follows.
        needed: the cosines that pairs need beyond that, infinite for those that cannot belong
            together.
    """
    leader, near = np.arange(count), np.ones(count, np.float32)
    leads = np.ones(count, bool)
    threshold -= _ROUNDING
    for start in range(0, count, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, count))
        block = vectors(rows)
        best, whom = np.full(len(rows), _NONE, np.float32), rows.copy()
        earlier = np.flatnonzero(leads[:start])
        for other in range(0, len(earlier), _BLOCK):
            some = earlier[other : other + _BLOCK]
            likeness = _likeness(block, vectors(some), rows, some, threshold, needed)
            first = likeness.argmax(axis=1)
            top = likeness[np.arange(len(rows)), first]
            better = top > best
            best[better], whom[better] = top[better], some[first[better]]
        likeness = np.tril(_likeness(block, block, rows, rows, threshold, needed), -1)
        follows = best >= threshold
        for row in np.flatnonzero((likeness >= threshold).any(axis=1)):
            own = np.where(follows[:row], _NONE, likeness[row, :row])
            first = own.argmax()
            if own[first] > best[row]:
                best[row], whom[row] = own[first], rows[first]
            follows[row] = best[row] >= threshold
        leads[rows] = ~follows
        leader[rows[follows]], near[rows[follows]] = whom[follows], best[follows].clip(-1, 1)
    return leader, near


def _likeness(
    one: Vector,
    other: Vector,
    rows: Rows,
    columns: Rows,
    threshold: float,
    needed: Needed | None,
) -> NDArray[np.float32]:
    likeness: NDArray[np.float32] = one @ other.T
    if needed is not None and likeness.max() >= threshold:
        likeness[likeness < needed(rows, columns)] = _NONE
    return likeness
