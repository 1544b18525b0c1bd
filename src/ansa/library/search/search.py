"""Runs a search: reads the query, ranks the photos, and explains the result."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ansa.library.calendar.spans import day_words
from ansa.library.calendar.times import TimeContext
from ansa.library.custom_tags.scores import SHOWN, custom_tag_scores
from ansa.library.search.explain import QueryExplanation, QueryPart, shortened
from ansa.library.search.geocode_cache import towns_are_known
from ansa.library.search.parse import Part, parse_query
from ansa.library.search.photo_regions import reader_of
from ansa.library.search.ranking import (
    Match,
    QueryStep,
    RankedTerm,
    Ranking,
    SearchResult,
    newest,
    rank,
)
from ansa.library.search.suggestions import suggest
from ansa.library.search.tag_index import TagIndex, TagScores
from ansa.library.search.tag_names import named_in
from ansa.library.search.times import Moment, parse_moment, read_moment
from ansa.library.search.understand import UnderstoodQuery, knows, understand
from ansa.library.session import LibrarySession
from ansa.scene import Vector

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.photo.read import ImageSource

_INDEX_FIRST = "run `ansa index` on the folder first"


_LATIN = re.compile("[a-z0-9]", re.IGNORECASE)
_OF = {
    "trip": "of that trip",
    "date": "of that time",
    "place": "of that place",
    "camera": "by that camera",
    "event": "of that event",
    "home": "at home",
    "people": "with so many people",
    "count": "with so many of them",
    "favourite": "a favourite",
}


def run_search(
    session: LibrarySession,
    query: str | None = None,
    *,
    like: ImageSource | None = None,
    without: str | None = None,
    after: Moment | None = None,
    before: Moment | None = None,
    limit: int = 20,
    today: date | None = None,
    like_photos: Sequence[int] = (),
    unlike_photos: Sequence[int] = (),
) -> SearchResult:
    """Returns the best matches, the reasons, and whether anything matches well.

    A query is understood in three steps. Words for facts (times, places, cameras, trips,
    celebrations, home, favourites, numbers of people) limit the photos. Names of tags and their
    synonyms select stored tags, including all tags below them; they decide if the query says
    nothing else, and are a hint otherwise. Finally, the text network compares the whole text with
    the photos.

    Args:
        session: the library.
        query: see :mod:`ansa.library.search.parse` for minus signs, weights and quotation marks.
        like: a photo to which matches should be similar; it is not among them. Together with a
            query, both have the same weight.
        without: what photos must not show, as with a minus sign.
        after: the earliest time, inclusive.
        before: the latest time, exclusive. Either limit leaves out photos without a time.
        limit: the largest number of matches.
        today: the day on which "yesterday" depends; by default the current day.
        like_photos: ids of photos of the library to which matches should be similar, too.
        unlike_photos: ids of photos of the library to which they should not be similar.

    Raises:
        ValueError: there is neither a query nor a photo, or a text is empty, or a weight, a date
            or the limit is invalid.
        PhotoError: ``like`` cannot be opened.
        LibraryError: the library's file cannot be read.
    """
    if query is None and like is None and not like_photos:
        raise ValueError("a search needs a query, a photo to be like, or both")
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    for moment in (after, before):  # invalid dates are refused before anything is opened
        if moment is not None:
            parse_moment(moment, TimeContext(today or date.today()))
    if query is not None:
        parse_query(query)
    alike = None if like is None else session.analyzer.embed_image(like)[0]
    if session.unknown():
        return SearchResult((), False, f"nothing of this folder is known; {_INDEX_FIRST}")
    snapshot = session.snapshot()
    if not snapshot.photos:
        return SearchResult((), False, _nothing(snapshot.waiting), snapshot.waiting)
    reader = reader_of(snapshot, today or date.today())
    bounds = [
        _bound(limit, moment, reader) for limit, moment in (("after", after), ("before", before))
    ]
    (start, _), (end, _) = bounds
    _tagged(session, snapshot)
    parts = [] if query is None else list(parse_query(query, knows(snapshot)))
    if without is not None:
        parts.append(Part(without, wanted=False))
    understood = understand(session, snapshot, parts, reader.today)
    asked, filters = _asked(session, snapshot, understood.texts), understood.filters
    wanted = [each.term for each in asked if each.part.wanted]
    unwanted = [each.term for each in asked if not each.part.wanted]
    among = np.arange(len(snapshot.photos))
    if start or end:
        among = among[snapshot.times.between(start, end)[among]]
    for wish, each in filters:
        among = among[(each.rows if wish else ~each.rows)[among]]
        if each.kind == "date":  # a photo of unknown time is not known to be of another time either
            among = among[~np.isnan(snapshot.times.clock[among])]
    if like is not None and alike is not None:
        films = snapshot.films.raised(alike, snapshot.own_sample, snapshot.photo_baseline)
        wanted.append(RankedTerm(alike, snapshot.photo_baseline, films=films))
        among = np.setdiff1d(among, _row_of(like, snapshot))
    for photos, terms in ((like_photos, wanted), (unlike_photos, unwanted)):
        rows = snapshot.rows(photos)
        terms += [RankedTerm(snapshot.vectors[row], snapshot.photo_baseline) for row in rows]
        among = np.setdiff1d(among, rows)
    if wanted:
        ranking = rank(snapshot.vectors, wanted, unwanted, among, limit)
    else:
        ranking = newest(snapshot.vectors, snapshot.times.order, unwanted, among, limit)
    explained = QueryExplanation(snapshot, asked, filters, alike, understood.unread)
    wishes = [each for each in asked if each.part.wanted]
    good = ranking.good and all(map(_readable, wishes))
    near = []
    if not good and len(among):
        near = suggest(session, snapshot, [each.concepts for each in wishes])
    seconds = _seconds(snapshot, wishes, alike)
    matches = _matches(session, snapshot, ranking, limit, explained, seconds)
    return SearchResult(
        matches,
        good,
        _message(query, understood, good, len(among), snapshot.waiting),
        snapshot.waiting,
        (*(step for _, step in bounds if step), *explained.steps()),
        tuple(near),
        sum(not os.path.exists(match.path) for match in matches),  # noqa: PTH110 - never raises
    )


def _bound(
    limit: str, moment: Moment | None, reader: TimeContext
) -> tuple[datetime | None, QueryStep | None]:
    """Returns a limit of time, and a note on how its words were read, if needed."""
    if moment is None:
        return None, None
    first, note = read_moment(moment, reader)
    meaning = f"{'since' if limit == 'after' else 'before'} {day_words(first)}"
    return first, QueryStep("date", f"{limit} {moment}", meaning, note=note) if note else None


def _tagged(session: LibrarySession, snapshot: Snapshot) -> TagIndex:
    """Returns the photos' tags, including custom tags."""
    if not snapshot.knows_taught:
        for name, (photos, scores) in custom_tag_scores(session).items():
            rows = np.searchsorted(snapshot.photos, photos)
            found = rows < len(snapshot.photos)
            found[found] = np.asarray(snapshot.photos)[rows[found]] == photos[found]
            shown = TagScores.none(len(snapshot.photos))
            shown.scores[rows[found]] = scores[found]
            shown.sure[rows[found]] = scores[found] >= SHOWN
            snapshot.tagged.teach(name, shown)
        snapshot.knows_taught = True
    return snapshot.tagged


