"""The clock of a second camera is put right where photos are grouped, if it is surely wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ansa.library.events.camera_clocks import with_right_clocks
from ansa.library.events.timed_photos import TimedPhoto
from tests.library.lives import MUNICH

START = datetime(2024, 3, 2, 14)


def phone(occasions: int) -> list[TimedPhoto]:
    """Three photos with a place on each of some days, at different hours."""
    return [
        TimedPhoto(10 * day + n, _start(day) + timedelta(minutes=9 * n), MUNICH, camera="phone")
        for day in range(occasions)
        for n in range(3)
    ]


def camera(occasions: int, ahead: timedelta) -> list[TimedPhoto]:
    """Two photos of a camera without places on the same occasions."""
    return [
        TimedPhoto(1000 + 10 * day + n, _start(day) + timedelta(minutes=6 + 8 * n) + ahead,
                   camera="camera")
        for day in range(occasions)
        for n in range(2)
    ]  # fmt: skip


def _start(day: int) -> datetime:
    return START + timedelta(days=4 * day, hours=(0, 3, -4, 1)[day % 4])


def wrong_by(shots: list[TimedPhoto]) -> list[float]:
    """How many minutes each photo of the camera was moved back."""
    ordered = sorted(shots, key=lambda shot: shot.seconds)
    right = {shot.photo: shot.taken for shot in with_right_clocks(ordered)}
    return [
        (shot.taken - right[shot.photo]).total_seconds() / 60
        for shot in ordered
        if shot.camera == "camera"
    ]


@pytest.mark.parametrize("minutes", [60, -60, 8 * 60, -5 * 60 - 30, 197])
def test_a_camera_in_another_time_zone_is_put_right(minutes: int) -> None:
    moved = wrong_by([*phone(10), *camera(10, timedelta(minutes=minutes))])
    assert moved == pytest.approx([minutes] * 20, abs=20)


def test_a_camera_with_the_right_time_is_left_alone() -> None:
    assert set(wrong_by([*phone(10), *camera(10, timedelta())])) == {0}


def test_the_photos_of_a_phone_are_never_moved() -> None:
    shots = sorted([*phone(10), *camera(10, timedelta(hours=8))], key=lambda shot: shot.seconds)
    assert [s for s in with_right_clocks(shots) if s.camera == "phone"] == phone(10)


def test_two_occasions_are_not_enough_to_tell() -> None:
    assert set(wrong_by([*phone(2), *camera(2, timedelta(hours=8))])) == {0}


def test_three_occasions_before_the_clock_was_set_are_enough() -> None:
    early = [s for s in camera(12, timedelta(hours=8)) if s.photo < 1030]
    late = [s for s in camera(12, timedelta()) if s.photo >= 1030]
    assert wrong_by([*phone(12), *early, *late]) == pytest.approx([480] * 6 + [0] * 18, abs=20)


def test_a_phone_that_seldom_finds_its_place_knows_the_time() -> None:
    shots = [s._replace(point=None) if s.photo % 10 else s for s in phone(6)]
    moved = wrong_by([*shots, *camera(6, timedelta(hours=8))])
    assert moved == pytest.approx([480] * 12, abs=20)


def test_a_camera_that_was_used_on_other_days_is_left_alone() -> None:
    assert set(wrong_by([*phone(10), *camera(10, timedelta(days=1, hours=12))])) == {0}


def test_the_clock_may_be_set_in_between() -> None:
    early = [s for s in camera(20, timedelta(hours=8)) if s.photo < 1100]
    late = [s for s in camera(20, timedelta()) if s.photo >= 1100]
    moved = wrong_by([*phone(20), *early, *late])
    assert moved == pytest.approx([480] * 20 + [0] * 20, abs=20)


def test_without_a_camera_nothing_happens() -> None:
    assert with_right_clocks(phone(3)) == phone(3)
    assert with_right_clocks([]) == []
