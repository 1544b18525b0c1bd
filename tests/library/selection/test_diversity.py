"""A selection is good, shows nothing twice, and is spread over time and subjects."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.library.selection.diversity import select_diverse
from ansa.library.selection.gallery import Gallery
from tests.library.drawn_gallery import gallery_of, keepsake, vector


def chosen(gallery: Gallery, count: int) -> list[int]:
    return [choice.row for choice in select_diverse(gallery, np.arange(len(gallery)), count)]


def test_the_best_comes_first() -> None:
    gallery = gallery_of([keepsake(n) for n in range(4)], [0.2, 0.9, 0.4, 0.6])
    assert chosen(gallery, 4)[0] == 1
    assert sorted(chosen(gallery, 4)) == [0, 1, 2, 3]


def test_no_more_than_asked_for() -> None:
    assert len(chosen(gallery_of([keepsake(n) for n in range(9)]), 4)) == 4


def test_of_photos_that_look_alike_only_the_best_is_chosen() -> None:
    looks = [vector(1), vector(1), vector(2)]
    gallery = gallery_of([keepsake(n) for n in range(3)], [0.5, 0.8, 0.1], looks)
    assert chosen(gallery, 3) == [1, 2]


@pytest.mark.parametrize(("seconds", "both"), [(30, False), (3600, True)])
def test_shots_of_one_scene_may_be_less_alike_than_others(seconds: int, both: bool) -> None:
    looks = [vector(1), vector(2, like=1, cosine=0.8)]
    later = f"2024-05-01T{10 + seconds // 3600}:00:{seconds % 3600:02}"
    gallery = gallery_of(
        [keepsake(0, "2024-05-01T10:00:00"), keepsake(1, later)], vectors=np.array(looks)
    )
    assert (len(chosen(gallery, 2)) == 2) is both


def test_copies_with_nearly_one_print_are_alike_however_they_look() -> None:
    gallery = gallery_of([keepsake(n) for n in range(2)])
    gallery.prints[:] = [1, 0]
    assert len(chosen(gallery, 2)) == 1


def test_a_selection_is_spread_over_time() -> None:
    busy = [keepsake(n, f"2024-05-01T{8 + n % 10:02}:{n:02}:00") for n in range(30)]
    quiet = [keepsake(30 + n, f"2024-{7 + n:02}-01T10:00:00") for n in range(3)]
    rows = chosen(gallery_of(busy + quiet, [0.6] * 30 + [0.5] * 3), 8)
    assert {30, 31, 32} <= set(rows)


def test_a_selection_is_spread_over_subjects() -> None:
    tags = [("dog",)] * 20 + [("boat",)] * 2
    gallery = gallery_of(
        [keepsake(n, tags=tag) for n, tag in enumerate(tags)], [0.5] * 20 + [0.45] * 2
    )
    assert {20, 21} & set(chosen(gallery, 3))


def test_every_choice_has_its_reasons() -> None:
    gallery = gallery_of(
        [
            keepsake(0, "2024-05-01T10:00:00", tags=("dog",), quality=0.97),
            keepsake(1, "2024-07-01T10:00:00", tags=("boat",)),
            keepsake(2, "2024-07-01T10:00:00", tags=("boat", "dog")),
            keepsake(3),
        ],
        [0.9, 0.5, 0.4, 0.1],
    )
    told = {c.row: " | ".join(c.reasons) for c in select_diverse(gallery, np.arange(4), 4)}
    assert "sharp and well lit" in told[0]
    assert "shows dog" in told[0]
    assert "the first that shows boat" in told[1]
    assert "the first of 2024-07" in told[1]
    assert all(told.values())


def a_day_out() -> Gallery:
    """Many views of a mountain by day, and a few other photos that are not quite as good."""
    views = [keepsake(n, f"2024-05-01T12:{n:02}:00", tags=("mountain",)) for n in range(40)]
    others = [
        keepsake(40, "2024-05-01T08:00:00"),
        keepsake(41, "2024-05-01T12:45:00", people=2),
        keepsake(42, "2024-05-01T12:50:00", tags=("food",)),
        keepsake(43, "2024-05-01T20:00:00"),
    ]
    return gallery_of([*views, *others], [0.8] * 40 + [0.6] * 4)


def test_a_story_tells_of_the_arrival_people_place_detail_and_evening() -> None:
    gallery = a_day_out()
    found = select_diverse(gallery, np.arange(len(gallery)), 6, story=True)
    rows = {choice.row for choice in found}
    assert {40, 41, 42, 43} <= rows
    assert rows & set(range(40))
    told = " | ".join(reason for choice in found for reason in choice.reasons)
    assert "tells of the people" in told
    assert "tells of the evening" in told


def test_photos_of_no_one_occasion_tell_no_story() -> None:
    gallery = a_day_out()
    found = select_diverse(gallery, np.arange(len(gallery)), 6)
    assert not any("tells of" in reason for choice in found for reason in choice.reasons)


def test_what_else_speaks_for_a_photo_counts() -> None:
    gallery = gallery_of([keepsake(n) for n in range(3)], [0.5, 0.6, 0.4])
    first = select_diverse(gallery, np.arange(3), 1, np.array([0.0, 0.0, 0.5]))
    assert [choice.row for choice in first] == [2]


def test_no_dates_no_signals_one_photo_none_at_all() -> None:
    assert chosen(gallery_of([keepsake(0)]), 50) == [0]
    assert chosen(gallery_of([]), 50) == []
    assert len(chosen(gallery_of([keepsake(n, taken=None) for n in range(5)]), 50)) == 5


def test_all_photos_alike_leave_one() -> None:
    assert len(chosen(gallery_of([keepsake(n) for n in range(9)], vectors=[vector(1)] * 9), 5)) == 1
