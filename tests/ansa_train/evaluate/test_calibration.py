"""Calibration recovers what is true of made scores, and few photos change little."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ansa_train.evaluate.calibration import calibration_error, offset_for, platt, threshold_at

RNG = np.random.default_rng(0)


def logistic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    chances: NDArray[np.float64] = 1 / (1 + np.exp(-x))
    return chances


def test_scores_that_are_too_bold_are_made_honest() -> None:
    logits = RNG.normal(0, 4, 4000)
    truth = (RNG.random(4000) < logistic(0.5 * logits - 1)).astype(float)
    slope, offset = platt(logits, truth, np.ones(4000), (1.0, 0.0), 10.0)
    assert slope == pytest.approx(0.5, abs=0.1)
    assert offset == pytest.approx(-1, abs=0.15)
    honest = calibration_error(logistic(slope * logits + offset), truth)
    assert honest < 0.03 < calibration_error(logistic(logits), truth)


def test_without_evidence_the_prior_stands() -> None:
    logits = RNG.normal(size=50)
    assert platt(logits, np.ones(50), np.zeros(50), (0.7, -2.0), 20.0) == pytest.approx((0.7, -2.0))


def test_one_photo_moves_the_prior_less_than_many() -> None:
    moved = [
        abs(platt(np.ones(n), np.ones(n), np.ones(n), (1.0, -4.0), 20.0)[1] + 4.0)
        for n in (1, 10, 100)
    ]
    assert moved == sorted(moved)
    assert moved[0] < 0.5


def test_scores_that_rank_backwards_never_turn_round() -> None:
    logits = np.linspace(-3, 3, 100)
    slope, _ = platt(logits, (logits < 0).astype(float), np.ones(100), (1.0, 0.0), 1.0)
    assert slope > 0


def test_a_threshold_keeps_the_precision_and_more_is_never_marked() -> None:
    scores = np.linspace(1, 0, 100)
    truth = np.zeros(100)
    truth[:40] = 1
    found = threshold_at(scores, truth, np.ones(100), 0.7, 5)
    assert found is not None
    marked = scores >= found
    assert truth[marked].mean() >= 0.7
    assert 50 < marked.sum() < 58


def test_equal_scores_are_marked_together() -> None:
    assert threshold_at(np.ones(10), np.eye(10)[0], np.ones(10), 0.5, 1) is None


@pytest.mark.parametrize("least", [11, 1000])
def test_too_few_positives_make_no_threshold(least: float) -> None:
    assert threshold_at(np.arange(10.0), np.ones(10), np.ones(10), 0.5, least) is None


def test_unknown_photos_say_nothing() -> None:
    scores, truth = np.array([0.9, 0.8, 0.7, 0.6]), np.array([0.0, 1, 1, 1])
    weight = np.array([0.0, 1, 1, 1])
    assert threshold_at(scores, truth, weight, 0.7, 1) == pytest.approx(0.6)


def test_what_is_seldom_becomes_as_seldom_as_it_is() -> None:
    logits = RNG.normal(-3, 3, 5000)
    assert logistic(logits + offset_for(logits, 0.002)).mean() == pytest.approx(0.002, rel=0.01)
    assert offset_for(logits, 0.9) == pytest.approx(0, abs=1e-6)


def test_no_scores_have_no_error() -> None:
    assert calibration_error(np.zeros(0), np.zeros(0)) == 0
