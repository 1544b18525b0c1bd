"""Photos of one occasion are one moment; clocks that were never set are told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ansa.library import Library
from ansa.library.events.moments import Moment, believable, moments, moments_of
from ansa.scene import Facts
from tests.library.lives import BERLIN, LISBON, MUNICH, Life, library_of, walk

NOON = datetime(2024, 5, 4, 12)
NOW = datetime(2026, 1, 1)


def sizes(found: list[Moment]) -> list[int]:
    return [len(moment.photos) for moment in found]


def test_a_pause_ends_a_moment() -> None:
    morning, evening = walk(NOON, [0, 10, 25, 60], MUNICH), walk(NOON, [420, 425], MUNICH, 10)
    assert [m.photos for m in moments_of([*morning, *evening])] == [(0, 1, 2, 3), (10, 11)]


def test_a_way_ends_a_moment_also_without_a_pause() -> None:
    assert sizes(moments_of([*walk(NOON, [0, 1], MUNICH), *walk(NOON, [2, 3], BERLIN, 2)])) == [
        2,
        2,
    ]


def test_photos_without_a_place_stay_in_the_moment() -> None:
    shots = [*walk(NOON, [0], MUNICH), *walk(NOON, [1], None, 1), *walk(NOON, [2], MUNICH, 2)]
    (moment,) = moments_of(shots)
    assert moment.photos == (0, 1, 2)
    assert moment.place
    assert moment.place.city == "Munich"


def test_a_moment_past_midnight_is_of_the_day_it_began() -> None:
    (moment,) = moments_of(walk(datetime(2024, 12, 31, 23, 30), [0, 20, 40], None))
    assert moment.day == datetime(2024, 12, 31).date()
    assert moment.end.year == 2025


def test_a_moment_at_the_date_line_lies_there_and_not_in_the_gulf_of_guinea() -> None:
    shots = [*walk(NOON, [0], (-16.8, 179.99)), *walk(NOON, [1], (-16.8, -179.99), 1)]
    (moment,) = moments_of(shots)
    assert moment.point
    assert abs(moment.point[1]) == pytest.approx(179.99)


def test_thousands_of_photos_of_one_instant_are_one_moment() -> None:
    (moment,) = moments_of(walk(NOON, [0] * 3000, MUNICH))
    assert len(moment.photos) == 3000
    assert moments_of([]) == []


@pytest.mark.parametrize(
    ("taken", "camera", "believed"),
    [
        (datetime(2024, 5, 4), "Canon EOS R5", True),
        (datetime(1970, 1, 1, 0, 5), "Canon EOS R5", False),
        (datetime(1970, 1, 1, 0, 5), None, False),
        (datetime(1980, 1, 1), None, False),
        (datetime(1975, 7, 3), "Canon EOS R5", False),
        (datetime(1975, 7, 3), None, True),  # a scan that somebody dated
        (datetime(2036, 2, 7), "Canon EOS R5", False),
        (datetime(2036, 2, 7, tzinfo=UTC), None, False),
        (None, "Canon EOS R5", False),
    ],
)
def test_a_clock_that_was_never_set_is_not_believed(
    taken: datetime | None, camera: str | None, believed: bool
) -> None:
    assert believable(Facts(1, 1, taken=taken, camera=camera), NOW) is believed


def test_a_library_gives_its_moments_and_leaves_wrong_clocks_out(tmp_path: Path) -> None:
    lives = [
        Life("b.jpg", NOON, MUNICH, "Canon"),
        Life("a.jpg", NOON, MUNICH, "Canon"),
        Life("c.jpg", NOON + timedelta(days=1), LISBON),
        Life("1970.jpg", datetime(1970, 1, 1, 1), MUNICH, "Canon"),
        Life("2036.jpg", datetime(2036, 1, 1), MUNICH),
        Life("undated.jpg", None, MUNICH),
    ]
    with library_of(tmp_path, lives) as library:
        found = moments(library, now=NOW)
        paths = library.store.paths([p for m in found for p in m.photos], None)
        assert [[paths[p][0].name for p in m.photos] for m in found] == [
            ["a.jpg", "b.jpg"],
            ["c.jpg"],
        ]
        assert found[0].to_dict()["day"] == "2024-05-04"


def zone(hours: int) -> timezone:
    return timezone(timedelta(hours=hours))


def test_photos_that_state_their_offset_are_ordered_as_instants(tmp_path: Path) -> None:
    night = datetime(2023, 10, 29, 2)
    photos = [
        Life("a.jpg", night.replace(minute=10, tzinfo=zone(1))),
        Life("b.jpg", night.replace(minute=50, tzinfo=zone(2))),
        Life("c.jpg", datetime(2023, 5, 10, 10, tzinfo=zone(-7))),
        Life("d.jpg", datetime(2023, 5, 10, 17, tzinfo=zone(9))),
    ]
    with library_of(tmp_path, photos) as library:
        found = moments(library, now=NOW)
        paths = library.store.paths([p for m in found for p in m.photos], None)
        assert [[paths[p][0].name for p in m.photos] for m in found] == [
            ["d.jpg"],
            ["c.jpg"],
            ["b.jpg", "a.jpg"],  # the clock was set back between them
        ]
        night_moment = found[-1]
        assert (night_moment.start.minute, night_moment.end.minute) == (50, 50)


def test_of_what_only_the_day_is_known_is_in_no_moment_of_the_night(tmp_path: Path) -> None:
    midnight = datetime(2024, 1, 1)
    photos = [
        Life("a.jpg", midnight - timedelta(minutes=5)),
        Life("b.jpg", midnight, precision="day"),
        Life("c.jpg", midnight + timedelta(minutes=5)),
        Life("d.jpg", midnight, precision="day"),
        Life("e.jpg", midnight + timedelta(days=1), precision="day"),
    ]
    with library_of(tmp_path, photos) as library:
        found = moments(library, now=NOW)
        paths = library.store.paths([p for m in found for p in m.photos], None)
        assert [[paths[p][0].name for p in m.photos] for m in found] == [
            ["a.jpg", "c.jpg"],
            ["b.jpg", "d.jpg"],
            ["e.jpg"],
        ]


def test_a_folder_of_which_nothing_is_known_has_no_moments(tmp_path: Path) -> None:
    library_of(tmp_path, [Life("a.jpg", NOON)]).close()
    with Library(tmp_path / "other", database=tmp_path / "library.sqlite") as library:
        assert moments(library) == []
