"""Memories: small selections of photos, each with a title, a cover, a mood and reasons.

Proposals (:mod:`ansa.library.memories.proposals`) are scored relative to this library's own photos.
The best are chosen so that they differ in kind and in photos, and a short selection is made of each
(:mod:`ansa.library.selection.diversity`). The same library gives the same memories on the same day.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ansa.library.custom_tags.scores import SHOWN, custom_tag_scores
from ansa.library.events.albums import album_of
from ansa.library.events.events import library_events
from ansa.library.events.homes import Home, from_home, homes
from ansa.library.events.moments import Moment, moments
from ansa.library.events.trips import trips_of
from ansa.library.index_report import LibraryError, Progress
from ansa.library.memories.dismissed import dismiss, read_dismissed
from ansa.library.memories.feedback import like, read_feedback, without_photos
from ansa.library.memories.memory_cache import cached_memories
from ansa.library.memories.proposals import (
    LEAST,
    Proposal,
    of_albums,
    of_days,
    of_events,
    of_names,
    of_themes,
    of_this_day,
    of_trips,
)
from ansa.library.memories.themes import Mood, ThemeScores
from ansa.library.personal.marks import MarkResult
from ansa.library.photo_arguments import find_named
from ansa.library.search.relevance import baseline
from ansa.library.selection.covers import Cover, cover
from ansa.library.selection.diversity import SelectedPhoto, select_diverse
from ansa.library.selection.gallery import Gallery, open_gallery
from ansa.library.session import LibrarySession
from ansa.library.storage.corrections import read_corrections
from ansa.library.text_vectors import everyday_vectors, text_vectors
from ansa.render.heads import heads_of
from ansa.scene import Precision, read_when, when_text

if TYPE_CHECKING:
    from ansa.render.movie import Movie

_MOST = 24  # the most photos in a memory
_KIND, _GOOD, _PLENTY = 0.5, 0.3, 0.2
_AGAIN = 0.03  # subtracted from the score for each chosen memory of the same family
_MOST_OF_FAMILY = {"theme": 2, "season": 2, "holiday": 4, "this day": 3, "day": 4}  # of one family
_LIKED, _DISLIKED = 0.05, 0.04  # for each memory of the family that was liked or dismissed, ...
_MOST_FEEDBACK = 3  # ... of so many at most
_GOOD_PHOTOS = 0.6  # the mean rank of photos from which on it is worth saying
_STORIES = {"trip", "album", "birthday", "holiday", "anniversary", "this day", "day"}
_MOST_THEMES = 8  # themes are what photos have in common by chance, and tell no story
_OUTING_KM = 15.0  # from home; people do not name the next village
_SEEN = 0.5  # a proposal with at least this share of its photos in chosen memories is left out


@dataclass(frozen=True, slots=True)
class MemoryPhoto:
    """A photo of a memory: its time, the precision of that time, and why it was chosen."""

    path: Path
    taken: datetime | None
    reasons: tuple[str, ...]
    precision: Precision = "second"

    def to_dict(self) -> dict[str, Any]:
        """Returns the photo as JSON-ready values."""
        return {
            "path": str(self.path),
            "taken": when_text(self.taken, self.precision) if self.taken else None,
            "reasons": list(self.reasons),
        }

    @classmethod
    def from_dict(cls, told: Any) -> MemoryPhoto:
        """Returns the photo that :meth:`to_dict` converted."""
        taken = told["taken"]
        path, reasons = Path(told["path"]), tuple(told["reasons"])
        if taken is None:
            return cls(path, None, reasons)
        moment, precision = read_when(taken)
        return cls(path, moment, reasons, precision)


@dataclass(frozen=True, slots=True)
class Memory:
    """A few photos worth looking back at.

    Attributes:
        id: an identifier that is the same in every run, as long as the subject is the same.
        kind: "trip", "album", "birthday", "holiday", "anniversary", "this day", "day" (one with
            many photos), "name" (a pet or person that was taught by name), "season" or "theme".
        title: a few words.
        cover: the one of its photos that represents it.
        photos: its photos in the order of time; those of unknown time are last.
        mood: the intended feeling, and the tempo of suitable music.
        score: 0..1, by which the memories of one library are ranked; it has no absolute meaning.
        reasons: why it is proposed, in words.
    """

    id: str
    kind: str
    title: str
    cover: Cover
    photos: tuple[MemoryPhoto, ...]
    mood: Mood
    score: float
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns the memory as JSON-ready values."""
        return {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "cover": self.cover.to_dict(),
            "photos": [photo.to_dict() for photo in self.photos],
            "mood": {"name": self.mood.name, "tempo": self.mood.tempo},
            "score": self.score,
            "reasons": list(self.reasons),
        }

    @classmethod
    def from_dict(cls, told: Any) -> Memory:
        """Returns the memory that :meth:`to_dict` converted."""
        front = Cover(Path(told["cover"]["path"]), tuple(told["cover"]["reasons"]))
        mood = Mood(told["mood"]["name"], told["mood"]["tempo"])
        photos = tuple(MemoryPhoto.from_dict(photo) for photo in told["photos"])
        names = told["id"], told["kind"], told["title"]
        return cls(*names, front, photos, mood, told["score"], tuple(told["reasons"]))


