"""Ranks photos by the chance that they are what was asked for, and keeps the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.library.search.match_calibration import (
    NOT_HERE,
    SHIPPED,
    Grade,
    MatchCalibration,
    log_sigmoid,
    sigmoid,
)
from ansa.library.search.relevance import Baseline
from ansa.library.storage.quantized_vectors import QuantizedVectors
from ansa.library.storage.vectors import best
from ansa.scene import Facts, Vector

_EVEN = 0.5
_DIGITS = 2  # of chances by which photos are sorted
_NAMED = 1.5  # the log odds, at least, of what a name says wholly and no tag knows
_SAID = 5.0  # the log odds, at least, of what a person said is there
_LEAST, _MOST = 0.02, 0.999  # the limits of a probability of a tag, so that none decides alone

Flags = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a match.

    Attributes:
        kind: "tag", "text", "name", "ocr" (the text in the picture), "like", or the kind of a
            fact: "date", "place", "camera", "trip", "event", "home", "people", "count" or
            "favourite".
        about: what was searched for: a tag's name, a text, ...
        value: the probability of a tag or of a number, a share of words, or a cosine; None for
            facts that are known.
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
        kind: as in :class:`Reason`; or "language" or "spelling", if words were read as others.
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
        score: the chance that the photo is what was asked for, 0..1, the same for all kinds of
            queries.
        grade: "matches", "perhaps" or "not here", by the score.
        facts: what its file and metadata state about it.
        copies: other files with the same bytes.
        reasons: why it was found.
        id: the photo's row in the library.
        second: of a film, when it shows best what was searched for, in seconds from its start;
            None for photos, and where only facts were searched for.
        place: the town and the country where it was taken; empty if unknown.
        alike: the other shots of its burst, and edited copies, that were found too.
        text: the text in the picture, in lines, if it was found by it; else empty.
    """

    path: Path
    score: float
    grade: Grade
    facts: Facts
    copies: tuple[Path, ...] = ()
    reasons: tuple[Reason, ...] = ()
    id: int = 0
    second: float | None = None
    place: str = ""
    alike: tuple[Path, ...] = ()
    text: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Returns the match as JSON-ready values."""
        return {
            "path": str(self.path),
            "score": round(self.score, 4),
            "grade": self.grade,
            "facts": self.facts.to_dict(),
            "copies": [str(path) for path in self.copies],
            "reasons": [reason.to_dict() for reason in self.reasons],
            "second": self.second,
            "place": self.place,
            "alike": [str(path) for path in self.alike],
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of a search.

    Attributes:
        matches: the best first, even if none matches well.
        grade: that of the best match: it "matches", "perhaps" it does, or what was asked for is
            "not here".
        message: that nothing matches well, or what was left out; empty if there is nothing to say.
        waiting: the number of photos that the next index run will analyze with this bundle. Until
            then, they are not searched, or only by their undamaged signals.
        steps: how the query was understood.
        suggestions: if nothing matches well, related tags and the number of photos that surely
            have each.
        away: the number of matches whose files are missing, as on a disconnected drive.
    """

    matches: tuple[Match, ...]
    grade: Grade
    message: str = ""
    waiting: int = 0
    steps: tuple[QueryStep, ...] = ()
    suggestions: tuple[tuple[str, int], ...] = ()
    away: int = 0

    @property
    def good(self) -> bool:
        """Whether the best match is better than chance would give in this library."""
        return self.grade != NOT_HERE

    def to_dict(self) -> dict[str, Any]:
        """Returns the result as JSON-ready values."""
        return {
            "grade": self.grade,
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
        films: the rows of films, and their scores, which are those of their best moments.
        named: the share of the text that the tags name, 0..1; at 1 it says nothing else.
        short: whether it is a word or two, and no sentence.
        names: float32 (n,), 0..1, how much of the text is in the names of files and folders; None
            if nothing is.
        texts: float32 (n,), 0..1, how surely it is about the text in a picture; None if it is about
            none.
        alike: whether it is a photo and not a text.
        others: alternatives, of which each will do.
    """

    vector: Vector
    everyday: Baseline
    weight: float = 1.0
    tags: Floats | None = None
    sure: Flags | None = None
    named: float = 0.0
    short: bool = True
    names: Floats | None = None
    texts: Floats | None = None
    alike: bool = False
    others: tuple[RankedTerm, ...] = ()
    films: tuple[NDArray[np.intp], Floats] | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best photos as rows in no order, including ties with the last one.

    Attributes:
        rows: (k,)
        keys: (k,), the values by which they are ranked.
        scores: (k,), the chance that each is what was asked for, 0..1.
    """

    rows: NDArray[np.intp]
    keys: Floats
    scores: Floats

    @property
    def best(self) -> float:
        """The highest score; 0 if there is no photo."""
        return float(self.scores.max()) if len(self.scores) else 0.0


def rank(
    photos: Vector | QuantizedVectors,
    wanted: Sequence[RankedTerm],
    unwanted: Sequence[RankedTerm],
    among: NDArray[np.intp],
    limit: int,
    calibration: MatchCalibration = SHIPPED,
    facts: Floats | None = None,
) -> Ranking:
    """Ranks the rows ``among`` of the photos (n, d), and keeps the best ``limit``.

    ``facts``, float32 (n,), 0..1, is how probably each photo has the facts of the query; None if
    they are certain. The chance that a photo shows several parts is the weighted geometric mean of
    their chances. A photo is left out if tags say that it shows something unwanted, or if it shows
    that more probably than what is wanted. Otherwise, its chance is multiplied by the chance that
    it shows the one rather than the other. (Subtracting the unwanted vector, which is common, also
    loses more of what is wanted.)
    """
    weights = np.array([term.weight for term in wanted], np.float32)
    chances = [log_sigmoid(log_odds(photos, term, among, calibration)) for term in wanted]
    keys: Floats = np.average(chances, axis=0, weights=weights).astype(np.float32)
    if facts is not None:
        keys = keys + _log(facts[among])
    for term in unwanted:
        with np.errstate(divide="ignore"):
            rather = keys - np.log(-np.expm1(keys))  # the log odds of what is wanted
            rather -= log_odds(photos, term, among, calibration) + np.float32(np.log(term.weight))
        kept = np.flatnonzero(~_shows(term, among) & (rather > 0))
        among = among[kept]
        keys = keys[kept] + log_sigmoid(rather[kept])
    rows = best(keys, limit)
    keys = keys[rows]
    return Ranking(among[rows], keys, np.exp(keys))


def _shows(term: RankedTerm, among: NDArray[np.intp]) -> Flags:
    """Returns which photos probably have the tags, if a text names nothing else."""
    if term.named < 1 or term.tags is None or term.sure is None:
        return np.zeros(len(among), np.bool_)
    return (term.tags[among] >= _EVEN) | term.sure[among]


def newest(
    photos: Vector | QuantizedVectors,
    order: NDArray[np.float64],
    unwanted: Sequence[RankedTerm],
    among: NDArray[np.intp],
    limit: int,
    calibration: MatchCalibration = SHIPPED,
    facts: Floats | None = None,
) -> Ranking:
    """Ranks the rows ``among`` of the photos (n, d) by time, the newest first, for queries of
    nothing but facts, or of what is not wanted; what probably shows that is left out. If a fact is
    only probable, photos come by its chance, and by time where that is the same.

    Args:
        photos: (n, d), unit length.
        order: float64 (n,), seconds, as of :class:`~ansa.library.search.times.Times`; NaN if
            unknown.
        unwanted: what photos should not show.
        among: the rows to rank.
        limit: how many to keep.
        calibration: what scores mean.
        facts: float32 (n,), 0..1, how probably each photo has the facts; None if they are certain.
    """
    for term in unwanted:
        against = sigmoid(log_odds(photos, term, among, calibration))
        among = among[~(_shows(term, among) | (against >= calibration.unwanted))]
    known = np.nan_to_num(order[among], nan=-np.inf)
    places = np.unique(known, return_inverse=True)[1]
    scores = np.ones(len(among), np.float32)
    if facts is not None:
        scores = facts[among]
        chances = np.unique(np.round(scores, _DIGITS), return_inverse=True)[1]
        places = np.unique(chances * (len(among) + 1) + places, return_inverse=True)[1]
    keys = places.astype(np.float32)
    rows = best(keys, limit)
    return Ranking(among[rows], keys[rows], scores[rows])


def _log(chances: Floats) -> Floats:
    """Returns the logarithms of chances, none of them so small that it decides alone."""
    logs: Floats = np.log(np.maximum(chances, np.float32(_LEAST)))
    return logs


def log_odds(
    photos: Vector | QuantizedVectors,
    term: RankedTerm,
    among: NDArray[np.intp],
    calibration: MatchCalibration = SHIPPED,
) -> Floats:
    """Returns the log odds that each of the rows ``among`` of the photos (n, d) shows a part of a
    query, float32 (m,)."""
    odds = _log_odds(photos, term, among, calibration)
    for other in term.others:
        odds = np.maximum(odds, _log_odds(photos, other, among, calibration))
    return odds


def _log_odds(
    photos: Vector | QuantizedVectors,
    term: RankedTerm,
    among: NDArray[np.intp],
    calibration: MatchCalibration,
) -> Floats:
    cosines = photos @ term.vector.astype(np.float32, copy=False)
    if term.films is not None:
        films, best_moments = term.films
        cosines[films] = np.maximum(cosines[films], best_moments)
    everyday = term.everyday
    if len(among) < len(photos):
        cosines = cosines[among]
        everyday = Baseline(everyday.mean[among], everyday.spread[among])
    if term.alike:
        return calibration.likeness(cosines)
    text = calibration.text(cosines, everyday, short=term.short)
    if term.tags is not None and term.named > 0:
        tags = np.clip(term.tags[among], _LEAST, _MOST)
        odds = np.log(tags) - np.log1p(-tags)
        both = calibration.tagged(cosines, everyday, odds)
        text = np.float32(term.named) * both + np.float32(1 - term.named) * text
        if term.named >= 1:
            said = term.tags[among] >= 1  # no network is so sure
            text = np.where(said, np.maximum(text, np.float32(_SAID)), text)
    if term.names is not None:
        shares = term.names[among]
        text = text + np.float32(calibration.names) * shares
        if term.named <= 0:  # in a name is all of a text that says nothing else, as "IMG_0042"
            text = np.where(shares >= 1, np.maximum(text, np.float32(_NAMED)), text)
    return text if term.texts is None else calibration.written(text, term.texts[among])
