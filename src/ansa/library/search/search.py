"""Runs a search: reads the query, ranks the photos, and explains the result."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansa.library.calendar.spans import day_words
from ansa.library.calendar.times import TimeContext
from ansa.library.custom_tags.scores import SHOWN, custom_tag_scores
from ansa.library.events.places import Place
from ansa.library.search.emoji_words import with_emoji_in_words
from ansa.library.search.explain import QueryExplanation, QueryPart, shortened
from ansa.library.search.folding import fold
from ansa.library.search.geocode_cache import cached_places, towns_are_known
from ansa.library.search.match_calibration import (
    MATCHES,
    NOT_HERE,
    Grade,
    MatchCalibration,
)
from ansa.library.search.name_matches import is_named, search_words
from ansa.library.search.parse import Part, parse_query
from ansa.library.search.photo_regions import reader_of
from ansa.library.search.query_terms import query_terms
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
from ansa.library.search.text_matches import is_written
from ansa.library.search.times import Moment, parse_moment, read_moment
from ansa.library.search.translation import Translation, translate
from ansa.library.search.understand import UnderstoodQuery, knows, understand
from ansa.library.search.vocabulary import vocabulary
from ansa.library.session import LibrarySession
from ansa.scene import Vector

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.photo.read import ImageSource

# So many times as many photos are ranked, but at most so many more, so that bursts leave others.
_FOLDED, _MOST_FOLDED = 3, 200
_INDEX_FIRST = "run `ansa index` on the folder first"


_OUT_OF_THE_QUESTION = 0.1  # the probability of a fact below which a photo is left out
# How certain facts are that follow from what was seen or from many photos, if no photo tells.
_CERTAIN = {"people": 0.8, "trip": 0.95, "event": 0.9, "home": 0.95}
_LATIN = re.compile("[a-z0-9]", re.IGNORECASE)
_AND = re.compile(r"(?<=\s)&(?=\s)")
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
    "film": "a film",
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
    every: bool = False,
    today: date | None = None,
    like_photos: Sequence[int] = (),
    unlike_photos: Sequence[int] = (),
) -> SearchResult:
    """Returns the best matches, the reasons, and whether anything matches well.

    A query is understood in steps. Words of other languages become English, and words that only ask
    for photos are left out. Words for facts (times, places, cameras, trips, celebrations, home,
    favourites, numbers of people) limit the photos. Names of tags and their synonyms select stored
    tags, including all tags below them, and all words are looked up in the names of files and
    folders. Finally, the text network compares the whole text with the photos.

    Args:
        session: the library.
        query: see :mod:`ansa.library.search.parse` for minus signs, weights and quotation marks.
        like: a photo to which matches should be similar; it is not among them. Together with a
            query, both have the same weight.
        without: what photos must not show, as with a minus sign.
        after: the earliest time, inclusive.
        before: the latest time, exclusive. Either limit leaves out photos without a time.
        limit: the largest number of matches.
        every: whether each shot of a burst and each copy is a match of its own, instead of one of
            each with the others folded under it.
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
        return SearchResult((), NOT_HERE, f"nothing of this folder is known; {_INDEX_FIRST}")
    snapshot = session.snapshot()
    embedding = session.analyzer.bundle.manifest.heads["embedding"]
    calibration = MatchCalibration.of(embedding.settings)
    if not snapshot.photos:
        return SearchResult((), NOT_HERE, _nothing(snapshot.waiting), snapshot.waiting)
    reader = reader_of(snapshot, today or date.today())
    bounds = [
        _bound(limit, moment, reader) for limit, moment in (("after", after), ("before", before))
    ]
    (start, _), (end, _) = bounds
    _tagged(session, snapshot)
    read, parts = _parts(query, session, snapshot)
    if without is not None:
        parts.append(Part(without, wanted=False))
    understood = understand(session, snapshot, parts, reader.today)
    asked, filters = query_terms(session, snapshot, understood.texts), understood.filters
    wanted = [each.term for each in asked if each.part.wanted]
    unwanted = [each.term for each in asked if not each.part.wanted]
    among = np.arange(len(snapshot.photos))
    if start or end:
        among = among[snapshot.times.between(start, end)[among]]
    probable = None
    for wish, each in filters:
        if each.chances is None:
            among = among[(each.rows if wish else ~each.rows)[among]]
        else:
            chances = each.chances if wish else 1 - each.chances
            among = among[chances[among] >= _OUT_OF_THE_QUESTION]
            probable = chances if probable is None else probable * chances
        if each.kind == "date":  # a photo of unknown time is not known to be of another time either
            among = among[~np.isnan(snapshot.times.clock[among])]
    if like is not None and alike is not None:
        films = snapshot.films.raised(alike, snapshot.own_sample, snapshot.photo_baseline)
        wanted.append(RankedTerm(alike, snapshot.text_baseline, alike=True, films=films))
        among = _without(among, _row_of(like, snapshot))
    for photos, terms in ((like_photos, wanted), (unlike_photos, unwanted)):
        rows = snapshot.rows(photos)
        vectors = [snapshot.vectors[row] for row in rows]
        terms += [RankedTerm(vector, snapshot.text_baseline, alike=True) for vector in vectors]
        among = _without(among, rows)
    most = limit if every else limit + min((_FOLDED - 1) * limit, _MOST_FOLDED)
    if wanted:
        ranking = rank(snapshot.vectors, wanted, unwanted, among, most, calibration, probable)
    else:
        order = snapshot.times.order
        ranking = newest(snapshot.vectors, order, unwanted, among, most, calibration, probable)
    known = [fact.kind for _, fact in filters if fact.chances is None]
    certain = min((_CERTAIN.get(kind, 1.0) for kind in known), default=1.0)
    explained = QueryExplanation(snapshot, asked, filters, alike, understood.unread)
    reading = tuple(_reading(query, read, understood))
    wishes = [each for each in asked if each.part.wanted]
    grades = _Grades(calibration, certain if all(map(_readable, wishes)) else 0.0)
    grade = grades.of(ranking.best)
    near = []
    if grade != MATCHES and len(among):
        near = suggest(snapshot, [each.concepts for each in wishes])
    seconds = _seconds(snapshot, wishes, alike)
    matches = _matches(session, snapshot, ranking, limit, explained, grades, seconds, every=every)
    return SearchResult(
        matches,
        grade,
        _message(query, reading, understood, grade, len(among), snapshot.waiting),
        snapshot.waiting,
        (*reading, *(step for _, step in bounds if step), *explained.steps()),
        tuple(near),
        sum(not os.path.exists(match.path) for match in matches),  # noqa: PTH110 - never raises
    )


