"""The photos worth showing, without clutter, hidden photos and missing files: how good each one is,
and which are too similar to be shown together."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa.library.cut_off import NOTHING_CUT, CutOff
from ansa.library.events.moments import believable
from ansa.library.index_report import Progress
from ansa.library.personal.marks import marked
from ansa.library.personal.personal_ranking import personal_scores
from ansa.library.search.times import Times
from ansa.library.selection.judgements import Judgement, judgements
from ansa.library.session import LibrarySession
from ansa.library.storage.store import KnownPhotos, there
from ansa.model.heads.fingerprint import vectors as fingerprint_vectors
from ansa.scene import Facts, Vector

Rows = NDArray[np.intp]

EPOCH = datetime(1970, 1, 1)

# In a selection, photos look repetitive sooner than they would be duplicates: fingerprints may
# differ by this much more, and shots within ten minutes are one scene.
_PRINT_SLACK = 1.6
_ALIKE = 0.87
_SCENE_SECONDS = 600.0
_SCENE_ALIKE = 0.75
_LOOKS, _SHARPNESS = 0.6, 0.4
_CUT = 0.5  # it decides among shots of a moment, but hardly among subjects
_TASTE = 0.3  # the weight of the owner's taste in a merit, if it was learned
_UNKNOWN = 0.5  # the value of an unknown signal
_SMALL = 0.25  # of the median number of pixels in this library; less is a thumbnail


@dataclass(frozen=True, slots=True)
class SelectablePhoto:
    """A photo worth showing.

    Attributes:
        id: its row in the library.
        file: the name of its file; to make a path of each takes long.
        facts: what its file and metadata state about it.
        tags: names of its sure tags, the likeliest first.
        scores: the calibrated probability of its sure tags, 0..1.
        objects: the number of objects of each label.
        aesthetics: 0..1; None if unknown.
        quality: 0..1; None if unknown.
        favourite: whether it is marked as a favourite.
        people: the number of people, by their bodies and faces together.
        said: the tags that a person said it shows.
        cut: what its border cuts off.
    """

    id: int
    file: str
    facts: Facts
    tags: tuple[str, ...] = ()
    scores: Mapping[str, float] | None = None
    objects: Mapping[str, int] | None = None
    aesthetics: float | None = None
    quality: float | None = None
    favourite: bool = False
    people: int = 0
    said: frozenset[str] = frozenset()
    cut: CutOff = NOTHING_CUT

    @property
    def path(self) -> Path:
        """Its file."""
        return Path(self.file)


@dataclass(frozen=True, eq=False)
class Gallery:
    """The n photos of a library that are worth showing, sorted by the names of their files.

    Attributes:
        photos: (n,)
        vectors: float32 (n, d), their embeddings.
        prints: float32 (n, k), their fingerprints with unit length; zeros if there is none.
        taken: the times of the photos (n,); a time that is not credible counts as unknown.
        merit: float64 (n,), 0..1, from aesthetics, quality and what is cut off; 1 for favourites.
        rank: float64 (n,), 0..1: the share of these photos that are no better.
        copy: the similarity of fingerprints from which on two photos show the same.
        left_out: the number of photos left out as "clutter", "film", "hidden" or "gone".
        gone: the files of photos that are gone.
    """

    photos: tuple[SelectablePhoto, ...]
    vectors: Vector
    prints: NDArray[np.float32]
    taken: Times
    merit: NDArray[np.float64]
    rank: NDArray[np.float64]
    copy: float
    left_out: Mapping[str, int]
    gone: tuple[Path, ...] = ()

    def __len__(self) -> int:
        return len(self.photos)

    @cached_property
    def times(self) -> list[datetime | None]:
        """The local times of the camera's clocks, naive; None if unknown."""
        clocks = self.taken.clock.tolist()
        return [None if np.isnan(c) else EPOCH + timedelta(seconds=c) for c in clocks]

    def part(self, rows: Rows) -> Gallery:
        """Returns the gallery of some rows (m,); ranks are still those among all photos."""
        return replace(
            self,
            photos=tuple(self.photos[row] for row in rows),
            vectors=self.vectors[rows],
            prints=self.prints[rows],
            taken=self.taken.part(rows),
            merit=self.merit[rows],
            rank=self.rank[rows],
        )

    def alike(self, row: int, looks: NDArray[np.float32] | None = None) -> NDArray[np.bool_]:
        """Returns which photos (n,) are too similar to one to be shown beside it, including
        itself.

        Args:
            row: the one.
            looks: the similarity of all to it, (n,), if it is known already.
        """
        looks = self.vectors @ self.vectors[row] if looks is None else looks
        order = self.taken.order
        near = np.abs(order - order[row]) <= _SCENE_SECONDS  # False if unknown
        near &= self._timed & self._timed[row]
        copies = self.prints @ self.prints[row] >= self.copy
        alike: NDArray[np.bool_] = np.where(near, looks >= _SCENE_ALIKE, looks >= _ALIKE)
        alike |= copies
        alike[row] = True
        return alike

    @cached_property
    def _timed(self) -> NDArray[np.bool_]:
        """Which photos (n,) have a time that is more precise than a day."""
        return np.array([p.facts.taken_precision != "day" for p in self.photos], bool)

    def rows_of(self, ids: Iterable[int]) -> Rows:
        """Returns the rows of photos with these ids; photos not worth showing are left out."""
        found = {self._row_of[photo] for photo in ids if photo in self._row_of}
        return np.array(sorted(found), np.intp)

    @cached_property
    def _row_of(self) -> dict[int, int]:
        return {photo.id: row for row, photo in enumerate(self.photos)}

    def below(self, folder: str | os.PathLike[str]) -> Rows:
        """Returns the rows of photos in a folder and its subfolders, in any Unicode normal form."""
        top = os.path.join(os.path.realpath(Path(folder).expanduser()), "")  # noqa: PTH118
        top = unicodedata.normalize("NFC", top)
        paths = (unicodedata.normalize("NFC", photo.file) for photo in self.photos)
        found = [row for row, path in enumerate(paths) if path.startswith(top)]
        return np.array(found, np.intp)