@dataclass(frozen=True, slots=True)
class Memories:
    """The proposed memories.

    Attributes:
        memories: the best first.
        message: why there are none; empty if there are some.
    """

    memories: tuple[Memory, ...]
    message: str = ""

    @classmethod
    def from_dict(cls, told: Any) -> Memories:
        """Returns the memories that :meth:`to_dict` converted."""
        return cls(tuple(map(Memory.from_dict, told["memories"])), told["message"])

    def only(self, memory: str, database: Path) -> Memories:
        """Returns the memory with an id.

        Raises:
            LibraryError: this library has no such memory.
        """
        found = tuple(each for each in self.memories if each.id == memory)
        if not found:
            raise _unknown(memory, database)
        return Memories(found)

    def to_dict(self) -> dict[str, Any]:
        """Returns everything as JSON-ready values."""
        return {
            "memories": [memory.to_dict() for memory in self.memories],
            "message": self.message,
        }


def find_memories(
    session: LibrarySession,
    *,
    today: date | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Memories:
    """Returns the memories of a library, the best first.

    No memory contains clutter or hidden photos, or two photos that are much alike. A dismissed
    memory is not proposed again, nor is one of its family with mostly the same photos.

    Args:
        session: the library.
        today: the day for "on this day"; by default the current day.
        limit: the largest number of memories; all if left out.
        progress: called as ``progress(photos done, all photos)`` while photos are read that are not
            known from an earlier run.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    today = today or date.today()

    def make() -> dict[str, Any]:
        gallery, proposals = _proposals(session, today, progress)
        found = tuple(islice(_chosen(session, gallery, proposals), limit))
        memories = Memories(found, "" if found else _nothing(gallery))
        return memories.to_dict() | {"gone": [str(path) for path in gallery.gone]}

    told = cached_memories(session, make, _holds, today.isoformat(), limit=limit)
    memories = Memories.from_dict(told)
    return replace(memories, memories=memories.memories[:limit])


def _holds(told: dict[str, Any]) -> bool:
    """Whether cached memories are valid, their photos exist, and the missing ones are still
    gone."""
    try:
        memories = Memories.from_dict(told).memories
        here = [*(shot.path for each in memories for shot in each.photos)]
        here += [each.cover.path for each in memories]
        # `Path.exists` raises an error if a folder may not be read.
        return all(map(os.path.exists, here)) and not any(map(os.path.exists, told["gone"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return False  # damaged in the library


def film(
    session: LibrarySession, memory: Memory, out: str | os.PathLike[str], **options: Any
) -> Movie:
    """Writes a memory as a movie.

    See :func:`ansa.render.movie.make_movie` for options and errors.
    """
    from ansa.render.movie import Still, make_movie

    stills = []
    for shot in memory.photos:
        scene = session.scene_of(shot.path)
        heads = tuple(heads_of(scene.objects or ())) if scene else ()
        stills.append(Still(shot.path, scene.saliency if scene else None, heads))
    tempo = float(memory.mood.tempo)
    return make_movie(stills, out, title=memory.title, tempo=tempo, **options)


def dismiss_memory(session: LibrarySession, memory: str, *, today: date | None = None) -> str:
    """Stops proposing a memory; returns its title.

    Raises:
        LibraryError: there is no such memory, or the library cannot be written.
    """
    gallery, proposals = _proposals(session, today or date.today())
    proposal = _find(proposals, memory, session.database)
    photos = [gallery.photos[row].id for row in proposal.rows]
    dismiss(session.store, memory, proposal.family, photos)
    return proposal.title


def like_memory(
    session: LibrarySession, memory: str, liked: bool = True, *, today: date | None = None
) -> str:
    """Records that people like a memory, so that ones like it come sooner; returns its title.

    Args:
        session: the library.
        memory: its id.
        liked: False takes it back.
        today: the day for "on this day"; by default the current day.

    Raises:
        LibraryError: there is no such memory, or the library cannot be written.
    """
    gallery, proposals = _proposals(session, today or date.today())
    proposal = _find(proposals, memory, session.database)
    photos = [gallery.photos[row].id for row in proposal.rows]
    like(session.store, memory, proposal.family, photos, liked)
    return proposal.title


def leave_out(
    session: LibrarySession,
    memory: str,
    files: Iterable[str | os.PathLike[str]],
    *,
    again: bool = False,
    today: date | None = None,
) -> MarkResult:
    """Records that some photos do not belong into a memory: others are shown instead.

    Args:
        session: the library.
        memory: its id.
        files: the photos, as files or folders.
        again: takes it back: the photos may be shown again.
        today: the day for "on this day"; by default the current day.

    Raises:
        LibraryError: there is no such memory, or the library cannot be written.
    """
    _, proposals = _proposals(session, today or date.today())
    proposal = _find(proposals, memory, session.database)
    named = find_named(session, files)
    without_photos(session.store, memory, proposal.family, list(named.photos), not again)
    return MarkResult(tuple(named.photos.values()), named.problems)


def _find(proposals: list[Proposal], memory: str, database: Path) -> Proposal:
    for proposal in proposals:
        if _id(proposal) == memory:
            return proposal
    raise _unknown(memory, database)


def _proposals(
    session: LibrarySession, today: date, progress: Progress | None = None
) -> tuple[Gallery, list[Proposal]]:
    now = datetime.combine(today, datetime.max.time())
    known = session.store.known(session.scope())
    gallery = open_gallery(session, now=now, progress=progress, known=known)
    if not len(gallery):
        return gallery, []
    found = moments(session, now=now, known=known)
    lived = homes(found)
    trips = trips_of(found, lived)
    away = {photo for trip in trips for photo in trip.photos}
    # Who is not known to live anywhere may be a tourist everywhere.
    guests = away if lived else {p for each in found if each.point for p in each.photos}
    shown = theme_scores(session, gallery)
    return gallery, [
        *of_trips(gallery, trips, shown),
        *of_albums(gallery, _albums(session, gallery), away),
        *of_events(gallery, library_events(session, found, lived), shown, guests),
        *of_this_day(gallery, today),
        *of_days(gallery, shown, away, _outings(found, lived)),
        *of_names(gallery, _named(session)),
        *of_themes(gallery, shown),
    ]


def theme_scores(session: LibrarySession, gallery: Gallery) -> ThemeScores:
    """Returns which photos of a library's gallery show which theme.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    embed = partial(text_vectors, session.store, session.analyzer, "theme")
    everyday = everyday_vectors(session.store, session.analyzer)
    return ThemeScores(gallery, embed, baseline(gallery.vectors, everyday))


def _outings(found: Sequence[Moment], lived: Sequence[Home]) -> dict[int, str]:
    """Returns the town of each photo that was taken well away from all homes, by its id."""
    towns: dict[int, str] = {}
    far = from_home(found, lived)
    for moment in found:
        if moment.place and far.get(moment.point, 0.0) >= _OUTING_KM:
            towns |= dict.fromkeys(moment.photos, moment.place.city)
    return towns


def _albums(session: LibrarySession, gallery: Gallery) -> dict[int, str]:
    """Returns the name that the owner gave to the folder of each photo, by its id."""
    roots = [Path(os.fsdecode(root)) for root in session.store.roots()]
    folders = {photo.id: photo.file.rpartition(os.sep)[0] for photo in gallery.photos}
    names = {folder: album_of(Path(folder), roots) for folder in set(folders.values())}
    return {photo: names[folder] for photo, folder in folders.items()}


def _named(session: LibrarySession) -> dict[str, dict[int, float]]:
    """Returns the photos of each name that was taught or given, with their probabilities."""
    named = {
        name: {
            photo: score
            for photo, score in zip(photos.tolist(), scores.tolist(), strict=True)
            if score >= SHOWN
        }
        for name, (photos, scores) in custom_tag_scores(session).items()
    }
    for name, said in read_corrections(session.store, session.model().tree).own_tags().items():
        here = {photo: 1.0 for photo, shown in said.items() if shown}
        named.setdefault(name, here)
    return named


def _chosen(
    session: LibrarySession, gallery: Gallery, proposals: list[Proposal]
) -> Iterator[Memory]:
    dismissed, feedback = read_dismissed(session.store), read_feedback(session.store)
    proposals = [feedback.without(gallery, each, _id(each)) for each in proposals]
    scores = [
        score
        + _LIKED * min(_MOST_FEEDBACK, feedback.likes(_id(each), each.family))
        - _DISLIKED * min(_MOST_FEEDBACK, len(dismissed.photos.get(each.family, ())))
        for score, each in zip(_scores(gallery, proposals), proposals, strict=True)
    ]
    families: Counter[str] = Counter()
    seen: set[int] = set()
    themes = 0
    left = [
        number
        for number, each in enumerate(proposals)
        if not dismissed.holds(
            _id(each), each.family, [gallery.photos[row].id for row in each.rows]
        )
    ]
    while left:
        best = max(left, key=lambda n: (scores[n] - _AGAIN * families[proposals[n].family], -n))
        left.remove(best)
        proposal = proposals[best]
        if families[proposal.family] >= _MOST_OF_FAMILY.get(proposal.kind, len(proposals)):
            continue
        if proposal.kind == "theme" and themes >= _MOST_THEMES:
            continue
        story = proposal.kind in _STORIES
        count = _count(proposal)
        choices = select_diverse(gallery, proposal.rows, count, proposal.bonus, story=story)
        rows = {choice.row for choice in choices}
        if len(rows) < LEAST or len(rows & seen) >= _SEEN * len(rows):
            continue
        seen |= rows
        themes += proposal.kind == "theme"
        families[proposal.family] += 1
        yield _memory(gallery, proposal, choices, min(1.0, max(0.0, scores[best])))


def _scores(gallery: Gallery, proposals: list[Proposal]) -> list[float]:
    """Returns scores from the weight of such memories, the rank of their best photos in this
    library, and their number of photos relative to others of their family."""
    most: Counter[str] = Counter()
    for each in proposals:
        most[each.family] = max(most[each.family], len(each.rows))
    scores = []
    for each in proposals:
        if not len(each.rows):
            scores.append(0.0)
            continue
        top = np.sort(gallery.rank[each.rows])[-_count(each) :]
        plenty = np.log1p(len(each.rows)) / np.log1p(most[each.family])
        scores.append(float(_KIND * each.weight + _GOOD * top.mean() + _PLENTY * plenty))
    return scores


def _count(proposal: Proposal) -> int:
    """Returns the number of photos to choose: few of few photos, not many more of many."""
    return int(np.clip(round(2 * np.sqrt(len(proposal.rows))), LEAST, _MOST))


def _memory(
    gallery: Gallery, proposal: Proposal, choices: list[SelectedPhoto], score: float
) -> Memory:
    reasons = {choice.row: choice.reasons for choice in choices}
    rows = np.array(sorted(reasons, key=lambda row: _when(gallery, row)), np.intp)
    # Only themes and names have a subject, which has to be on the cover.
    bonus = dict(zip(proposal.rows.tolist(), proposal.bonus.tolist(), strict=True))
    front = cover(gallery, rows, np.array([bonus[row] for row in rows.tolist()]))
    assert front is not None
    better = float(gallery.rank[rows].mean())
    photos = tuple(
        MemoryPhoto(photo.path, photo.facts.taken, reasons[int(row)], photo.facts.taken_precision)
        for row, photo in zip(rows, (gallery.photos[row] for row in rows), strict=True)
    )
    told = proposal.reasons
    if better >= _GOOD_PHOTOS:
        told += (f"its photos are better than {better:.0%} of this library",)
    return Memory(
        _id(proposal),
        proposal.kind,
        proposal.title,
        front,
        photos,
        proposal.mood,
        round(score, 4),
        told,
    )


def _when(gallery: Gallery, row: int) -> tuple[float, bytes]:
    order = float(gallery.taken.order[row])
    return np.inf if np.isnan(order) else order, os.fsencode(gallery.photos[row].file)


def _id(proposal: Proposal) -> str:
    told = f"{proposal.family}\n{proposal.key}"
    return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:8]


def _nothing(gallery: Gallery) -> str:
    if not len(gallery) and gallery.left_out.get("clutter"):
        return "all photos are clutter or gone; `ansa clutter` says why"
    if not len(gallery):
        return "no photos to remember; run `ansa index` on the folder first"
    return f"{len(gallery):,} photos, but no {LEAST} that belong together and are not alike"


def _unknown(memory: str, database: Path) -> LibraryError:
    remedy = "`ansa memories` lists them with their ids"
    return LibraryError(str(database), f"there is no memory {memory!a}", remedy)
