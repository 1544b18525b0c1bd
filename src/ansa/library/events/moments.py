"""Moments: photos that belong together because they are close in time and place."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from ansa.library.events.albums import album_of
from ansa.library.events.camera_clocks import with_right_clocks
from ansa.library.events.places import DECIMALS, Place, Point, apart_km, distance_km, places_of
from ansa.library.events.timed_photos import PAUSE, TimedPhoto
from ansa.library.search.geocode_cache import cached_places
from ansa.library.search.times import Times

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession
    from ansa.library.storage.store import KnownPhotos
    from ansa.scene import Facts

_SEP = os.fsencode(os.sep)
FAR_KM = 5.0  # a longer distance ends a moment
_FIRST_DIGITAL_YEAR = 1990
_CLOCKS_START = {date(1904, 1, 1), date(1970, 1, 1), date(1979, 12, 31), date(1980, 1, 1)}


@dataclass(frozen=True, slots=True)
class Moment:
    """Photos taken on one occasion.

    Attributes:
        photos: their ids, in the order of time; photos of the same instant are sorted by path.
        start: the local time of the first photo by the camera's clock; naive.
        end: the latest local time of a photo; it is the last photo's unless the clock was set back.
        point: the photo location nearest to all others; None if no photo has a location.
        place: the name of that location; None if it is unknown.
        album: the name that their owner gave to the folder of most of them; empty if none.
    """

    photos: tuple[int, ...]
    start: datetime
    end: datetime
    point: Point | None = None
    place: Place | None = None
    album: str = ""

    @property
    def day(self) -> date:
        """The day on which the moment began."""
        return self.start.date()

    def to_dict(self) -> dict[str, Any]:
        """Returns the moment as JSON-ready values; photos are given as ids."""
        return {
            "photos": list(self.photos),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "day": self.day.isoformat(),
            "place": self.place.to_dict() if self.place else None,
        }


def moments(
    session: LibrarySession,
    *,
    now: datetime | None = None,
    known: KnownPhotos | None = None,
) -> list[Moment]:
    """Returns all moments, oldest first. Photos without a credible time belong to none.

    Photos of a second camera whose clock is wrong belong to the moments of those that were taken
    with another at the same time; see :mod:`ansa.library.events.camera_clocks`.

    Args:
        session: the library.
        now: times more than a day after this one are not credible; by default the current time.
        known: all existing photos, if they were read already.

    Raises:
        LibraryError: the library's file cannot be read.
    """

    def named(points: Sequence[Point]) -> list[Place]:
        return list(cached_places(session.store, dict(enumerate(points))).of.values())

    return moments_of(with_right_clocks(shots(session, now=now, known=known)), named)


def shots(
    session: LibrarySession,
    *,
    now: datetime | None = None,
    known: KnownPhotos | None = None,
) -> list[TimedPhoto]:
    """Returns the photos that exist and have a credible time, oldest first, then by path.

    Args:
        session: the library.
        now: as for :func:`moments`.
        known: all existing photos, if they were read already.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    if session.unknown():
        return []
    latest = (now or datetime.now()).replace(tzinfo=None) + timedelta(days=1)
    known = session.store.known(session.scope()) if known is None else known
    names = {photo: min(paths) for photo, paths in known.names.items()}
    roots = [PurePath(os.fsdecode(root)) for root in session.store.roots()]
    folders = {photo: name.rpartition(_SEP)[0] for photo, name in names.items()}
    albums = {
        each: album_of(PurePath(os.fsdecode(each or _SEP)), roots) for each in set(folders.values())
    }
    found = []
    for photo in sorted(names):
        facts = known.facts[photo]
        if facts.taken is not None and believable(facts, latest):
            where = facts.latitude, facts.longitude
            point = None if where[0] is None or where[1] is None else (where[0], where[1])
            found.append((photo, facts, point))
    order = Times.of(facts.taken for _, facts, _ in found).order.tolist()
    made = [
        TimedPhoto(
            photo,
            taken.replace(tzinfo=None),
            point,
            at,
            facts.taken_precision != "day",
            albums[folders[photo]],
            facts.camera or "",
        )
        for (photo, facts, point), at in zip(found, order, strict=True)
        if (taken := facts.taken)
    ]
    return sorted(made, key=lambda shot: (shot.seconds, shot.timed, names[shot.photo]))