def _asked(session: LibrarySession, snapshot: Snapshot, texts: Sequence[Part]) -> list[QueryPart]:
    """Returns the parts by which photos are ranked, with their vectors and tags."""
    vectors = session.analyzer.embed_text([part.text for part in texts])
    return [_ranked(snapshot, part, vector) for part, vector in zip(texts, vectors, strict=True)]


def _ranked(snapshot: Snapshot, part: Part, vector: Vector) -> QueryPart:
    concepts = named_in(part.text, snapshot.tree, snapshot.tagged.taught)
    everyday = snapshot.text_baseline
    films = snapshot.films.raised(vector, snapshot.everyday, everyday)
    if not concepts.named:
        return QueryPart(part, RankedTerm(vector, everyday, part.weight, films=films), concepts)
    shown = [snapshot.shown(names) for _, names in concepts.named]
    scores = np.stack([each.scores for each in shown]).mean(axis=0, dtype=np.float32)
    sure = np.logical_and.reduce([each.sure for each in shown])
    term = RankedTerm(vector, everyday, part.weight, scores, sure, concepts.leading, films)
    return QueryPart(part, term, concepts)


def _readable(asked: QueryPart) -> bool:
    """Whether a word may be known to the text network or the tags, which are both English."""
    return bool(asked.concepts.named) or bool(_LATIN.search(asked.part.text))


