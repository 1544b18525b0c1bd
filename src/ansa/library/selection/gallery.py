"""The photos worth showing: no clutter, nothing hidden, nothing gone; how good each one is, and
which are too alike to stand side by side."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa.library.cleanup.clutter import is_clutter
from ansa.library.events.moments import believable
from ansa.library.personal.marks import marked
from ansa.library.personal.personal_ranking import personal_scores
from ansa.library.search.times import Times
from ansa.library.session import LibrarySession
from ansa.library.storage.photos import Photo
from ansa.model.heads.fingerprint import vectors as fingerprint_vectors
from ansa.scene import Facts, Scene, Vector

Rows = NDArray[np.intp]

EPOCH = datetime(1970, 1, 1)

# Side by side in a selection, photos tire sooner than they would be called duplicates: their
# prints may be apart by this much more, and shots of ten minutes are one scene.
_PRINT_SLACK = 1.6
_ALIKE = 0.87
_SCENE_SECONDS = 600.0
_SCENE_ALIKE = 0.75
_PICTURES = "photo", "drawing"
_CERTAIN = 0.9  # of being one of them
_FAULT = 0.3  # of light or focus
_LOOKS, _SHARPNESS = 0.6, 0.4
_TASTE = 0.3  # how much of a merit is what the owner likes, where that was learned
_UNKNOWN = 0.5  # what an unknown signal counts as
_SMALL = 0.25  # of this library's median pixels: a thumbnail of something
_SEEN = 0.3  # from this score on, an object is counted


@dataclass(frozen=True, slots=True)
class SelectablePhoto:
    """A photo worth showing.

    Attributes:
        id: its row in the library.
        path: where it is.
        facts: what its file says about itself.
        tags: names of what it surely shows, likeliest first.
        scores: calibrated probability of every tag that was stored, 0..1.
        objects: how many there are of each label.
        aesthetics: 0..1; None if unknown.
        quality: 0..1; None if unknown.
        favourite: whether it was marked as one.
    """

    id: int
    path: Path
    facts: Facts
    tags: tuple[str, ...] = ()
    scores: Mapping[str, float] | None = None
    objects: Mapping[str, int] | None = None
    aesthetics: float | None = None
    quality: float | None = None
    favourite: bool = False

    @property
    def people(self) -> int:
        """How many people are seen."""
        return (self.objects or {}).get("person", 0)


@dataclass(frozen=True, eq=False)
class Gallery:
    """The photos of a library that are worth showing, by the name of their files (n of them).

    Attributes:
        photos: (n,)
        vectors: float32 (n, d), what they show.
        prints: float32 (n, k), unit length; zeros where there is none.
        taken: when (n,); unknown also if it is not to be believed.
        merit: float64 (n,), 0..1: how good each is by its looks and its quality; 1 for favourites.
        rank: float64 (n,), 0..1: the share of these photos that are no better.
        copy: the similarity of prints from which on two show the same.
        left_out: how many photos were left out as "clutter", "hidden", or "gone".
        gone: the files of those that are gone.
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
        """What the camera's clock showed, naive; None if that is unknown."""
        clocks = self.taken.clock.tolist()
        return [None if np.isnan(c) else EPOCH + timedelta(seconds=c) for c in clocks]

    def part(self, rows: Rows) -> Gallery:
        """The gallery of some rows (m,); ranks stay those among all."""
        return replace(
            self,
            photos=tuple(self.photos[row] for row in rows),
            vectors=self.vectors[rows],
            prints=self.prints[rows],
            taken=self.taken.part(rows),
            merit=self.merit[rows],
            rank=self.rank[rows],
        )

    def alike(self, row: int) -> NDArray[np.bool_]:
        """Which photos (n,) are too like one to be shown beside it; itself too."""
        looks = self.vectors @ self.vectors[row]
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
        """Of which photos (n,) more than the day is known."""
        return np.array([p.facts.taken_precision != "day" for p in self.photos], bool)

    def rows_of(self, ids: Iterable[int]) -> Rows:
        """The rows of some photos by their ids; those not worth showing left out."""
        wanted = set(ids)
        return np.array([row for row, p in enumerate(self.photos) if p.id in wanted], np.intp)

    def below(self, folder: str | os.PathLike[str]) -> Rows:
        """The rows of the photos in a folder and its folders, in any of Unicode's normal forms."""
        top = os.path.join(os.path.realpath(Path(folder).expanduser()), "")  # noqa: PTH118
        top = unicodedata.normalize("NFC", top)
        paths = (unicodedata.normalize("NFC", str(photo.path)) for photo in self.photos)
        found = [row for row, path in enumerate(paths) if path.startswith(top)]
        return np.array(found, np.intp)


