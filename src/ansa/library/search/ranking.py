"""Ranks photos by the scores and margins of a query's parts, and keeps the best."""

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

# What a probability of 1 of the named tags adds to the cosine, if the query names nothing else, and
# if the tags are only a part of it. docs/experiments.md has the comparison.
_LEADING, _HINTING = 1.0, 0.03
_LIKELY = 0.3  # the probability from which on a photo has what the query names
_EVEN = 0.5
_STEEP = 10.0  # converts standard deviations of a margin to a probability, if both decide together


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a match.

    Attributes:
        kind: "tag", "text", "like", or the kind of a fact: "date", "place", "camera", "trip",
            "event", "home", "people" or "favourite".
        about: what was searched for: a tag's name, a text, ...
        value: a tag's probability or a cosine; None for facts.
        text: the whole reason in words.
    """

    kind: str
    about: str
    value: float | None
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Returns the reason as JSON-ready values."""
        value = None if self.value is None else round(self.value, 4)
        return {"kind": self.kind, "about": self.about, "value": value, "text": self.text}


@dataclass(frozen=True, slots=True)
class QueryStep:
    """One part of the interpretation of a query.

    Attributes:
        kind: as in :class:`Reason`.
        said: its words in the query.
        meaning: how they were understood; empty if nothing here matches them.
        photos: the number of photos with the fact, or surely with the tag; None if not counted.
        wanted: False for something that photos must not show.
        weight: its weight relative to the others.
        note: how it was read, or why it was left out; empty if that needs no explanation.
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
        """Returns the step as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Match:
    """One photo that a search found.

    Attributes:
        path: its file.
        score: the cosine with the query, -1..1, plus up to 1 for named tags; the mean of several
            parts; 0 if the query has only facts.
        margin: the distance above the photo's own scores for everyday texts, in standard
            deviations; it is reduced if the photo also matches unwanted parts.
        facts: what its file and metadata state about it.
        copies: other files with the same bytes.
        reasons: why it was found.
        id: the photo's row in the library.
        second: of a film, when it shows best what was searched for, in seconds from its start;
            None for photos, and where only facts were searched for.
    """

    path: Path
    score: float
    margin: float
    facts: Facts
    copies: tuple[Path, ...] = ()
    reasons: tuple[Reason, ...] = ()
    id: int = 0
    second: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns the match as JSON-ready values."""
        return {
            "path": str(self.path),
            "score": round(self.score, 4),
            "margin": round(self.margin, 3),
            "facts": self.facts.to_dict(),
            "copies": [str(path) for path in self.copies],
            "reasons": [reason.to_dict() for reason in self.reasons],
            "second": self.second,
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of a search.

    Attributes:
        matches: the best first, even if none matches well.
        good: whether the best match is better than chance would give in this library.
        message: that nothing matches well, or what was left out; empty if there is nothing to say.
        waiting: the number of photos that the next index run will analyze with this bundle. Until
            then, they are not searched, or only by their undamaged signals.
        steps: how the query was understood.
        suggestions: if nothing matches well, related tags and the number of photos that surely
            have each.
        away: the number of matches whose files are missing, as on a disconnected drive.
    """

    matches: tuple[Match, ...]
    good: bool
    message: str = ""
    waiting: int = 0
    steps: tuple[QueryStep, ...] = ()
    suggestions: tuple[tuple[str, int], ...] = ()
    away: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Returns the result as JSON-ready values."""
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
        everyday: the scores of photos on everyday vectors.
        weight: its weight relative to the others.
        tags: float32 (n,), 0..1, the probability of the named tags; None if it names none.
        sure: bool (n,), which photos surely have one of them.
        leading: whether it names nothing but tags, so that they decide.
        films: the rows of films, and their scores, which are those of their best moments.
    """

    vector: Vector
    everyday: Baseline
    weight: float = 1.0
    tags: NDArray[np.float32] | None = None
    sure: NDArray[np.bool_] | None = None
    leading: bool = False
    films: tuple[NDArray[np.intp], NDArray[np.float32]] | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best photos as rows in no order, including ties with the last one.

    Attributes:
        rows: (k,)
        keys: (k,), the values by which they are ranked.
        scores: (k,)
        margins: (k,)
        good: whether the best is a good match.
    """

    rows: NDArray[np.intp]
    keys: NDArray[np.float32]
    scores: NDArray[np.float32]
    margins: NDArray[np.float32]
    good: bool


@dataclass(frozen=True, slots=True)
class PartScores:
    """The scores of some photos on one part of a query.

    Attributes:
        scores: float32 (m,), cosines, increased by tags.
        margins: float32 (m,), their distances above the photos' scores for everyday texts.
        beyond: float32 (m,), above 0 if a photo matches.
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

    A query of one part ranks by its score, which named tags increase. Texts and photos have scores
    on different scales, so several parts rank by the weighted mean of their margins. A photo is
    left out if it has an unwanted tag, or matches the unwanted parts better than the wanted ones.
    Otherwise, unwanted parts lower its rank as far as it matches them. (Subtracting the unwanted
    vector, which is common, also loses more of what is wanted.)
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
    """Returns which photos probably have the tags, if a text names nothing else."""
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
    """Scores the rows ``among`` of the photos (n, d) on a part of a query."""
    scores = photos @ term.vector.astype(np.float32, copy=False)
    if term.films is not None:
        films, best_moments = term.films
        scores[films] = np.maximum(scores[films], best_moments)
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