def _matches(
    session: LibrarySession,
    snapshot: Snapshot,
    ranking: Ranking,
    limit: int,
    explained: QueryExplanation,
    seconds: Callable[[int], float | None],
) -> tuple[Match, ...]:
    photos = [snapshot.photos[row] for row in ranking.rows]
    paths = session.store.paths(photos, session.scope())
    # Ties are sorted by name, so that the order never depends on how photos were indexed.
    order = sorted(
        (-key, os.fsencode(paths[photo][0]), place)
        for place, (photo, key) in enumerate(zip(photos, ranking.keys.tolist(), strict=True))
        if paths[photo]  # it may have been removed since
    )
    places = [place for *_, place in order[:limit]]
    facts = session.store.facts([photos[place] for place in places])
    matches = []
    for place in places:
        photo = photos[place]
        first, *copies = paths[photo]
        row = int(ranking.rows[place])
        reasons = tuple(explained.reasons(row, facts[photo]))
        score, margin = float(ranking.scores[place]), float(ranking.margins[place])
        found = Match(first, score, margin, facts[photo], tuple(copies), reasons, photo)
        matches.append(replace(found, second=seconds(row)))
    return tuple(matches)


def _seconds(
    snapshot: Snapshot, wishes: Sequence[QueryPart], alike: Vector | None
) -> Callable[[int], float | None]:
    """Returns a function that tells at which second a film matches best; None for photos."""
    parts = [
        (each.term.vector, each.term.weight, [names for _, names in each.concepts.named])
        for each in wishes
    ]

    def second(row: int) -> float | None:
        if parts:
            return snapshot.films.second(row, parts, snapshot.everyday)
        if alike is not None:
            return snapshot.films.second(row, [(alike, 1.0, [])], snapshot.own_sample)
        return None

    return second


def _row_of(photo: ImageSource, snapshot: Snapshot) -> list[int]:
    """Returns the row of the same photo, if it is in the library."""
    if isinstance(photo, (str, os.PathLike)):
        photo = Path(photo).expanduser().read_bytes()
    if not isinstance(photo, bytes):
        return []
    row = snapshot.row(hashlib.sha256(photo).digest())
    return [] if row is None else [row]


def _nothing(waiting: int) -> str:
    if waiting:
        return f"{waiting:,} photos wait to be looked at with this bundle; {_INDEX_FIRST}"
    return f"there are no photos in the library; {_INDEX_FIRST}"


def _message(
    query: str | None,
    understood: UnderstoodQuery,
    good: bool,
    among: int,
    waiting: int,
) -> str:
    """Returns what there is to say about a result, in one line."""
    parts, filters = [], understood.filters
    if not among:
        kinds = {each.kind for _, each in filters} or {"date"}
        what = " and ".join(words for kind, words in _OF.items() if kind in kinds)
        parts.append(f"no photo is known to be {what}")
    elif not good:
        what = f'"{shortened(query)}"' if query is not None else "that photo"
        parts.append(f"nothing here matches {what} well")
    if not towns_are_known() and any(each.kind == "place" for _, each in filters):
        parts.append("to know places by name, pip install 'ansa[experiences]'")
    parts += [f'"{shortened(fact.said)}" {fact.note}' for _, fact in filters if fact.note]
    parts += [f'"{shortened(said)}" is no time: {why}' for said, why in understood.unread]
    if waiting:
        parts.append(f"{waiting:,} photos wait for `ansa index`")
    return "; ".join(parts)
