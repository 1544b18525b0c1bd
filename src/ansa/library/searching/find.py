"""A search, from its words to its matches: what is understood, what is ranked, and why."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ansa.library.opened import Opened
from ansa.library.searching.concepts import IDLE, named_in
from ansa.library.searching.explain import Asked, Explained, shortened
from ansa.library.searching.filters import Filter, take_filters
from ansa.library.searching.located import towns_are_known
from ansa.library.searching.query import Part, parse_query
from ansa.library.searching.search import Match, Ranking, SearchResult, Term, newest, rank
from ansa.library.searching.suggest import suggest
from ansa.library.searching.tagged import Shown, Tagged
from ansa.library.searching.times import Moment, parse_moment
from ansa.library.teaching.taught import SHOWN, taught_scores
from ansa.scene import Vector

if TYPE_CHECKING:
    from ansa.images import ImageSource
    from ansa.library.searching.snapshot import Snapshot

_INDEX_FIRST = "run `ansa index` on the folder first"


_LATIN = re.compile("[a-z0-9]", re.IGNORECASE)
_OF = {"date": "of that time", "place": "of that place", "camera": "by that camera"}


def find(
    opened: Opened,
    query: str | None = None,
    *,
    like: ImageSource | None = None,
    without: str | None = None,
    after: Moment | None = None,
    before: Moment | None = None,
    limit: int = 20,
    today: date | None = None,
) -> SearchResult:
    """The photos that match best, why, and whether they match at all.

    A query is understood in three steps. Words for facts (times, places, cameras) limit the photos.
    Names of tags and their synonyms bring in the tags that were stored of each photo, with all
    kinds below them: they decide if the query says nothing else, and hint otherwise. And the whole
    text is held against the photos by the text network.

    Args:
        opened: the library.
        query: see :mod:`ansa.library.searching.query` for minus signs, weights and quotation marks.
        like: a photo that it looks like, itself left out; together with a query, both count alike.
        without: what it does not show, as with a minus sign.
        after: taken at this time or later.
        before: taken earlier than this time. Photos without a time are left out by either.
        limit: at most so many.
        today: what "yesterday" is reckoned from; by default the day it is.

    Raises:
        ValueError: neither a query nor a photo, an empty text, a bad weight, date or limit.
        PhotoError: ``like`` cannot be opened.
        LibraryError: the library's file fails.
    """
    if query is None and like is None:
        raise ValueError("a search needs a query, a photo to be like, or both")
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    start = None if after is None else parse_moment(after)
    end = None if before is None else parse_moment(before)
    parts = [] if query is None else list(parse_query(query))
    if without is not None:
        parts.append(Part(without, wanted=False))
    alike = None if like is None else opened.analyzer.embed_image(like)[0]
    if opened.unknown():
        return SearchResult((), False, f"nothing of this folder is known; {_INDEX_FIRST}")
    snapshot = opened.snapshot()
    if not snapshot.photos:
        return SearchResult((), False, _nothing(snapshot.waiting), snapshot.waiting)
    asked, filters = _understood(opened, snapshot, parts, today or date.today())
    wanted = [each.term for each in asked if each.part.wanted]
    unwanted = [each.term for each in asked if not each.part.wanted]
    among = np.arange(len(snapshot.photos))
    if start or end:
        among = among[snapshot.times.between(start, end)[among]]
    for wish, each in filters:
        among = among[(each.rows if wish else ~each.rows)[among]]
    if like is not None and alike is not None:
        wanted.append(Term(alike, snapshot.photo_baseline))
        among = np.setdiff1d(among, _row_of(like, snapshot))
    if wanted:
        ranking = rank(snapshot.vectors, wanted, unwanted, among, limit)
    else:
        ranking = newest(snapshot.vectors, snapshot.times.order, unwanted, among, limit)
    explained = Explained(snapshot, asked, filters, alike)
    wishes = [each for each in asked if each.part.wanted]
    good = ranking.good and all(map(_readable, wishes))
    near = []
    if not good and len(among):
        near = suggest(opened, snapshot, [each.concepts for each in wishes])
    return SearchResult(
        _matches(opened, snapshot, ranking, limit, explained),
        good,
        _message(query, filters, good, len(among), snapshot.waiting),
        snapshot.waiting,
        tuple(explained.steps()),
        tuple(near),
    )


def _understood(
    opened: Opened, snapshot: Snapshot, parts: Sequence[Part], today: date
) -> tuple[list[Asked], list[tuple[bool, Filter]]]:
    """What is ranked by, and the facts: whether they are wanted, and which photos have them."""
    tagged, tree = _tagged(opened, snapshot), snapshot.tree

    def known(words: str) -> bool:
        return not named_in(words, tree, tagged.taught).unknown

    filters: list[tuple[bool, Filter]] = []
    texts: list[tuple[Part, str]] = []
    for part in parts:
        rest, found = take_filters(part.text, snapshot, today, known)
        filters += [(part.wanted, each) for each in found]
        if not found or set(rest.casefold().split()) - IDLE:
            texts.append((part, rest if found else part.text))
    vectors = opened.analyzer.embed_text([text for _, text in texts])
    return [
        _asked(snapshot, Part(text, part.weight, part.wanted), vector)
        for (part, text), vector in zip(texts, vectors, strict=True)
    ], filters


def _tagged(opened: Opened, snapshot: Snapshot) -> Tagged:
    """The photos' tags, with those that people taught."""
    if not snapshot.knows_taught:
        for name, (photos, scores) in taught_scores(opened).items():
            rows = np.searchsorted(snapshot.photos, photos)
            found = rows < len(snapshot.photos)
            found[found] = np.asarray(snapshot.photos)[rows[found]] == photos[found]
            shown = Shown.none(len(snapshot.photos))
            shown.scores[rows[found]] = scores[found]
            shown.sure[rows[found]] = scores[found] >= SHOWN
            snapshot.tagged.teach(name, shown)
        snapshot.knows_taught = True
    return snapshot.tagged


