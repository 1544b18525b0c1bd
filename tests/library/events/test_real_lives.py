"""Homes and trips of lives with moves, second homes, lost GPS and months without a photo."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from ansa.library.events.homes import home_on, homes
from ansa.library.events.moments import Moment, moments_of
from ansa.library.events.trips import trips_of
from tests.world.places import apart
from tests.world.real_lives import RealLife, real_life
from tests.world.score import Score, matched

SEEDS = range(400, 407)
_SAME_KM = 30.0


@cache
def lived(seed: int) -> tuple[RealLife, tuple[Moment, ...]]:
    life = real_life(seed)
    return life, tuple(moments_of(life.shots))


def trips_score(seed: int) -> Score:
    """Trips that share more than half of their photos with a drawn one; hidden ones left out."""
    life, found = lived(seed)
    known = {n for n in range(len(life.shots)) if life.trips.get(n, "") not in life.hidden}
    named = {str(n): trip for n, trip in life.trips.items() if n in known}
    told = [[str(photo) for photo in trip.photos] for trip in trips_of(found)]
    return matched(told, named, {str(n) for n in known})


def moments_score(seed: int) -> Score:
    """Moments that share more than half of their photos with a drawn outing."""
    life, found = lived(seed)
    true = {str(n): outing for n, outing in life.moments.items()}
    return matched([[str(photo) for photo in m.photos] for m in found], true, true.keys())


def nights(seed: int) -> tuple[int, int]:
    """Nights at home of which the home is told rightly, and all of them."""
    life, found = lived(seed)
    homes_ = homes(found)
    away = {life.shots[n].taken.date() for n in life.trips}
    day, last = found[0].day, found[-1].day
    right = total = 0
    while day <= last:
        if day not in away:
            total += 1
            told = home_on(homes_, day)
            right += told is not None and _is_right(life, day, told.point)
        day += timedelta(1)
    return right, total


def _is_right(life: RealLife, day: date, point: tuple[float, float]) -> bool:
    true = [life.home_on(day), *(o.point for o in life.others if o.first <= day <= o.last)]
    return any(apart(point, each) <= _SAME_KM for each in true)


def total(scores: Iterable[Score]) -> Score:
    """The sum of what was right, found and true."""
    parts = zip(*((each.right, each.found, each.true) for each in scores), strict=True)
    return Score(*(sum(part) for part in parts))


def test_trips_of_real_lives_are_found() -> None:
    score = total(map(trips_score, SEEDS))
    assert score.f1 >= 0.9, (score.precision, score.recall)


def test_moments_of_real_lives_are_found() -> None:
    score = total(map(moments_score, SEEDS))
    assert score.f1 >= 0.9, (score.precision, score.recall)


def test_people_are_known_to_live_where_they_do_at_nearly_all_nights() -> None:
    counts = [nights(seed) for seed in SEEDS]
    right, total = (sum(part) for part in zip(*counts, strict=True))
    assert right / total >= 0.95, [r / t for r, t in counts]
