"""A photo tells of how an occasion began, of people, the place, a detail or the evening."""

from __future__ import annotations

from dataclasses import replace

from ansa.library.selection.telling import PARTS, parts_told
from tests.library.drawn_gallery import gallery_of, keepsake


def test_each_photo_tells_what_it_shows_and_when() -> None:
    photos = [
        keepsake(0, "2024-05-01T08:00:00"),
        keepsake(1, "2024-05-01T12:00:00", people=2, tags=("mountain", "food")),
        keepsake(2, "2024-05-01T13:00:00", tags=("mountain",)),
        keepsake(3, "2024-05-01T14:00:00", tags=("food",)),
        keepsake(4, "2024-05-01T23:30:00"),
        keepsake(5, "2024-05-01T12:00:00"),
    ]
    told = [[part for part, tells in zip(PARTS, row, strict=True) if tells]
            for row in parts_told(gallery_of(photos)).tolist()]  # fmt: skip
    assert told == [
        ["the arrival"],
        ["the people"],
        ["the place"],
        ["a detail"],
        ["the evening"],
        [],
    ]


def test_of_what_no_time_or_only_the_day_is_known_no_hour_is_told() -> None:
    day = keepsake(1, "2024-05-01T00:00:00")
    day = replace(day, facts=replace(day.facts, taken_precision="day"))
    assert not parts_told(gallery_of([keepsake(0), day])).any()
    assert parts_told(gallery_of([])).shape == (0, len(PARTS))
