from __future__ import annotations

import numpy as np
import pytest

from ansa_train.evaluate.bootstrap import Estimate, Weights, estimate, share


def _accuracy(hits: list[bool]) -> Estimate:
    return estimate(share(hits, np.arange(len(hits)), len(hits)), len(hits))


def _width(figure: Estimate) -> float:
    low, high = figure.interval
    return high - low


def test_the_interval_of_a_share_is_that_of_the_binomial() -> None:
    figure = _accuracy([True] * 120 + [False] * 280)
    assert figure.value == pytest.approx(30.0)
    half = 100 * 1.96 * np.sqrt(0.3 * 0.7 / 400)
    assert figure.interval == pytest.approx((30 - half, 30 + half), abs=0.7)


def test_the_interval_covers_the_truth_about_19_times_of_20() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(100):
        low, high = _accuracy((rng.random(200) < 0.4).tolist()).interval
        covered += low <= 40.0 <= high
    assert 88 <= covered <= 99


def test_four_times_the_photos_halve_the_interval() -> None:
    few, many = (_accuracy(([True] * 3 + [False] * 2) * times) for times in (40, 160))
    assert _width(many) == pytest.approx(_width(few) / 2, rel=0.15)


def test_the_same_photos_give_the_same_interval() -> None:
    assert _accuracy([True, False] * 30).interval == _accuracy([True, False] * 30).interval


def test_captions_of_one_photo_move_together() -> None:
    # Five captions a photo that are right or wrong together say no more than one does.
    hits = np.array([True, False] * 50)
    one = _accuracy(hits.tolist())
    owners = np.repeat(np.arange(100), 5)
    five = estimate(share(np.repeat(hits, 5), owners, 100), 100)
    assert five.value == one.value
    assert five.interval == pytest.approx(one.interval)
    apart = _accuracy(np.repeat(hits, 5).tolist())
    assert _width(apart) < 0.6 * _width(five)


def test_a_difference_on_the_same_photos_is_paired() -> None:
    rng = np.random.default_rng(0)
    first = rng.random(300) < 0.5
    second = first.copy()
    second[np.flatnonzero(~first)[:15]] = True  # right wherever the first is, and 15 times more
    a, b = _accuracy(first.tolist()), _accuracy(second.tolist())
    difference = b.minus(a)
    assert difference.value == pytest.approx(5.0)
    assert difference.interval[0] > 0  # though the two intervals overlap
    assert a.interval[1] > b.interval[0]
    assert b.minus(b).interval == (0.0, 0.0)
    assert b.gain_on(a).value == pytest.approx(100 * (b.value / a.value - 1))


def test_photos_without_queries_do_not_count() -> None:
    figure = estimate(share([True, False], [0, 1], 10), 10)
    assert figure.value == 50.0


def test_no_photos_are_an_error() -> None:
    with pytest.raises(ValueError, match="no photos"):
        estimate(share([], np.array([], int), 0), 0)


def test_a_centred_estimate_lies_around_its_value_and_within_bounds() -> None:
    def flattering(weights: Weights) -> Weights:
        mean: Weights = np.minimum(1.0, 0.9 + 0.1 * (weights[:, 0] > 1))
        return mean

    figure = estimate(flattering, 50, centred=True)
    assert figure.value == pytest.approx(90.0)
    assert figure.drawn.mean() == pytest.approx(90.0, abs=0.1)
    assert figure.drawn.max() <= 100.0
