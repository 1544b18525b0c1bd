"""Ranking: scores and margins of a query's parts -> the photos to show, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.library.search.relevance import Baseline, relevance
from ansa.library.storage.vectors import best
from ansa.scene import Facts, Vector

# How much a probability of 1 of the tags that a query names adds to its cosine: where it names
# nothing else, and where they are a part of what it says. docs/experiments.md has the comparison.
_LEADING, _HINTING = 1.0, 0.03
_LIKELY = 0.3  # from this probability on, a photo has what the query names
_EVEN = 0.5
_STEEP = 10.0  # standard deviations of a margin to a probability of 1, where both decide together


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for a photo.

    Attributes:
        kind: "tag", "text", "like", or that of a fact: "date", "place", "camera", "trip", "event",
            "home", "people" or "favourite".
        about: what was looked for: a tag's name, a text, ...
        value: a tag's probability, a cosine; of facts, None.
        text: all of it in words.
    """

    kind: str
    about: str
    value: float | None
    text: str

    def to_dict(self) -> dict[str, Any]:
        """The reason as JSON-ready values."""
        value = None if self.value is None else round(self.value, 4)
        return {"kind": self.kind, "about": self.about, "value": value, "text": self.text}


@dataclass(frozen=True, slots=True)
class QueryStep:
    """One thing that a query was taken to say.

    Attributes:
        kind: as of a :class:`Reason`.
        said: its words in the query.
        meaning: what they were taken for; empty if they mean nothing here.
        photos: how many photos have it: the fact, or surely the tag; None if that is not counted.
        wanted: False for what photos should not show.
        weight: how much it counts beside the others.
        note: what else is to be said of how it was read, or why it was left out; else empty.
    """

    kind: str
    said: str
    meaning: str
    photos: int | None = None
    wanted: bool = True
    weight: float = 1.0
    note: str = ""

    def __str__(self) -> str:
        meaning = self.meaning or ("left out" if self.note else "nothing known here")
        how = "surely in " if self.kind == "tag" else ""
        several = "" if self.photos == 1 else "s"
        photos = "" if self.photos is None else f", {how}{self.photos:,} photo{several}"
        weight = "" if self.weight == 1 else f", weight {self.weight:g}"
        sign, note = "" if self.wanted else "not ", f"; {self.note}" if self.note else ""
        return f'{sign}{self.kind} "{self.said}": {meaning}{photos}{weight}{note}'

    def to_dict(self) -> dict[str, Any]:
        """The step as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Match:
    """One photo a search found.

    Attributes:
        path: where it is.
        score: cosine with what was asked for, -1..1, and up to 1 more for the tags that are named;
            the mean if several things were asked for; 0 if only facts were.
        margin: how far it stands above what the same photo scores on everyday texts, in standard
            deviations; photos that also match what was not wanted stand lower.
        facts: what its file says about itself.
        copies: other files with the very same content.
        reasons: what speaks for it.
    """

    path: Path
    score: float
    margin: float
    facts: Facts
    copies: tuple[Path, ...] = ()
    reasons: tuple[Reason, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The match as JSON-ready values."""
        return {
            "path": str(self.path),
            "score": round(self.score, 4),
            "margin": round(self.margin, 3),
            "facts": self.facts.to_dict(),
            "copies": [str(path) for path in self.copies],
            "reasons": [reason.to_dict() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found.

    Attributes:
        matches: best first, also when none matches well.
        good: whether the best match stands out from what chance would give in this library.
        message: what there is to say: that nothing matches well, or what was left out; else empty.
        waiting: photos that the next index run (with this bundle) looks at, and that are not
            searched until then, or only by what is sound of them.
        steps: what the query was taken to say.
        suggestions: where nothing matches well, tags near to what was asked for that photos here
            surely have, and how many do.
        away: how many of the matches are not there now, as on a drive that is not connected.
    """

    matches: tuple[Match, ...]
    good: bool
    message: str = ""
    waiting: int = 0
    steps: tuple[QueryStep, ...] = ()
    suggestions: tuple[tuple[str, int], ...] = ()
    away: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON-ready values."""
        return {
            "good": self.good,
            "message": self.message,
            "waiting": self.waiting,
            "steps": [step.to_dict() for step in self.steps],
            "away": self.away,
            "suggestions": [{"tag": tag, "photos": count} for tag, count in self.suggestions],
            "matches": [match.to_dict() for match in self.matches],
        }


@dataclass(frozen=True, slots=True)
class RankedTerm:
    """One part of a query.

    Attributes:
        vector: (d,), unit length.
        everyday: what photos score on everyday vectors.
        weight: how much it counts beside others.
        tags: float32 (n,), 0..1, how likely photos have the tags it names; None if it names none.
        sure: bool (n,), which surely have one.
        leading: whether it names nothing but tags, so that these decide.
    """

    vector: Vector
    everyday: Baseline
    weight: float = 1.0
    tags: NDArray[np.float32] | None = None
    sure: NDArray[np.bool_] | None = None
    leading: bool = False


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


@dataclass(frozen=True, slots=True)
class PartScores:
    """What one part of a query says of some photos.

    Attributes:
        scores: float32 (m,), cosines, raised by tags.
        margins: float32 (m,), how far these stand above the photos' everyday scores.
        beyond: float32 (m,), above 0 where a photo matches.
    """

    scores: NDArray[np.float32]
    margins: NDArray[np.float32]
    beyond: NDArray[np.float32]


def rank(
    photos: Vector,
    wanted: Sequence[RankedTerm],
    unwanted: Sequence[RankedTerm],
    among: NDArray[np.intp],
    limit: int,
) -> Ranking:
    """Ranks the rows ``among`` of the photos (n, d), and keeps the best ``limit``.

    A query of one part ranks by its score, which the tags it names raise. Parts of different kinds
    (a text, a photo) have scores on different scales, so that several rank by the weighted mean of
    their margins. What has an unwanted tag, or matches the unwanted better than the wanted, is
    left out, and else the unwanted counts against a photo as far as it matches it at all.
    (Subtracting the unwanted vector, as is common, also loses more of what is wanted.)
    """
    parts = [score_part(photos, term, among) for term in wanted]
    weights = np.array([term.weight for term in wanted], np.float32)
    scores = np.average([part.scores for part in parts], axis=0, weights=weights)
    margins = np.average([part.margins for part in parts], axis=0, weights=weights)
    matching = np.average([part.beyond for part in parts], axis=0, weights=weights) > 0
    keys = scores if len(parts) == 1 else margins
    if unwanted:
        against = np.max(
            [term.weight * score_part(photos, term, among).margins for term in unwanted], axis=0
        )
        shown = [_shows(term, among) for term in unwanted]
        kept = np.flatnonzero((against < margins) & ~np.logical_or.reduce(shown))
        margins = (margins - np.maximum(against, 0))[kept]
        among, scores, matching, keys = among[kept], scores[kept], matching[kept], margins
    rows = best(keys, limit)
    good = bool(matching.any())
    return Ranking(among[rows], keys[rows], scores[rows], margins[rows], good)


def _shows(term: RankedTerm, among: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which photos more likely than not have the tags that are all a text says."""
    if not term.leading or term.tags is None or term.sure is None:
        return np.zeros(len(among), np.bool_)
    return (term.tags[among] >= _EVEN) | term.sure[among]


def newest(
    photos: Vector,
    order: NDArray[np.float64],
    unwanted: Sequence[RankedTerm],
    among: NDArray[np.intp],
    limit: int,
) -> Ranking:
    """Ranks the rows ``among`` of the photos (n, d) by time, the newest first, for queries of
    nothing but facts, or of what is not wanted; what matches that is left out.

    Args:
        photos: (n, d), unit length.
        order: float64 (n,), seconds, as of :class:`~ansa.library.search.times.Times`; NaN if
            unknown.
        unwanted: what photos should not show.
        among: the rows to rank.
        limit: how many to keep.
    """
    for term in unwanted:
        among = among[score_part(photos, term, among).beyond <= 0]
    known = np.nan_to_num(order[among], nan=-np.inf)
    keys = np.unique(known, return_inverse=True)[1].astype(np.float32)
    rows = best(keys, limit)
    none = np.zeros(len(rows), np.float32)
    return Ranking(among[rows], keys[rows], none, none, bool(len(among)))


def score_part(photos: Vector, term: RankedTerm, among: NDArray[np.intp]) -> PartScores:
    """What a part of a query says of the rows ``among`` of the photos (n, d)."""
    scores = photos @ term.vector.astype(np.float32, copy=False)
    everyday = term.everyday
    if len(among) < len(photos):
        scores = scores[among]
        everyday = Baseline(everyday.mean[among], everyday.spread[among])
    text = relevance(scores, everyday)
    if term.tags is None:
        return PartScores(scores, text.margins, text.margins - np.float32(text.needed))
    tags = term.tags[among]
    scores = scores + np.float32(_LEADING if term.leading else _HINTING) * tags
    margins = (scores - everyday.mean) / everyday.spread
    beyond = text.margins - np.float32(text.needed)
    if term.leading:
        beyond = np.float32(_STEEP) * (tags - np.float32(_LIKELY))
        if term.sure is not None:
            beyond[term.sure[among]] = np.maximum(beyond[term.sure[among]], 1.0)
    return PartScores(scores, margins, beyond)
