"""Moments and trips of lives that were planned are found again: the plan is the truth."""

from __future__ import annotations

import random
from datetime import datetime

import pytest

from ansa.library.events.events import events_of, written
from ansa.library.events.moments import believable, moments_of
from ansa.library.events.timed_photos import TimedPhoto
from ansa.library.events.trips import trips_of
from ansa.scene import Facts
from tests.world.pictures import DrawnPictures
from tests.world.plan import plan
from tests.world.score import clusters, matched
from tests.world.truth import File, Truth

LATEST = datetime(2026, 1, 1)


@pytest.fixture(scope="module", params=[301, 302])
def truth(request: pytest.FixtureRequest) -> Truth:
    return plan(DrawnPictures(150), 3000, request.param)


def shot(number: int, file: File) -> TimedPhoto | None:
    """What its file says; None if it says no time that can be believed."""
    taken = datetime.fromisoformat(file.taken) if file.taken else None
    facts = Facts(1, 1, taken=taken, camera=file.camera or None)
    known = taken is not None and believable(facts, LATEST)
    return TimedPhoto(number, taken, file.place) if taken and known else None


def found(truth: Truth, without_place: float = 0.0) -> tuple[float, float]:
    """F1 of moments (B-cubed) and of trips (those that share more than half)."""
    chance = random.Random(truth.seed)
    shots = [some for n, file in enumerate(truth.files) if (some := shot(n, file))]
    shots = [
        TimedPhoto(some.photo, some.taken, None) if chance.random() < without_place else some
        for some in sorted(shots, key=lambda some: (some.taken, some.photo))
    ]
    moments = moments_of(shots)
    scored = {str(n): file for n, file in enumerate(truth.files) if file.moment}
    precision, recall = clusters(
        (list(map(str, moment.photos)) for moment in moments),
        {name: file.moment for name, file in scored.items()},
    )
    trips = matched(
        (list(map(str, trip.photos)) for trip in trips_of(moments)),
        {name: file.trip for name, file in scored.items() if file.trip},
        scored,
    )
    return 2 * precision * recall / (precision + recall), trips.f1


def test_moments_and_trips_are_those_that_were_planned(truth: Truth) -> None:
    moments, trips = found(truth)
    assert moments >= 0.98
    assert trips >= 0.95


def test_trips_are_found_though_most_photos_do_not_say_where_they_were_taken(truth: Truth) -> None:
    moments, trips = found(truth, without_place=0.8)
    assert moments >= 0.98
    assert trips >= 0.85


def test_days_that_are_kept_every_year_are_found(truth: Truth) -> None:
    long = plan(DrawnPictures(300), 7500, truth.seed)
    shots = [some for n, file in enumerate(long.files) if (some := shot(n, file))]
    events = events_of(moments_of(sorted(shots, key=lambda some: (some.taken, some.photo))))
    kept = {event.name for event in events if event.kind == "anniversary"}
    days = (datetime.strptime(f"2000-{day}", "%Y-%m-%d") for day in long.birthdays)
    assert kept
    assert kept <= {written(day.date()) for day in days}


def test_clocks_of_1970_and_2036_are_told_apart(truth: Truth) -> None:
    wrong = [file for file in truth.files if file.taken.startswith(("1970", "2036"))]
    assert wrong
    assert [shot(0, file) for file in wrong] == [None] * len(wrong)
