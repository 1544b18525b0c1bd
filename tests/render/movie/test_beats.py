"""Beats are found where they are, at any usual tempo; what has none says so."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.render.movie.beats import find_beats
from tests.render.movie.sounds import clicks

RATE = 22_050


@pytest.mark.parametrize("tempo", [72, 96, 120, 140])
def test_the_tempo_and_nearly_every_beat_are_found(tempo: int) -> None:
    samples, times = clicks(tempo, 20, RATE)
    beats = find_beats(samples, RATE)
    assert beats is not None
    assert beats.tempo == pytest.approx(tempo, rel=0.02)
    off = np.abs(np.array(times)[:, None] - beats.times).min(axis=1)
    assert np.mean(off < 0.04) > 0.9
    assert len(beats.times) == pytest.approx(len(times), abs=3)
    assert (np.diff(beats.times) > 0).all()


def test_what_has_no_beat_says_so() -> None:
    assert find_beats(np.zeros(10 * RATE, np.float32), RATE) is None
    assert find_beats(np.full(10 * RATE, 0.5, np.float32), RATE) is None
    assert find_beats(clicks(100, 2, RATE)[0], RATE) is None
    assert find_beats(np.zeros(0, np.float32), RATE) is None


def test_beats_are_the_same_again() -> None:
    samples, _ = clicks(100, 10, RATE)
    first, again = find_beats(samples, RATE), find_beats(samples, RATE)
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(first.times, again.times)
