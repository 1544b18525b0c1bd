"""Photos change on a beat, and each stays for about three seconds."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.render.movie.timeline import cuts


@pytest.mark.parametrize("tempo", [60, 72, 96, 128, 190])
def test_without_music_cuts_follow_the_tempo(tempo: int) -> None:
    times = cuts(8, tempo)
    assert len(times) == 9
    assert times[0] == 0
    steps = np.diff(times)
    assert np.ptp(steps) < 1e-9
    assert 2 <= steps[0] <= 4
    assert (steps[0] * tempo / 60) == pytest.approx(round(steps[0] * tempo / 60))


def test_every_cut_lies_on_a_beat_that_is_heard() -> None:
    beats = 0.37 + np.arange(60) * 0.6 + np.random.default_rng(0).normal(0, 0.02, 60)
    times = cuts(5, 100, np.sort(beats))
    assert all(np.abs(beats - time).min() < 1e-9 for time in times[1:])
    assert all(1.5 <= step <= 4.5 for step in np.diff(times))


def test_where_the_beats_end_they_go_on() -> None:
    times = cuts(10, 120, np.array([0.5, 1.0, 1.5]))
    assert np.diff(times) == pytest.approx([3.0] * 10)


def test_beats_that_begin_late_are_taken_to_have_begun_earlier() -> None:
    times = cuts(3, 60, np.array([20.0, 21.0, 22.0]))
    assert times == pytest.approx([0, 3, 6, 9])


def test_one_photo_has_a_beginning_and_an_end() -> None:
    assert len(cuts(1, 100)) == 2
