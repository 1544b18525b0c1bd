"""Ranking: scores and margins of a query's parts -> the photos to show, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.library.relevance import Baseline, Relevance, relevance
from ansa.library.vectors import best
from ansa.scene import Facts, Vector

# How much the unwanted counts against a photo. docs/experiments.md has the comparison.
_AGAINST = 0.75


@dataclass(frozen=True, slots=True)
class Match:
    """One photo a search found.

    Attributes:
        path: where it is.
        score: cosine with what was asked for, -1..1; the mean if a text and a photo were asked for.
        margin: how far it stands above what the same photo scores on everyday texts, in standard
            deviations; photos that also match what was not wanted stand lower.
        facts: what its file says about itself.
        copies: other files with the very same content.
    """

    path: Path
    score: float
    margin: float
    facts: Facts
    copies: tuple[Path, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The match as JSON-ready values."""
        return {
            "path": str(self.path),
            "score": round(self.score, 4),
            "margin": round(self.margin, 3),
            "facts": self.facts.to_dict(),
            "copies": [str(path) for path in self.copies],
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found.

    Attributes:
        matches: best first, also when none matches well.
        good: whether the best match stands out from what chance would give in this library.
        message: what there is to say: that nothing matches well, or what was left out; else empty.
        waiting: photos that are not searched until the next index run (with this bundle).
    """

    matches: tuple[Match, ...]
    good: bool
    message: str = ""
    waiting: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON-ready values."""
        return {
            "good": self.good,
            "message": self.message,
            "waiting": self.waiting,
            "matches": [match.to_dict() for match in self.matches],
        }


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a query: a unit vector (d,), and what photos score on everyday ones."""

    vector: Vector
    everyday: Baseline


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best photos, as rows in no order; those that tie with the last of them too.

    Attributes:
        rows: (k,)
        keys: (k,) what they rank by.
        scores: (k,)
        margins: (k,)
        good: whether the best is a match.
    """

    rows: NDArray[np.intp]
    keys: NDArray[np.float32]
    scores: NDArray[np.float32]
    margins: NDArray[np.float32]
    good: bool


def rank(
    photos: Vector,
    wanted: Sequence[Term],
    unwanted: Term | None,
    among: NDArray[np.intp],
    limit: int,
) -> Ranking:
    """Ranks the rows ``among`` of the photos (n, d), and keeps the best ``limit``.

    A query of one part ranks by its score. Parts of different kinds (a text, a photo) have scores
    on different scales, so that several rank by their margins. What matches the unwanted better
    than the wanted is left out, and else the unwanted counts against a photo as far as it matches
    it at all. (Subtracting the unwanted vector, as is common, also loses more of what is wanted.)
    """
    parts = [_judge(photos, term, among) for term in wanted]
    scores = np.stack([scores for scores, _ in parts]).mean(axis=0, dtype=np.float32)
    margins = np.stack([part.margins for _, part in parts]).mean(axis=0, dtype=np.float32)
    good = bool(len(among)) and float(margins.max()) > parts[0][1].needed
    keys = scores if len(parts) == 1 else margins
    if unwanted:
        against = _judge(photos, unwanted, among)[1].margins
        kept = np.flatnonzero(against < margins)
        good = bool(len(kept)) and float(margins[kept].max()) > parts[0][1].needed
        margins = (margins - _AGAINST * np.maximum(against, 0))[kept]
        among, scores, keys = among[kept], scores[kept], margins
    rows = best(keys, limit)
    return Ranking(among[rows], keys[rows], scores[rows], margins[rows], good)


def _judge(
    photos: Vector, term: Term, among: NDArray[np.intp]
) -> tuple[NDArray[np.float32], Relevance]:
    scores = photos @ term.vector.astype(np.float32, copy=False)
    everyday = term.everyday
    if len(among) < len(photos):
        scores = scores[among]
        everyday = Baseline(everyday.mean[among], everyday.spread[among])
    return scores, relevance(scores, everyday)
