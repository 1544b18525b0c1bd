"""Duplicates: exact copies, edited copies and bursts, and which photo of each group to keep."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import mode
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ansa.library.cleanup.candidates import (
    SCREENSHOT,
    Candidate,
    read_candidates,
    reason,
    sort_best_first,
)
from ansa.library.cleanup.leader_clustering import Rows, cluster_by_leaders
from ansa.library.cleanup.pair_verification import PairVerifier
from ansa.library.indexing.model import Model
from ansa.library.search.times import Times
from ansa.library.storage.codec import is_sound
from ansa.library.storage.rows import EMBEDDING
from ansa.library.storage.scope import Scope
from ansa.library.storage.store import Store
from ansa.library.storage.vectors import stack, unpack
from ansa.model.heads.fingerprint import vectors
from ansa.scene import Vector

Relation = Literal["exact", "edited", "burst"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)

_PRINT = "print"
_BURST_SECONDS = 3.0
_BURST_LIKE = 0.9
_SCENES = frozenset({"photo", "drawing"})  # kinds that a network may confuse


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A photo of a group that need not be kept.

    Attributes:
        path: its file.
        relation: "exact" (the same bytes), "edited" (also resized, cropped, saved again), or
            "burst" (taken within seconds, and similar).
        like: the photo of the group that it duplicates: the kept one, or a file beside it.
        similarity: -1..1, the cosine of their fingerprints, or of their embeddings in a burst that
            was found by them; 1 for the same bytes.
        reason: why the other one is kept.
    """

    path: Path
    relation: Relation
    like: Path
    similarity: float
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Returns the duplicate as JSON-ready values."""
        return {
            "path": str(self.path),
            "relation": self.relation,
            "like": str(self.like),
            "similarity": round(self.similarity, 4),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Photos of which one is enough: ``keep``, and the ``others``, the best first."""

    keep: Path
    others: tuple[Duplicate, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns the group as JSON-ready values."""
        return {"keep": str(self.keep), "others": [other.to_dict() for other in self.others]}


@dataclass(frozen=True, slots=True)
class Duplicates:
    """The result of a search for duplicates.

    Attributes:
        groups: sorted by the file to keep.
        photos: the number of different photos that were compared.
        gone: files that were left out because they are gone or have changed since indexing.
        message: what could not be searched for, and the remedy; empty if nothing.
    """

    groups: tuple[Group, ...]
    photos: int
    gone: tuple[Path, ...] = ()
    message: str = ""

    def count(self, relation: Relation) -> int:
        """Returns the number of duplicates with a relation."""
        return sum(other.relation == relation for group in self.groups for other in group.others)

    def only(self, relations: Collection[Relation]) -> Duplicates:
        """Returns only the duplicates with these relations."""
        kept = (
            Group(group.keep, tuple(x for x in group.others if x.relation in relations))
            for group in self.groups
        )
        return replace(self, groups=tuple(group for group in kept if group.others))

    def to_dict(self) -> dict[str, Any]:
        """Returns everything as JSON-ready values."""
        return {
            "photos": self.photos,
            "groups": [group.to_dict() for group in self.groups],
            "counts": {relation: self.count(relation) for relation in RELATIONS},
            "gone": [str(path) for path in self.gone],
            "message": self.message,
        }


def find_duplicates(
    store: Store, model: Model, scope: Scope | None, favourites: Collection[int] = ()
) -> Duplicates:
    """Returns the duplicates among all photos that exist; ``favourites`` are never proposed to go.

    Memory use is about a kilobyte per photo, however many are similar.
    """
    bundle = store.bundle(model.bundle)
    candidates, gone = [], []
    for found in read_candidates(store, bundle, scope, favourites):
        if isinstance(found, Candidate):
            candidates.append(found)
        else:
            gone.append(found)
    candidates = sort_best_first(candidates)
    number = {each.photo: row for row, each in enumerate(candidates)}
    times = Times.of(each.taken for each in candidates).clock
    waiting = len(candidates)
    with PairVerifier(candidates) as verdicts:
        follows = _Follows(candidates, times, verdicts)
        if model.print_threshold is not None:
            photos, prints = _sound(store, *store.column(_PRINT, bundle, scope))
            follows.by_print(*_rows(photos, prints, number), model.print_threshold)
            waiting -= follows.seen
        follows.by_burst(store, bundle, model.dim)
    groups = sorted(follows.groups(), key=lambda group: os.fsencode(group.keep))
    message = _message(model, waiting, len(verdicts.unread))
    return Duplicates(tuple(groups), len(candidates), tuple(sorted(gone)), message)


class _Follows:
    """The leader, relation and similarity of each candidate (best first)."""

    def __init__(
        self, candidates: Sequence[Candidate], times: NDArray[np.float64], verdicts: PairVerifier
    ) -> None:
        self._candidates = candidates
        self._times = times
        self._verdicts = verdicts
        self._shots = np.array([each.kind == SCREENSHOT for each in candidates], bool)
        self._run = _runs(candidates, times)
        self._leader = np.arange(len(candidates))
        self._near = np.ones(len(candidates), np.float32)
        self._burst = np.zeros(len(candidates), bool)
        self.seen = 0

    def by_print(self, rows: Rows, prints: NDArray[np.uint8], threshold: float) -> None:
        """Finds edited copies by the fingerprints (n, k) of the candidates ``rows``."""
        self.seen = len(rows)

        def needed(some: Rows, others: Rows) -> NDArray[np.float32]:
            some, others = rows[some, None], rows[None, others]
            # Photos with different times are two shots, unless one is a screenshot of the other.
            apart = self._late(some, others) & ~(self._shots[some] & ~self._shots[others])
            return np.where(apart, np.inf, threshold).astype(np.float32)

        def accept(leader: int, row: int) -> bool:
            return self._copy_or_burst(int(rows[leader]), int(rows[row]))

        def ahead(pairs: Sequence[tuple[int, int]]) -> None:
            known = [(int(rows[leader]), int(rows[row])) for leader, row in pairs]
            self._verdicts.ahead([pair for pair in known if not self._later_shot(*pair)])

        def leads_on(row: int) -> bool:
            return bool(self._burst[rows[row]])  # it may have copies that the first shot has not

        def units(some: Rows) -> Vector:
            return vectors(prints[some])

        leader, near = cluster_by_leaders(
            len(rows), units, threshold, needed, accept, leads_on, ahead
        )
        self._leader[rows], self._near[rows] = rows[leader], near

    def _late(self, some: Rows, others: Rows) -> NDArray[np.bool_]:
        """Returns which pairs have known and different times."""
        late: NDArray[np.bool_] = np.abs(self._times[some] - self._times[others]) > _BURST_SECONDS
        late &= self._run[some] != self._run[others]
        return late

    def _one_moment(self, one: int, other: int) -> bool:
        """Whether two photos may be shots of one moment; pages, blanks and animations are not."""
        return bool(self._run[one] == self._run[other]) and all(map(self._shot, (one, other)))

    def _shot(self, row: int) -> bool:
        """Whether a photo may be a shot of a burst; its file is read only if that is unclear."""
        about = self._candidates[row]
        if about.kind not in _SCENES or self._verdicts.several(row):
            return False
        return (about.kind == "photo" and about.sure) or self._verdicts.scene(row)

    def _later_shot(self, one: int, other: int) -> bool:
        """Whether two shots of one moment were taken in different seconds."""
        return bool(self._times[one] != self._times[other]) and self._one_moment(one, other)

    def _copy_or_burst(self, leader: int, row: int) -> bool:
        """Whether a photo with a fingerprint like another's is its copy or a shot of its burst."""
        self._burst[row] = self._later_shot(leader, row)
        if self._burst[row]:
            return True
        match = self._verdicts.match(leader, row)
        if match:
            late = self._late(np.array(row), np.array(leader))
            return match.surrounded or not bool(late)
        self._burst[row] = self._one_moment(leader, row)
        return bool(self._burst[row])

    def by_burst(self, store: Store, bundle: int | None, dim: int) -> None:
        """Finds shots within seconds of one another by their embeddings."""
        leads = np.flatnonzero(self._leader == np.arange(len(self._leader)))
        several = np.bincount(self._run[leads], minlength=len(self._run)) > 1
        runs: dict[int, list[int]] = defaultdict(list)
        for row in leads[several[self._run[leads]]].tolist():
            runs[int(self._run[row])].append(row)
        for run in runs.values():
            photos = [self._candidates[row].photo for row in run]
            found = store.signals(photos, bundle, [EMBEDDING])
            looks = [found[photo].get(EMBEDDING, b"") for photo in photos]
            _, known = unpack(looks, dim)
            rows = np.array(run)[known]
            packed = [looks[place] for place in known]

            def look(some: Rows, packed: Sequence[bytes] = packed) -> Vector:
                return stack([packed[row] for row in some], dim)

            def accept(leader: int, row: int, rows: Rows = rows) -> bool:
                pair = int(rows[leader]), int(rows[row])
                return self._one_moment(*pair) or self._verdicts.match(*pair) is not None

            leader, near = cluster_by_leaders(len(rows), look, _BURST_LIKE, accept=accept)
            follows = np.flatnonzero(leader != np.arange(len(rows)))
            self._leader[rows[follows]] = rows[leader[follows]]
            self._near[rows[follows]] = near[follows]
            self._burst[rows[follows]] = True

    def groups(self) -> Iterator[Group]:
        """Yields the groups with more than one file."""
        first = self._leader
        # Copies follow shots, and these follow the best of the burst.
        while (first != first[first]).any():
            first = first[first]
        members = defaultdict(list)
        for row, kept in enumerate(first.tolist()):
            members[kept].append(row)
        for kept, rows in members.items():
            others = [other for row in rows for other in self._others(kept, row)]
            if others:
                yield Group(self._candidates[kept].files[0], tuple(others))

    def _others(self, kept: int, row: int) -> Iterator[Duplicate]:
        best, this = self._candidates[kept], self._candidates[row]
        first = this.files[0]
        if row != kept and not this.favourite:
            like = self._candidates[self._leader[row]].files[0]
            relation: Relation = "burst" if self._burst[row] else "edited"
            yield Duplicate(first, relation, like, float(self._near[row]), reason(best, this))
        for path in this.files[1:]:
            yield Duplicate(path, "exact", first, 1.0, "the same bytes")


def _runs(candidates: Sequence[Candidate], times: NDArray[np.float64]) -> Rows:
    """Returns the run of each photo, (n,): shots of one camera, each within seconds of the next.

    A photo of unknown time or camera is a run of its own.
    """
    run = np.arange(len(candidates))
    cameras: dict[str | None, list[int]] = defaultdict(list)
    for row, each in enumerate(candidates):
        if each.taken and each.kind != SCREENSHOT:
            cameras[each.camera].append(row)
    for rows in cameras.values():
        rows.sort(key=lambda row: (times[row], row))
        for row, after in pairwise(rows):
            if times[after] - times[row] <= _BURST_SECONDS:
                run[after] = run[row]
    return run


def _sound(
    store: Store, photos: Sequence[int], prints: Sequence[Any]
) -> tuple[list[int], list[bytes]]:
    """Returns the rows whose fingerprint can be used, and these fingerprints."""
    sound = [place for place, data in enumerate(prints) if is_sound(_PRINT, data)]
    store.damaged.update(set(photos).difference(photos[place] for place in sound))
    return [photos[place] for place in sound], [prints[place] for place in sound]


def _rows(
    photos: Sequence[int], prints: Sequence[bytes], number: dict[int, int]
) -> tuple[Rows, NDArray[np.uint8]]:
    """Returns candidates in their order with usable fingerprints, and these fingerprints (n, k)."""
    # The most frequent length, so that a damaged one does not decide.
    length = mode(map(len, prints)) if prints else 0
    usable = {
        number[photo]: data
        for photo, data in zip(photos, prints, strict=True)
        if photo in number and len(data) == length
    }
    rows = sorted(usable)
    packed = b"".join(usable[row] for row in rows)
    return np.array(rows, np.intp), np.frombuffer(packed, np.uint8).reshape(len(rows), length)


def _message(model: Model, waiting: int, unread: int) -> str:
    if unread:
        photos = "1 photo" if unread == 1 else f"{unread:,} photos"
        return (
            f"{photos} could not be read now and may have edited copies; check the disk and your "
            "permissions, then run `ansa index`"
        )
    if model.print_threshold is None:
        return (
            "this bundle gives no prints, so edited and resized copies are not found, only exact "
            "ones and bursts; use a bundle with the head `print`"
        )
    if waiting:
        return f"{waiting:,} photos have no print yet and may have edited copies; run `ansa index`"
    return ""