def open_gallery(session: LibrarySession, *, now: datetime | None = None) -> Gallery:
    """The gallery of a library.

    Args:
        session: the library.
        now: nothing was taken later than a day after this; by default the time it is.

    Raises:
        LibraryError: the library's file fails.
    """
    found: list[tuple[SelectablePhoto, Vector, bytes]] = []
    left_out: Counter[str] = Counter()
    gone: list[Path] = []
    hidden, favourites = set(marked(session, "hidden")), set(marked(session, "favourite"))
    for photo in session.photos():
        if reason := "hidden" if photo.id in hidden else _unfit(photo):
            left_out[reason] += 1
            gone += [photo.path, *photo.copies] if reason == "gone" else []
        else:
            keep = _keepsake(photo, photo.id in favourites)
            found.append((keep, photo.scene.embedding, photo.scene.fingerprint or b""))
    found.sort(key=lambda each: os.fsencode(each[0].path))  # however they were indexed
    kept = [photo for photo, _, _ in found]
    threshold = session.model().print_threshold
    vectors = np.empty((len(found), session.model().dim), np.float32)
    for row, (_, vector, _) in enumerate(found):
        vectors[row] = vector
    merit = _merits(kept)
    if liked := personal_scores(session):
        taste = np.array([liked.get(photo.id, _UNKNOWN) for photo in kept], np.float64)
        merit = (1 - _TASTE) * merit + _TASTE * taste
    latest = (now or datetime.now()).replace(tzinfo=None) + timedelta(days=1)
    return Gallery(
        tuple(kept),
        vectors,
        _prints([packed for _, _, packed in found]),
        Times.of(p.facts.taken if believable(p.facts, latest) else None for p in kept),
        merit,
        _ranks(merit),
        2.0 if threshold is None else 1 - _PRINT_SLACK * (1 - threshold),
        left_out,
        tuple(gone),
    )


def _unfit(photo: Photo) -> str:
    """Why a photo is not worth showing; empty if it is."""
    if is_clutter(photo.scene) or _doubtful(photo.scene):
        return "clutter"
    return "" if os.path.exists(photo.path) else "gone"  # noqa: PTH110 - it never raises


def _doubtful(scene: Scene) -> bool:
    """Whether it may be clutter. Among many photos a good one is missed less than one is noticed
    that has no place there, so that doubt counts here and not where clutter is listed."""
    utility, quality = scene.utility, scene.quality
    if utility and sum(utility.scores.get(kind, 0) for kind in _PICTURES) < _CERTAIN:
        return True
    return quality is not None and (
        abs(quality.exposure) > _FAULT or max(quality.defocus_blur, quality.motion_blur) > _FAULT
    )


def _keepsake(photo: Photo, favourite: bool) -> SelectablePhoto:
    scene = photo.scene
    tags = scene.tags or ()
    return SelectablePhoto(
        photo.id,
        photo.path,
        scene.facts,
        tuple(tag.name for tag in tags if tag.sure),
        {tag.name: tag.score for tag in tags},
        Counter(each.label for each in scene.objects or () if each.score >= _SEEN),
        scene.aesthetics,
        _overall(scene),
        favourite,
    )


def _overall(scene: Scene) -> float | None:
    return None if scene.quality is None else scene.quality.overall


def _merits(keep: list[SelectablePhoto]) -> NDArray[np.float64]:
    def known(value: float | None) -> float:
        return _UNKNOWN if value is None else value

    pixels = np.array([p.facts.width * p.facts.height for p in keep], np.float64)
    looks = np.array([known(p.aesthetics) for p in keep], np.float64)
    sharp = np.array([known(p.quality) for p in keep], np.float64)
    merit = _LOOKS * looks + _SHARPNESS * sharp
    if len(keep):
        merit[pixels < _SMALL * np.median(pixels)] /= 2
        merit[[p.favourite for p in keep]] = 1
    return merit


def _ranks(merit: NDArray[np.float64]) -> NDArray[np.float64]:
    ordered = np.sort(merit)
    return np.searchsorted(ordered, merit, side="right") / max(1, len(merit))


def _prints(packed: list[bytes]) -> NDArray[np.float32]:
    """One unit vector a print; zeros, like no other, for those that are not of the usual length."""
    lengths = Counter(map(len, filter(None, packed)))
    length = max(lengths, key=lengths.__getitem__, default=0)
    made = np.zeros((len(packed), 2 * length), np.float32)
    rows = [row for row, data in enumerate(packed) if length and len(data) == length]
    if rows:
        bytes_ = np.frombuffer(b"".join(packed[row] for row in rows), np.uint8)
        made[rows] = fingerprint_vectors(bytes_.reshape(len(rows), length))
    return made
