"""Moments and trips of lives with a second camera whose clock is wrong, bursts and copies."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import PurePath

from ansa.library.events.albums import album_of
from ansa.library.events.camera_clocks import with_right_clocks
from ansa.library.events.moments import Moment, believable, moments_of
from ansa.library.events.timed_photos import TimedPhoto
from ansa.library.events.trips import trips_of
from ansa.scene import Facts
from tests.library.events.test_real_lives import total
from tests.world.photo_life import photo_life
from tests.world.pictures import DrawnPictures
from tests.world.score import Score, matched
from tests.world.truth import HIDDEN, Truth

SEEDS = range(400, 403)
LATEST = datetime(2026, 1, 1)


@cache
def found(seed: int) -> tuple[Truth, tuple[Moment, ...]]:
    """A life of two years, and its moments; a photo's id is the place of its file."""
    truth = photo_life(DrawnPictures(250), seed, years=2)
    return truth, tuple(moments_of(with_right_clocks(shots(truth))))


def shots(truth: Truth) -> list[TimedPhoto]:
    """The photos whose files say a time that can be believed, in the order of time."""
    made = []
    for number, file in enumerate(truth.files):
        if not file.taken or file.relation == "exact":
            continue
        taken = datetime.fromisoformat(file.taken)
        if believable(Facts(1, 1, taken=taken, camera=file.camera or None), LATEST):
            album = album_of(PurePath("/p", file.path).parent, [PurePath("/p")])
            made.append(TimedPhoto(number, taken, file.place, album=album, camera=file.camera))
    return sorted(made, key=lambda shot: (shot.taken, shot.photo))


def moments_score(seed: int) -> Score:
    """Moments that share more than half of their photos with a drawn outing."""
    truth, told = found(seed)
    files = enumerate(truth.files)
    true = {f"{n}": f.moment for n, f in files if f.moment and f.relation != "exact"}
    return matched([[f"{n}" for n in moment.photos] for moment in told], true, true.keys())


def trips_score(seed: int) -> Score:
    """Trips that share more than half of their photos with a drawn one; hidden ones left out."""
    truth, told = found(seed)
    files = [(f"{n}", f) for n, f in enumerate(truth.files) if f.relation != "exact"]
    known = {n for n, f in files if f.moment and f.trip != HIDDEN}
    true = {n: f.trip for n, f in files if f.trip and n in known}
    return matched([[f"{n}" for n in trip.photos] for trip in trips_of(told)], true, known)


def test_moments_are_found_though_the_clock_of_a_camera_is_wrong() -> None:
    score = total(map(moments_score, SEEDS))
    assert score.f1 >= 0.9, (score.precision, score.recall)


def test_trips_are_found_though_the_clock_of_a_camera_is_wrong() -> None:
    score = total(map(trips_score, SEEDS))
    assert score.f1 >= 0.9, (score.precision, score.recall)