def open_gallery(
    session: LibrarySession,
    *,
    now: datetime | None = None,
    progress: Progress | None = None,
    known: KnownPhotos | None = None,
) -> Gallery:
    """Returns the gallery of a library.

    Args:
        session: the library.
        now: times more than a day after this one are not credible; by default the current time.
        progress: called while photos are read that were not judged before.
        known: all existing photos, if they were read already.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    store, model, scope = session.store, session.model(), session.scope()
    bundle = store.bundle(model.bundle)
    ids, looks = store.embeddings(bundle, model.dim, scope)
    judged = judgements(session, ids, progress)
    known = store.known(scope) if known is None else known
    hidden, favourites = set(marked(session, "hidden")), set(marked(session, "favourite"))
    found: list[tuple[bytes, SelectablePhoto, int]] = []
    left_out: Counter[str] = Counter()
    gone: list[Path] = []
    for row, photo in enumerate(ids):
        if photo not in judged or photo not in known.names:
            continue
        files = there(sorted(set(known.names[photo])))
        facts, favourite = known.facts[photo], photo in favourites
        keep = selectable(photo, os.fsdecode(files[0]), facts, judged[photo], favourite)
        if reason := "hidden" if photo in hidden else _unfit(keep, judged[photo], files[0]):
            left_out[reason] += 1
            gone += [Path(os.fsdecode(file)) for file in files] if reason == "gone" else []
        else:
            found.append((files[0], keep, row))
    # The order does not depend on how they were indexed.
    found.sort(key=itemgetter(0))
    kept = [photo for _, photo, _ in found]
    threshold = model.print_threshold
    vectors = looks[[row for _, _, row in found]]
    packed = dict(zip(*store.column("print", bundle, scope), strict=True))
    merit = merits(kept)
    if liked := personal_scores(session):
        taste = np.array([liked.get(photo.id, _UNKNOWN) for photo in kept], np.float64)
        merit = (1 - _TASTE) * merit + _TASTE * taste
    latest = (now or datetime.now()).replace(tzinfo=None) + timedelta(days=1)
    return Gallery(
        tuple(kept),
        vectors,
        _prints([_bytes(packed.get(photo.id)) for photo in kept]),
        Times.of(p.facts.taken if believable(p.facts, latest) else None for p in kept),
        merit,
        _ranks(merit),
        2.0 if threshold is None else 1 - _PRINT_SLACK * (1 - threshold),
        left_out,
        tuple(gone),
    )


def selectable(
    photo: int, file: str, facts: Facts, judged: Judgement, favourite: bool
) -> SelectablePhoto:
    """Returns a photo by what is known of it."""
    return SelectablePhoto(
        photo,
        file,
        facts,
        tuple(judged.tags),
        judged.tags,
        judged.objects,
        judged.aesthetics,
        judged.quality,
        favourite,
        judged.people,
        judged.said,
        judged.cut,
    )


def _unfit(photo: SelectablePhoto, judged: Judgement, file: bytes) -> str:
    """Returns why a photo is not worth showing; empty if it is. A favourite is no clutter."""
    if photo.facts.seconds is not None:
        return "film"
    if not photo.favourite and not judged.fit:
        return "clutter"
    return "" if os.path.exists(file) else "gone"  # noqa: PTH110 - it never raises


def merits(keep: Sequence[SelectablePhoto]) -> NDArray[np.float64]:
    """Returns how good photos are beside each other (n,), 0..1; 1 for favourites."""

    def known(value: float | None) -> float:
        return _UNKNOWN if value is None else value

    pixels = np.array([p.facts.width * p.facts.height for p in keep], np.float64)
    looks = np.array([known(p.aesthetics) for p in keep], np.float64)
    sharp = np.array([known(p.quality) for p in keep], np.float64)
    cut = np.array([p.cut.cost for p in keep], np.float64)
    merit = np.maximum(0.0, _LOOKS * looks + _SHARPNESS * sharp - _CUT * cut)
    if len(keep):
        # `np.median` would load numpy's masked arrays first.
        merit[pixels < _SMALL * np.quantile(pixels, 0.5)] /= 2
        merit[[p.favourite for p in keep]] = 1
    return merit


def _bytes(value: object) -> bytes:
    return value if type(value) is bytes else b""


def _ranks(merit: NDArray[np.float64]) -> NDArray[np.float64]:
    ordered = np.sort(merit)
    return np.searchsorted(ordered, merit, side="right") / max(1, len(merit))


def _prints(packed: list[bytes]) -> NDArray[np.float32]:
    """Returns one unit vector for each fingerprint; zeros if it has not the usual length."""
    lengths = Counter(map(len, filter(None, packed)))
    length = max(lengths, key=lengths.__getitem__, default=0)
    made = np.zeros((len(packed), 2 * length), np.float32)
    rows = [row for row, data in enumerate(packed) if length and len(data) == length]
    if rows:
        bytes_ = np.frombuffer(b"".join(packed[row] for row in rows), np.uint8)
        made[rows] = fingerprint_vectors(bytes_.reshape(len(rows), length))
    return made
