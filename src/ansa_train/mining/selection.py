"""Chooses the best photos of a store in one pass and bounded memory, no two of them alike.

One pass keeps the best of all rows, many times more than are wanted. Of these, photos are taken
one after another by their score less their similarity to what was taken (maximal marginal
relevance: Carbonell & Goldstein, SIGIR 1998), and what is nearly equal to one is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa_train.mining.strategies import Strategy
from ansa_train.mining.vector_store import VectorBlock, VectorStore

ALIKE = 0.95
"""Cosine from which on two photos are alike."""

REDUNDANT = 0.3
"""How much the similarity to what was taken counts beside the score, which spans 0..1."""

_OVERSAMPLED = 20
_LEAST, _MOST = 1000, 20_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """A chosen row.

    Attributes:
        row: its number in the store.
        score: by the strategy.
        similarity: the cosine with the most similar one that was taken before; 0 for the first.
    """

    row: int
    score: float
    similarity: float


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen.

    Attributes:
        chosen: in the order in which they were taken.
        looked_at: rows that were scored.
        wanted: rows that the strategy wants at all.
        alike: good rows that were left out as they are nearly equal to one that was taken.
    """

    chosen: list[Chosen]
    looked_at: int
    wanted: int
    alike: int


def choose(store: VectorStore, strategy: Strategy, count: int) -> Selection:
    """Chooses at most ``count`` rows.

    Memory holds a block of the store and at most 20,000 of the best rows, however many there are.

    Raises:
        TrainingError: the store is damaged.
    """
    most = min(_MOST, max(_LEAST, _OVERSAMPLED * count))
    best = _Best(most, store.dim)
    looked_at = wanted = 0
    for block in store.blocks():
        scores = strategy.score(block)
        looked_at += len(scores)
        wanted += int(np.isfinite(scores).sum())
        best.add(block, scores)
    chosen, alike = _varied(best, count)
    return Selection(chosen, looked_at, wanted, alike)


class _Best:
    """The best rows so far."""

    def __init__(self, most: int, dim: int) -> None:
        self._most = most
        self.rows = np.empty(0, np.int64)
        self.scores = np.empty(0, np.float32)
        self.vectors = np.empty((0, dim), np.float32)

    def add(self, block: VectorBlock, scores: NDArray[np.float32]) -> None:
        """Takes in the rows of a block that are among the best."""
        full = len(self.scores) == self._most
        floor = self.scores.min() if full else -np.inf
        good = np.flatnonzero(np.isfinite(scores) & (scores > floor))
        if not good.size:
            return
        self.rows = np.concatenate([self.rows, block.start + good])
        self.scores = np.concatenate([self.scores, scores[good]])
        self.vectors = np.concatenate([self.vectors, block.vectors[good]])
        if len(self.scores) > self._most:
            kept = np.argpartition(-self.scores, self._most - 1)[: self._most]
            self.rows, self.scores = self.rows[kept], self.scores[kept]
            self.vectors = self.vectors[kept]


def _varied(best: _Best, count: int) -> tuple[list[Chosen], int]:
    if not len(best.scores):
        return [], 0
    low, high = float(best.scores.min()), float(best.scores.max())
    merit = (best.scores - low) / (high - low) if high > low else np.ones_like(best.scores)
    order = np.lexsort((best.rows, -merit))  # of equals the first row, whatever came when
    rows, scores, merit = best.rows[order], best.scores[order], merit[order]
    vectors = best.vectors[order]
    nearest = np.zeros(len(rows), np.float32)
    left = np.ones(len(rows), bool)
    chosen, alike = [], 0
    for at in _picks(merit, nearest, left, count):
        chosen.append(Chosen(int(rows[at]), float(scores[at]), float(nearest[at])))
        similar = vectors @ vectors[at]
        np.maximum(nearest, similar, out=nearest)
        left[at] = False
        same = left & (similar >= ALIKE)
        alike += int(same.sum())
        left &= ~same
    return chosen, alike


def _picks(
    merit: NDArray[np.float32],
    nearest: NDArray[np.float32],
    left: NDArray[np.bool_],
    count: int,
) -> Iterator[int]:
    for _ in range(count):
        if not left.any():
            return
        yield int(np.argmax(np.where(left, merit - REDUNDANT * nearest, -np.inf)))
