"""From a life to every file of a library: shots, bursts, retakes, copies and clutter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from ansa_train.data.augment.copy_edits import EDITS
from tests.world.library_files import (
    CAMERA,
    CLUTTER_SHARES,
    PHONE,
    SCANNER,
    LibraryFiles,
    camera_path,
    undated,
)
from tests.world.life import Life, Outing, live
from tests.world.lookalikes import page_keys, sky_keys
from tests.world.pictures import DRAWING, Pictures
from tests.world.places import moved
from tests.world.truth import EITHER, File, Truth

# Shares of all files.
_SPOILED, _EXACT, _EDITED, _DRAWINGS = 0.04, 0.08, 0.12, 0.015
# Shares of scenes.
_BURST, _RETAKE, _UNDATED, _NO_PLACE, _ON_CAMERA = 0.45, 0.08, 0.03, 0.08, 0.25
_FILES_A_SCENE = 1 + _BURST * 3 + _RETAKE  # a burst adds one to five
_WRONG_CLOCK = 0.1  # of outings, if there is a camera
_LONGEST = timedelta(minutes=80)  # an outing, between its first and its last scene
_SPOILS = ("focus", "motion", "dark", "bright")
_EDITS = tuple(name for name in EDITS if name not in ("resize", "recompress", "screenshot"))
# To some, what is left is no photo.
_DOUBTFUL = {"text", "banner", "sticker", "two", "blur", "pixelate", "noise"}
_EDIT_STRENGTHS = 0.1, 0.6


def plan(pictures: Pictures, count: int, seed: int = 0, pages: int = 0, skies: int = 0) -> Truth:
    """A library of ``count`` files, as far as there are pictures, with lookalikes beside them.

    Where photos run out, copies are made of more of them.

    Args:
        pictures: what photos show.
        count: of files, lookalikes not among them.
        seed: of all chance.
        pages: different pages of a few layouts; of every third there is an edited copy too.
        skies: different skies; of every third there is an edited copy too.
    """
    return _Plan(pictures, count, seed).truth(pages, skies)


class _Plan(LibraryFiles):
    def __init__(self, pictures: Pictures, count: int, seed: int) -> None:
        super().__init__(pictures, Random(f"world {seed}"))
        self._count, self._seed = count, seed

    def truth(self, pages: int, skies: int) -> Truth:
        others = _SPOILED + _EXACT + _EDITED + _DRAWINGS + sum(CLUTTER_SHARES.values())
        photos = sum(map(len, self.pool.values())) - round(_SPOILED * self._count)
        scenes = max(1, min(photos, round((1 - others) * self._count / _FILES_A_SCENE)))
        life = live(self.rng, max(1, min(6, round(scenes / 130))))
        for outing, number in zip(life.outings, _shares(life, scenes), strict=True):
            self._shots(outing, number)
        self._spoil(life, round(_SPOILED * self._count))
        self._clutter(life)
        shots = [file for file in self.files if not file.clutter and file.theme != DRAWING]
        self._exact(shots, round(_EXACT * self._count))
        self._edited(shots, self._count - len(self.files))
        self._lookalikes(page_keys(pages, self._seed), "page")
        self._lookalikes(sky_keys(skies, self._seed), "sky")
        files = tuple(sorted(self.files, key=lambda file: file.path))
        home = life.home
        return Truth(self._seed, home.name, home.country, life.birthdays, life.trips, files)

    # Photos

    def _shots(self, outing: Outing, scenes: int) -> None:
        """All that is taken on an outing."""
        rng = self.rng
        on_camera = rng.random() < _ON_CAMERA
        clock = rng.choice(("1970", "2036")) if rng.random() < _WRONG_CLOCK else ""
        for taken in _times(rng, outing.start, scenes):
            key = self.take(outing.theme)
            if not key:
                return
            labels, captions = self.pictures.words(key)
            camera = CAMERA if on_camera and rng.random() < 0.6 else PHONE
            file = File(
                "", key, self.group(), theme=outing.theme, labels=labels, captions=captions,
                moment=outing.id, trip=outing.trip, town=outing.town.name, camera=camera,
            )  # fmt: skip
            if rng.random() < _UNDATED:
                self.add(replace(undated(file), path=f"Scans/scan-{len(self.files):05}.jpg"))
                continue
            file = self._says(file, outing, taken, clock if camera == CAMERA else "")
            self.add(file)
            if rng.random() < _BURST:
                for number in range(rng.randint(1, 5)):
                    taken += timedelta(seconds=rng.choice((0, 1, 1, 2)))
                    make = f"burst {number + 1}"
                    next_ = replace(file, path="", relation="burst", make=make)
                    self.add(self._at(next_, taken))
            if rng.random() < _RETAKE:
                again = taken + timedelta(seconds=rng.randint(40, 240))
                file = replace(file, path="", group=self.group(), make="retake")
                self.add(self._at(file, again))

    def _says(self, file: File, outing: Outing, taken: datetime, clock: str) -> File:
        """With what its camera notes: the clock may be set wrong, a place may be missing."""
        if clock:
            taken = datetime(int(clock), 1, 1) + (taken - outing.start)
            file = replace(file, moment="", trip="", clock="wrong")
        if file.camera == PHONE:
            hours = round(outing.point[1] / 15)
            file = replace(file, offset=f"{'-' if hours < 0 else '+'}{abs(hours):02}:00")
            if self.rng.random() >= _NO_PLACE:
                metres = [self.rng.gauss(0, 0.08) for _ in range(2)]
                file = replace(file, place=moved(outing.point, *metres))
        return self._at(file, taken)

    def _at(self, file: File, taken: datetime) -> File:
        """Taken then, and called so, unless it has a name."""
        path = camera_path(file, taken, len(self.files))
        return replace(file, path=file.path or path, taken=taken.isoformat())

    def _spoil(self, life: Life, number: int) -> None:
        """Shots that went wrong, on any outing."""
        for _ in range(number):
            outing = self.rng.choice(life.outings)
            key = self.take(outing.theme)
            if not key:
                return
            how = self.rng.choice(_SPOILS)
            file = File(
                "", key, self.group(), make=f"spoiled {how}", theme=outing.theme, camera=PHONE,
                clutter="blurred" if how in ("focus", "motion") else "exposure",
                town=outing.town.name,
            )  # fmt: skip
            self.add(self._says(file, outing, _within(self.rng, outing), ""))

    # Clutter

    def _clutter(self, life: Life) -> None:
        rng = self.rng
        spare = iter(self.pictures.spare())
        for kind, share in CLUTTER_SHARES.items():
            real = list(self.pictures.real(kind))
            rng.shuffle(real)
            for number in range(round(share * self._count)):
                key = real.pop() if real else f"{self._seed} {kind} {number}"
                inside = next(spare, "") if kind in ("meme", "blank") else ""
                file = File(
                    "", key, self.group(), make=f"clutter {inside}".strip(), clutter=kind,
                    theme=kind,
                )  # fmt: skip
                self.add(self._kept(file, life, number))
        for key in list(self.pictures.real(DRAWING))[: round(_DRAWINGS * self._count)]:
            path = f"Downloads/{len(self.files):05}.jpg"
            file = undated(File(path, key, self.group(), theme=DRAWING))
            self.add(replace(file, labels=self.pictures.words(key)[0]))

    def _kept(self, file: File, life: Life, number: int) -> File:
        """Clutter where it usually lies, with what its file usually says."""
        if file.clutter == "screenshot":
            return undated(replace(file, path=f"Screenshots/Screenshot_{number:05}.png"))
        if file.clutter == "meme" or (file.clutter != "blank" and self.rng.random() < 0.4):
            return undated(replace(file, path=f"Downloads/{file.clutter}-{number:05}.jpg"))
        outing = self.rng.choice(life.outings)
        file = replace(file, camera=PHONE, town=outing.town.name)
        return self._says(file, outing, _within(self.rng, outing), "")

    # Copies

    def _exact(self, shots: list[File], number: int) -> None:
        for copy, file in enumerate(self._some(shots, number)):
            stem, _, suffix = file.path.rpartition(".")
            path = f"Backup/{file.path}" if copy % 2 else f"{stem} (1).{suffix}"
            self.add(replace(file, path=path, relation="exact"))

    def _edited(self, shots: list[File], number: int) -> None:
        for copy, file in enumerate(self._some(shots, number)):
            self.add(self._edit(file, copy))

    def _edit(self, file: File, number: int) -> File:
        rng = self.rng
        stem = file.path.replace("/", "-").rpartition(".")[0]
        base = file.make
        file = replace(file, relation="edited")
        match rng.choices(("sent", "smaller", "edit", "screenshot"), (35, 10, 45, 10))[0]:
            case "sent":
                file = replace(undated(file), path=f"Messages/IMG-WA{number:05}.jpg")
                return replace(file, make=f"{base} > sent")
            case "smaller":
                return replace(file, path=f"Export/{stem}-small.jpg", make=f"{base} > smaller")
            case "screenshot":
                path = f"Screenshots/Screenshot_of_{number:05}.png"
                file = replace(undated(file), path=path, clutter=EITHER)
                return replace(
                    file, make=f"{base} > screenshot {rng.uniform(*_EDIT_STRENGTHS):.3f}"
                )
        edit = rng.choice(_EDITS)
        file = replace(
            file if rng.random() < 0.6 else undated(file),
            path=f"Edited/{stem}-edit{number}.jpg",
            make=f"{base} > {edit} {rng.uniform(*_EDIT_STRENGTHS):.3f}",
        )
        return replace(file, clutter=EITHER) if edit in _DOUBTFUL else file

    def _lookalikes(self, keys: list[str], theme: str) -> None:
        """Scans and downloads: most undated, some of other days, some a second apart."""
        for number, key in enumerate(keys):
            kind = "png" if theme == "page" and number % 2 else "jpg"
            path = f"Scans/{theme}-{number:04}.{kind}"
            file = File(path, key, self.group(), make=theme, clutter=EITHER, theme=theme)
            if number % 4 == 0 and kind == "jpg":
                gap = timedelta(days=number) if number % 8 else timedelta(seconds=number // 8)
                taken = (datetime(2022, 1, 10, 8) + gap).isoformat()
                self.add(replace(file, taken=taken, camera=SCANNER))
            else:
                self.add(undated(file))
            if number % 3 == 0:
                make = f"{theme} > {('sent', 'smaller', 'trimmed', 'resaved')[number // 3 % 4]}"
                path = f"Messages/{theme}-copy-{number:04}.jpg"
                self.add(undated(replace(file, path=path, relation="edited", make=make)))

    # The rest

    def _some(self, files: list[File], number: int) -> Iterator[File]:
        """So many of them, each as often as any other."""
        left: list[File] = []
        for _ in range(number if files else 0):
            if not left:
                left = self.rng.sample(files, len(files))
            yield left.pop()


def _shares(life: Life, scenes: int) -> list[int]:
    """How many scenes each outing gets, by their weights."""
    total = sum(outing.weight for outing in life.outings)
    shares, before, given = [], 0.0, 0
    for outing in life.outings:
        before += outing.weight
        shares.append(round(before / total * scenes) - given)
        given += shares[-1]
    return shares


def _times(rng: Random, start: datetime, scenes: int) -> Iterator[datetime]:
    """Mostly a few minutes apart, seldom half an hour."""
    gaps = [min(25.0, rng.expovariate(1 / 4)) for _ in range(scenes)]
    if scenes > 1 and rng.random() < 0.1:
        gaps[rng.randrange(1, scenes)] = rng.uniform(25, 40)
    shorter = min(1.0, _LONGEST / timedelta(minutes=sum(gaps) or 1))
    for gap in gaps:
        start += timedelta(seconds=round(gap * shorter * 60) + 8)
        yield start


def _within(rng: Random, outing: Outing) -> datetime:
    return outing.start + timedelta(seconds=rng.randint(0, 1800))