def _asked(snapshot: Snapshot, part: Part, vector: Vector) -> Asked:
    concepts = named_in(part.text, snapshot.tree, snapshot.tagged.taught)
    everyday = snapshot.text_baseline
    if not concepts.named:
        return Asked(part, Term(vector, everyday, part.weight), concepts)
    shown = [snapshot.shown(names) for _, names in concepts.named]
    scores = np.stack([each.scores for each in shown]).mean(axis=0, dtype=np.float32)
    sure = np.logical_and.reduce([each.sure for each in shown])
    term = Term(vector, everyday, part.weight, scores, sure, concepts.leading)
    return Asked(part, term, concepts)


def _readable(asked: Asked) -> bool:
    """Whether there is a word that the text network or the tags may know: both are English."""
    return bool(asked.concepts.named) or bool(_LATIN.search(asked.part.text))


def _matches(
    opened: Opened, snapshot: Snapshot, ranking: Ranking, limit: int, explained: Explained
) -> tuple[Match, ...]:
    photos = [snapshot.photos[row] for row in ranking.rows]
    paths = opened.store.paths(photos, opened.root())
    # By name where photos tie, so that the order never depends on how they were indexed.
    order = sorted(
        (-key, os.fsencode(paths[photo][0]), place)
        for place, (photo, key) in enumerate(zip(photos, ranking.keys.tolist(), strict=True))
        if paths[photo]  # it may be gone since
    )
    places = [place for *_, place in order[:limit]]
    facts = opened.store.facts([photos[place] for place in places])
    matches = []
    for place in places:
        photo = photos[place]
        first, *copies = paths[photo]
        reasons = explained.reasons(int(ranking.rows[place]), facts[photo])
        score, margin = float(ranking.scores[place]), float(ranking.margins[place])
        matches.append(Match(first, score, margin, facts[photo], tuple(copies), tuple(reasons)))
    return tuple(matches)


def _row_of(photo: ImageSource, snapshot: Snapshot) -> list[int]:
    """The row of the very same photo, if it is in the library."""
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
    filters: Sequence[tuple[bool, Filter]],
    good: bool,
    among: int,
    waiting: int,
) -> str:
    """What there is to say about a result, in one line."""
    parts = []
    if not among:
        kinds = {each.kind for _, each in filters} or {"date"}
        what = " and ".join(words for kind, words in _OF.items() if kind in kinds)
        parts.append(f"no photo is known to be {what}")
    elif not good:
        what = f'"{shortened(query)}"' if query is not None else "that photo"
        parts.append(f"nothing here matches {what} well")
    if not towns_are_known() and any(each.kind == "place" for _, each in filters):
        parts.append("to know places by name, pip install 'ansa[experiences]'")
    if waiting:
        parts.append(f"{waiting:,} photos wait for `ansa index`")
    return "; ".join(parts)