def _parts(
    query: str | None, session: LibrarySession, snapshot: Snapshot
) -> tuple[Translation | None, list[Part]]:
    """Returns the parts of a query, and how it was read if it is in another language."""
    if query is None:
        return None, []
    query = with_emoji_in_words(query, knows(snapshot)) or query
    query = query if '"' in query else _AND.sub("and", query)
    read = translate(query, vocabulary(session, snapshot).english)
    if read and not (read.unknown and _is_said_here(query, session, snapshot)):
        with suppress(ValueError):  # English may take more parts than the language it is from
            return read, list(parse_query(read.text, knows(snapshot)))
    return None, list(parse_query(query, knows(snapshot)))


def _is_said_here(query: str, session: LibrarySession, snapshot: Snapshot) -> bool:
    """Whether all words of a query are in names or texts of photos, and so are names themselves."""
    return all(
        is_named(word, session, snapshot) or is_written(word, session, snapshot)
        for word in search_words(query)
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


@dataclass(frozen=True, slots=True)
class _Grades:
    """Grades of scores, and how certain the facts of the query are, 0..1."""

    calibration: MatchCalibration
    certain: float

    def of(self, score: float) -> Grade:
        return self.calibration.grade(score * self.certain)


def _readable(asked: QueryPart) -> bool:
    """Whether a word is in a name or in a text, or the text network, which is English, may know
    it."""
    named = bool(asked.concepts.named or asked.names or asked.texts)
    return named or bool(_LATIN.search(asked.part.text))


def _matches(
    session: LibrarySession,
    snapshot: Snapshot,
    ranking: Ranking,
    limit: int,
    explained: QueryExplanation,
    grades: _Grades,
    seconds: Callable[[int], float | None],
    *,
    every: bool,
) -> tuple[Match, ...]:
    photos = [snapshot.photos[row] for row in ranking.rows]
    paths = session.store.paths(photos, session.scope())
    # Ties are sorted by name, so that the order never depends on how photos were indexed.
    order = sorted(
        (-key, os.fsencode(paths[photo][0]), place)
        for place, (photo, key) in enumerate(zip(photos, ranking.keys.tolist(), strict=True))
        if paths[photo]  # it may have been removed since
    )
    places = [place for *_, place in order]
    shots = [[place] for place in places[:limit]]
    if not every:
        at = {int(ranking.rows[place]): place for place in places}
        rows = [int(ranking.rows[place]) for place in places[: limit + _MOST_FOLDED]]
        shots = [[at[row] for row in shot] for shot in fold(session, snapshot, rows, limit)]
    shown = [photos[place] for place, *_ in shots]
    facts = session.store.facts(shown)
    points = {photo: point for photo in shown if (point := snapshot.point(photo))}
    towns = cached_places(session.store, points).of
    folders = session.folders()
    matches = []
    for place, *others in shots:
        photo = photos[place]
        first, *copies = paths[photo]
        row = int(ranking.rows[place])
        reasons = tuple(explained.reasons(row, facts[photo], first, folders))
        written = any(reason.kind == "ocr" for reason in reasons) and snapshot.text(row)
        score = float(ranking.scores[place])
        matches.append(
            Match(
                first,
                score * grades.certain,
                grades.of(score),
                facts[photo],
                copies=tuple(copies),
                reasons=reasons,
                id=photo,
                second=seconds(row),
                place=_town(towns.get(photo)),
                alike=tuple(paths[photos[other]][0] for other in others),
                text="\n".join(written.lines) if written else "",
            )
        )
    return tuple(matches)


def _town(place: Place | None) -> str:
    """Returns the town and the country of a place; empty if it has no name."""
    return ", ".join(dict.fromkeys((place.names[0], place.names[-1]))) if place else ""


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


def _without(among: NDArray[np.intp], rows: Sequence[int]) -> NDArray[np.intp]:
    """Returns the rows but for some: a few at most, so that nothing needs to be sorted."""
    return among[~np.isin(among, rows)] if len(rows) else among


def _row_of(photo: ImageSource, snapshot: Snapshot) -> list[int]:
    """Returns the row of the same photo, if it is in the library."""
    if isinstance(photo, (str, os.PathLike)):
        photo = Path(photo).expanduser().read_bytes()
    if not isinstance(photo, bytes):
        return []
    row = snapshot.row(hashlib.sha256(photo).digest())
    return [] if row is None else [row]


def _reading(
    query: str | None, read: Translation | None, understood: UnderstoodQuery
) -> Iterator[QueryStep]:
    """Yields in which language a query was read, and which words were taken for others."""
    if query and read:
        yield QueryStep("language", shortened(query), shortened(read.text), note=str(read))
    for said, meant in understood.corrected:
        note = f'read as "{meant}"; in quotation marks it is searched for as it is'
        yield QueryStep("spelling", said, meant, note=note)


def _nothing(waiting: int) -> str:
    if waiting:
        return f"{waiting:,} photos wait to be looked at with this bundle; {_INDEX_FIRST}"
    return f"there are no photos in the library; {_INDEX_FIRST}"


def _message(
    query: str | None,
    reading: Sequence[QueryStep],
    understood: UnderstoodQuery,
    grade: Grade,
    among: int,
    waiting: int,
) -> str:
    """Returns what there is to say about a result, in one line."""
    parts = [f'"{step.said}" is {step.note}' for step in reading]
    filters = understood.filters
    if not among:
        kinds = {each.kind for _, each in filters} or {"date"}
        what = " and ".join(words for kind, words in _OF.items() if kind in kinds)
        parts.append(f"no photo is known to be {what}")
    elif grade != MATCHES:
        what = f'"{shortened(query)}"' if query is not None else "that photo"
        sure = "nothing here matches {} well" if grade == NOT_HERE else "perhaps one matches {}"
        parts.append(sure.format(what))
    if not towns_are_known() and any(each.kind == "place" for _, each in filters):
        parts.append("to know places by name, pip install 'ansa[experiences]'")
    parts += [f'"{shortened(fact.said)}" {fact.note}' for _, fact in filters if fact.note]
    parts += [f'"{shortened(said)}" is no time: {why}' for said, why in understood.unread]
    if waiting:
        parts.append(f"{waiting:,} photos wait for `ansa index`")
    return "; ".join(parts)