def left_out(session: LibrarySession, *, now: datetime | None = None) -> dict[str, int]:
    """Returns how many existing photos belong to no moment, by what is wrong with their time.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    if session.unknown():
        return {"no time": 0, "clock not set": 0}
    photos = session.store.facts(sorted(session.store.file_names(session.scope())))
    undated = sum(facts.taken is None for facts in photos.values())
    wrong = len(photos) - undated - len(shots(session, now=now))
    return {"no time": undated, "clock not set": wrong}


def believable(facts: Facts, latest: datetime) -> bool:
    """Whether a photo has a time, and the camera's clock was set when it was taken.

    A clock that lost its time starts again at an epoch such as 1970, long before cameras wrote
    times, or it is ahead of ``latest`` (naive). A time before 1990 that no camera wrote is
    credible, because somebody dated a scan.
    """
    if facts.taken is None:
        return False
    taken = facts.taken.replace(tzinfo=None) if facts.taken.tzinfo else facts.taken
    if taken > latest:
        return False
    old = facts.taken.year < _FIRST_DIGITAL_YEAR
    return not (old and (facts.camera or facts.taken.date() in _CLOCKS_START))


def moments_of(
    shots: Sequence[TimedPhoto], named: Callable[[Sequence[Point]], list[Place]] = places_of
) -> list[Moment]:
    """Returns the moments of photos that are in the order of time.

    Args:
        shots: the photos.
        named: returns the places of points; by default they are looked up.
    """
    timed = list(_split([shot for shot in shots if shot.timed]))
    days: dict[date, list[TimedPhoto]] = {}
    for shot in shots:
        if not shot.timed:
            days.setdefault(shot.taken.date(), []).append(shot)
    groups = sorted([*timed, *days.values()], key=lambda group: (group[0].seconds, group[0].timed))
    points = [_middle(group) for group in groups]
    names = iter(named([point for point in points if point]))
    return [
        Moment(
            tuple(shot.photo for shot in group),
            group[0].taken,
            max(shot.taken for shot in group),
            point,
            next(names) if point else None,
            _album(group),
        )
        for group, point in zip(groups, points, strict=True)
    ]


def _split(shots: Sequence[TimedPhoto]) -> Iterator[list[TimedPhoto]]:
    group: list[TimedPhoto] = []
    seen: Point | None = None  # the last known location of the moment
    for shot in shots:
        pause = bool(group) and shot.seconds - group[-1].seconds > PAUSE.total_seconds()
        if group and (pause or _far(seen, shot.point)):
            yield group
            group, seen = [], None
        group.append(shot)
        seen = shot.point or seen
    if group:
        yield group


def _far(point: Point | None, other: Point | None) -> bool:
    if point is None or other is None:
        return False
    return apart_km(point, other) > FAR_KM


def _album(shots: Sequence[TimedPhoto]) -> str:
    """Returns the album of more than half of the photos."""
    if len(names := {shot.album for shot in shots}) == 1:
        return names.pop()
    name, number = Counter(shot.album for shot in shots).most_common(1)[0]
    return name if 2 * number > len(shots) else ""


def _middle(shots: Sequence[TimedPhoto]) -> Point | None:
    """Returns the point that is nearest to all others; a mean would fail at the date line."""
    often = Counter(
        (round(shot.point[0], DECIMALS), round(shot.point[1], DECIMALS))
        for shot in shots
        if shot.point
    )
    if len(often) <= 1:
        return next(iter(often), None)
    unique = np.array(sorted(often))
    counts = np.array([often[north, east] for north, east in unique.tolist()])
    some = unique[:: 1 + len(unique) // 500]
    total = (distance_km(some[:, None], unique[None]) * counts).sum(1)
    north, east = some[int(total.argmin())]
    return float(north), float(east)
