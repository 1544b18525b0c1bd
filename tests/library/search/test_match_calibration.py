"""Scores are chances, on one scale, and a bundle may say what its own mean."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ansa.library.search.match_calibration import SHIPPED, MatchCalibration, by_chance, sigmoid
from ansa.library.search.relevance import Baseline

COSINES = np.linspace(0.1, 0.6, 50, dtype=np.float32)
EVERYDAY = Baseline(np.full(50, 0.2, np.float32), np.full(50, 0.08, np.float32))


@pytest.mark.parametrize("short", [True, False])
def test_a_higher_cosine_is_a_higher_chance(short: bool) -> None:
    chances = sigmoid(SHIPPED.text(COSINES, EVERYDAY, short=short))
    assert (np.diff(chances) > 0).all()
    assert 0 < chances.min() < SHIPPED.perhaps
    assert chances.max() < 1


def test_a_tag_raises_the_chance_and_its_absence_only_lowers_it() -> None:
    def chance(odds: float) -> float:
        tagged = SHIPPED.tagged(COSINES, EVERYDAY, np.full(50, odds, np.float32))
        return float(sigmoid(tagged)[-1])

    assert chance(-4) < chance(0) < chance(3)
    assert SHIPPED.grade(chance(3)) == "matches"
    assert SHIPPED.grade(chance(-4)) != "not here"


def test_the_same_photo_is_always_similar_enough() -> None:
    alike = sigmoid(SHIPPED.likeness(np.array([0.3, 0.6, 0.95], np.float32)))
    assert [SHIPPED.grade(float(each)) for each in alike] == ["perhaps", "perhaps", "matches"]


def test_grades_follow_the_score() -> None:
    grades = [SHIPPED.grade(score) for score in (0, 0.04, 0.05, 0.59, 0.6, 1)]
    assert grades == ["not here", "not here", "perhaps", "perhaps", "matches", "matches"]


def test_a_bundle_brings_its_own_calibration_as_far_as_it_is_sound() -> None:
    told = {
        "search": {"matches": 0.7, "word_margin": 1, "perhaps": math.nan, "names": "many", "x": 1}
    }
    calibration = MatchCalibration.of(told)
    assert calibration.matches == 0.7
    assert calibration.word_margin == 1
    assert (calibration.perhaps, calibration.names) == (SHIPPED.perhaps, SHIPPED.names)
    for settings in ({}, {"search": None}, {"search": [1]}):
        assert MatchCalibration.of(settings) == SHIPPED


def test_more_photos_reach_a_higher_margin_by_chance() -> None:
    assert by_chance(100) < by_chance(10_000)
    assert sigmoid(np.array([-1e9, 0, 1e9], np.float32)).tolist() == pytest.approx([0, 0.5, 1])
