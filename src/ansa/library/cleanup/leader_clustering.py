"""Clusters similar photos without storing all pairs: each photo leads, or follows a leader.

This is the leader algorithm (Hartigan, Clustering Algorithms, 1975). Photos are sorted, the best
first. Each follows the most similar earlier leader that is accepted for it, or becomes a leader.
So each follower is directly similar to a better photo, chains of photos that are each a little
like the next do not form, and the same photos in the same order always give the same leaders.
Products are computed in blocks; besides them, memory use is a few numbers per photo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Vector

Rows = NDArray[np.intp]

Needed = Callable[[Rows, Rows], NDArray[np.float32]]
"""The required cosine of each pair of some photos (k,) and others (m,): (k, m)."""

Accept = Callable[[int, int], bool]
"""Whether the second of two similar photos may follow the first."""

LeadsOn = Callable[[int], bool]
"""Whether a photo that was accepted as a follower may still lead others."""

Ahead = Callable[[Sequence[tuple[int, int]]], None]
"""Receives the pairs that will probably be asked for next."""

_BLOCK = 2048
_TRIED = 5  # leaders that are tried for a photo, the most similar first
_PATIENCE = 10_000  # refusals, after which only the most similar leader is tried
_AHEAD = 64  # photos whose pairs are announced in advance
_NONE = -2.0  # below every cosine
_ROUNDING = 1e-6


def cluster_by_leaders(
    count: int,
    vectors: Callable[[Rows], Vector],
    threshold: float,
    needed: Needed | None = None,
    accept: Accept | None = None,
    leads_on: LeadsOn | None = None,
    ahead: Ahead | None = None,
) -> tuple[Rows, NDArray[np.float32]]:
    """Returns the leader of each photo, (n,), and the cosine of the two, float32 (n,). A photo that
    leads is its own leader.

    Args:
        count: the number of photos, which are numbered from the best on.
        vectors: the unit vectors (k, d) of some of them.
        threshold: the cosine from which on a photo follows.
        needed: the cosine that a pair needs beyond that; infinite if it cannot belong together.
        accept: makes the final decision about a leader and a photo. At most five leaders are
            asked for each photo, and only one after thousands of refusals.
        leads_on: whether a follower may still lead; such photos stand for their own copies.
        ahead: see :data:`Ahead`.
    """
    leader, near = np.arange(count), np.ones(count, np.float32)
    leads = np.ones(count, bool)
    refused = 0
    threshold -= _ROUNDING
    for start in range(0, count, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, count))
        block = vectors(rows)
        best = np.full((len(rows), _TRIED), _NONE, np.float32)
        whom = np.zeros((len(rows), _TRIED), np.intp)
        earlier = np.flatnonzero(leads[:start])
        for other in range(0, len(earlier), _BLOCK):
            some = earlier[other : other + _BLOCK]
            likeness = _likeness(block, vectors(some), rows, some, threshold, needed)
            _keep_best(best, whom, likeness, some, threshold)
        likeness = np.tril(_likeness(block, block, rows, rows, threshold, needed), -1)
        likeness[np.triu_indices(len(rows))] = _NONE
        open_ = np.flatnonzero((likeness >= threshold).any(axis=1) | (best[:, 0] >= threshold))
        for place, row in enumerate(open_.tolist()):
            if ahead and place % _AHEAD == 0:
                ahead(_likely(open_[place : place + _AHEAD], best, whom, likeness, rows))
            own = np.where(leads[rows[:row]], likeness[row, :row], _NONE)
            for found, other in _in_turn(best[row], whom[row], own, start, threshold):
                if accept is None or accept(other, start + row):
                    leads[start + row] = leads_on is not None and leads_on(start + row)
                    leader[start + row], near[start + row] = other, min(found, 1.0)
                    break
                refused += 1
                if refused > _PATIENCE:
                    break
    return leader, near


def _keep_best(
    best: NDArray[np.float32],
    whom: Rows,
    likeness: NDArray[np.float32],
    some: Rows,
    threshold: float,
) -> None:
    """Merges the most similar leaders into the lists (k, tried), the best first."""
    for row in np.flatnonzero(likeness.max(axis=1) >= threshold):
        near = np.flatnonzero(likeness[row] >= threshold)
        if len(near) > _TRIED:  # if very many are similar, sorting all would take minutes
            near = np.sort(near[np.argpartition(-likeness[row, near], _TRIED)[:_TRIED]])
        values = np.concatenate([best[row], likeness[row, near]])
        rows = np.concatenate([whom[row], some[near]])
        order = np.argsort(-values, kind="stable")[:_TRIED]
        best[row], whom[row] = values[order], rows[order]


def _in_turn(
    best: NDArray[np.float32],
    whom: Rows,
    own: NDArray[np.float32],
    start: int,
    threshold: float,
) -> Iterator[tuple[float, int]]:
    """Yields the leaders for one photo, the most similar first: earlier ones and of its block."""
    near = np.flatnonzero(own >= threshold)
    values = np.concatenate([best, own[near]])
    rows = np.concatenate([whom, start + near])
    for place in np.argsort(-values, kind="stable")[:_TRIED].tolist():
        if values[place] < threshold:
            return
        yield float(values[place]), int(rows[place])


def _likely(
    some: Rows,
    best: NDArray[np.float32],
    whom: Rows,
    likeness: NDArray[np.float32],
    rows: Rows,
) -> list[tuple[int, int]]:
    """Returns the most similar leader of some photos, as far as known before they are decided."""
    inner = likeness[some].argmax(axis=1)
    own = likeness[some, inner] > best[some, 0]
    first = np.where(own, rows[inner], whom[some, 0])
    return list(zip(first.tolist(), rows[some].tolist(), strict=True))


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
