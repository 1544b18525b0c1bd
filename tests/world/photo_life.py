"""From a life as it is (:mod:`tests.world.real_lives`) to every file of a library.

Besides what a planned library has: a second camera without GPS whose clock is wrong, bursts of
living things of which one shot went wrong, films, screenshots of photos, photos of phones, signs
and boards, parties in whatever room, and folders with a collection of one subject.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from tests.world.library_files import (
    CAMERA,
    CLUTTER_SHARES,
    PHONE,
    LibraryFiles,
    camera_path,
    undated,
)
from tests.world.pictures import Pictures
from tests.world.places import TOWNS, Point, Town, apart
from tests.world.real_lives import RealLife, real_life
from tests.world.truth import EITHER, HIDDEN, File, Truth

LIVING = "pets", "people", "animals", "party"
FAULTS = "focus", "motion", "dark", "bright"
"""Of the lesser shots of a burst."""

_AT_HOME = ("everyday", "everyday", "pets", "food", "people", "people", "sky", "city", "forest")
_AT_TIMES = ("people", "food", "everyday")
_PARTY = ("party", "party", "people", "people", "food", "everyday")
_HOLIDAYS = "12-24", "12-25", "12-31"
_BURST, _FAULTY, _FILM, _FLAT = 0.35, 0.6, 0.02, 0.03
_UNDATED, _SCREENSHOT, _EXACT, _SENT = 0.02, 0.01, 0.04, 0.04
_CAMERA_OUTINGS, _ON_CAMERA = 0.3, 0.5
# How far the clock of the camera is ahead; each holds until its battery is taken out.
_WRONG = tuple(
    timedelta(hours=hours, minutes=minutes)
    for hours, minutes in ((0, 0), (1, 0), (-1, 0), (-6, 0), (8, 0), (3, 17), (-11, -42))
)
_EPOCHS, _EPOCH = ("1970", "2036"), 0.15  # how often
_BATTERY = 150, 400  # days
_COLLECTIONS, _COLLECTED = 2, (14, 40)


def photo_life(pictures: Pictures, seed: int, years: int | None = None) -> Truth:
    """A library of the photos of a life.

    Args:
        pictures: what photos show; where they run out, the library ends.
        seed: of all chance.
        years: how long the life is; by chance if left out.
    """
    return _Plan(pictures, real_life(seed, years), seed).truth()


class _Plan(LibraryFiles):
    def __init__(self, pictures: Pictures, life: RealLife, seed: int) -> None:
        super().__init__(pictures, Random(f"photo life {seed}"))
        self._life, self._seed = life, seed
        self._clocks: list[tuple[datetime, timedelta | str]] = []

    def truth(self) -> Truth:
        rng, life = self.rng, self._life
        days = sorted({shot.taken.date() for shot in life.shots})
        birthdays = tuple(f"{day:%m-%d}" for day in rng.sample(days, 2))
        self._collections(life)
        for outing in self._outings():
            self._outing(outing, birthdays)
        count = len(self.files)
        self._clutter(count)
        self._flat(round(_FLAT * count))
        shots = [file for file in self.files if file.theme in _SHOWN and not file.clutter]
        for copy, file in enumerate(rng.sample(shots, round(_EXACT * count))):
            self.add(replace(file, path=f"Backup/{copy % 3}/{file.path}", relation="exact"))
        for number, file in enumerate(rng.sample(shots, round(_SENT * count))):
            path = f"Messages/IMG-WA{number:05}.jpg"
            self._copy(file, path, f"{file.make} > sent", "")
        for number, file in enumerate(rng.sample(shots, round(_SCREENSHOT * count))):
            path = f"Screenshots/Screenshot_of_{number:05}.png"
            self._copy(file, path, f"{file.make} > screenshot {rng.uniform(0.1, 0.6):.3f}", EITHER)
        stays = [*life.stays, *life.others]
        return Truth(
            self._seed,
            _town(life.stays[-1].point).name,
            _town(life.stays[-1].point).country,
            birthdays,
            {name: name for name in sorted(set(life.trips.values()))},
            tuple(sorted(self.files, key=lambda file: file.path)),
            tuple((str(s.first), str(s.last), *s.point) for s in stays),
        )

    # Outings

    def _outings(self) -> Iterator[list[int]]:
        """Yields the shots of each outing; those of none are each one by itself."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for number in range(len(self._life.shots)):
            found[self._life.moments.get(number, f"alone {number}")].append(number)
        yield from sorted(found.values())

    def _outing(self, shots: list[int], birthdays: tuple[str, ...]) -> None:
        rng, first = self.rng, self._life.shots[shots[0]]
        themes: tuple[str, ...]
        if f"{first.taken:%m-%d}" in (*birthdays, *_HOLIDAYS):
            themes = _PARTY
        elif shots[0] in self._life.trips and (point := self._point(shots)):
            themes = (*_town(point).themes, rng.choice(_AT_TIMES))
        else:
            themes = (rng.choice(_AT_HOME),)
        on_camera = rng.random() < _CAMERA_OUTINGS
        for number in shots:
            camera = CAMERA if on_camera and rng.random() < _ON_CAMERA else PHONE
            if not self._shot(number, rng.choice(themes), camera):
                return

    def _point(self, shots: list[int]) -> Point | None:
        return next((p for n in shots if (p := self._life.shots[n].point)), None)

    def _shot(self, number: int, theme: str, camera: str) -> bool:
        """Adds what is taken at one time; False if no picture is left."""
        rng, life, shot = self.rng, self._life, self._life.shots[number]
        key = self.take(theme)
        if not key:
            return False
        labels, captions = self.pictures.words(key)
        moment = life.moments.get(number, "")
        trip = life.trips.get(number, "")
        file = File(
            "", key, self.group(), theme=theme, labels=labels, captions=captions, moment=moment,
            trip=HIDDEN if trip in life.hidden else trip, camera=camera, place=shot.point,
        )  # fmt: skip
        if rng.random() < _UNDATED:
            self.add(replace(undated(file), path=f"Scans/scan-{len(self.files):05}.jpg"))
            return True
        if rng.random() < _FILM and camera == PHONE:
            film = replace(file, make="film", place=None, camera="", theme="film")
            self.add(self._at(film, shot.taken, shot.album))
            return True
        file = self._at(file, shot.taken, shot.album)
        self.add(file)
        if theme in LIVING and rng.random() < _BURST:
            self._burst(file, shot.taken, shot.album)
        return True

    def _burst(self, file: File, taken: datetime, album: str) -> None:
        rng = self.rng
        for number in range(1, rng.randint(1, 3) + 1):
            taken += timedelta(seconds=rng.choice((0, 1, 1, 2)))
            fault = rng.choice(FAULTS) if rng.random() < _FAULTY else ""
            make = f"burst {number} {fault}".strip()
            worse = replace(file, path="", relation="burst", make=make, fault=fault)
            self.add(self._at(worse, taken, album))

    def _at(self, file: File, taken: datetime, album: str) -> File:
        """As its camera writes it: where, when by its clock, and in which folder."""
        if file.camera == CAMERA:
            file = replace(file, place=None)
            ahead = self._ahead(taken)
            if isinstance(ahead, str):
                file = replace(file, moment="", trip="", clock="wrong")
                taken = datetime(int(ahead), 1, 1) + (taken - self._since(taken))
            elif ahead:
                file, taken = replace(file, clock="shifted"), taken + ahead
        path = camera_path(file, taken, len(self.files), album)
        return replace(file, path=file.path or path, taken=taken.isoformat())

    def _ahead(self, taken: datetime) -> timedelta | str:
        """Returns how far the clock of the camera is ahead, or the year at which it started."""
        rng = self.rng
        while not self._clocks or self._clocks[-1][0] <= taken:
            last = self._clocks[-1][0] if self._clocks else self._life.shots[0].taken
            until = last + timedelta(days=rng.randint(*_BATTERY))
            ahead: timedelta | str = rng.choice(_WRONG)
            if rng.random() < _EPOCH:
                ahead = rng.choice(_EPOCHS)
            self._clocks.append((until, ahead))
        return next(ahead for until, ahead in self._clocks if taken < until)

    def _since(self, taken: datetime) -> datetime:
        starts = [self._life.shots[0].taken, *(until for until, _ in self._clocks)]
        return max(start for start in starts if start <= taken)

    # What else lies in libraries

    def _collections(self, life: RealLife) -> None:
        """Folders with many photos of one thing, of one afternoon or without a time."""
        subjects: defaultdict[str, list[str]] = defaultdict(list)
        for keys in self.pool.values():
            for key in keys:
                labels = self.pictures.words(key)[0]
                if len(labels) == 1:
                    subjects[labels[0]].append(key)
        large = [name for name, keys in sorted(subjects.items()) if len(keys) >= _COLLECTED[0]]
        for number, name in enumerate(self.rng.sample(large, min(_COLLECTIONS, len(large)))):
            start = self.rng.choice(life.shots).taken.replace(hour=15, minute=0, second=0)
            for place, key in enumerate(subjects[name][: self.rng.randint(*_COLLECTED)]):
                self.drop(key)
                labels, captions = self.pictures.words(key)
                file = File(
                    f"Collection {number + 1}/{place:04}.jpg", key, self.group(),
                    theme="collection", labels=labels, captions=captions,
                )  # fmt: skip
                taken = start + timedelta(minutes=place)
                timed = replace(file, moment=f"c{number}", taken=taken.isoformat())
                self.add(timed if number % 2 else undated(file))

    def _clutter(self, count: int) -> None:
        spare = iter(self.pictures.spare())
        for kind, share in CLUTTER_SHARES.items():
            real = list(self.pictures.real(kind))
            self.rng.shuffle(real)
            for number in range(round(share * count)):
                key = real.pop() if real else f"{self._seed} {kind} {number}"
                inside = next(spare, "") if kind in ("meme", "blank") else ""
                make = f"clutter {inside}".strip()
                file = File("", key, self.group(), make=make, clutter=kind, theme=kind)
                self.add(self._kept(file, number))

    def _flat(self, number: int) -> None:
        """Photos of a phone on a table, a sign, a board: photos, and no clutter."""
        spare = list(self.pictures.spare())
        for each in range(number):
            inside = self.rng.choice(spare) if spare else ""
            key = f"{self._seed} flat {each}"
            file = File("", key, self.group(), make=f"flat {inside}".strip(), theme="flat")
            self.add(self._kept(file, each))

    def _kept(self, file: File, number: int) -> File:
        if file.clutter == "screenshot":
            return undated(replace(file, path=f"Screenshots/Screenshot_{number:05}.png"))
        if file.clutter == "meme" or (file.clutter and self.rng.random() < 0.4):
            return undated(replace(file, path=f"Downloads/{file.clutter}-{number:05}.jpg"))
        shot = self.rng.choice(self._life.shots)
        return self._at(replace(file, camera=PHONE), shot.taken + timedelta(seconds=30), shot.album)

    def _copy(self, file: File, path: str, make: str, clutter: str) -> None:
        file = replace(undated(file), path=path, relation="edited", make=make, clutter=clutter)
        self.add(file)


_SHOWN = {*_AT_HOME, *_PARTY, *(theme for town in TOWNS for theme in town.themes)}


def _town(point: Point) -> Town:
    return min(TOWNS, key=lambda town: apart(town.point, point))
