"""A tag is sure where it is nearly always right, as far as dev photos can tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ansa_train.heads.tag_calibration import thresholds
from ansa_train.heads.tag_targets import TagSettings

WANTED = TagSettings(precision=0.95, likely=0.8, strict=0.9, support=8.0)


def calibrated(photos: int, tags: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Probabilities, and truths that are as often so as they say."""
    rng = np.random.default_rng(0)
    scores = rng.beta(0.3, 0.6, (photos, tags))
    return scores, (rng.random((photos, tags)) < scores).astype(float)


def found(
    scores: NDArray[np.float64], target: NDArray[np.float64], weight: NDArray[np.float64]
) -> list[float]:
    return thresholds(scores, target, weight, WANTED, np.ones(scores.shape[1], bool))


def test_a_tag_that_few_photos_show_is_sure_where_tags_like_it_are() -> None:
    scores, target = calibrated(2000, 12)
    weight = np.ones_like(scores)
    weight[:, 0] = 0
    scores[:6, 0], target[:6, 0], weight[:6, 0] = 0.99, 1, 1  # seven times seen, always right
    assert found(scores, target, weight)[0] < 0.99


def test_a_tag_that_no_photo_shows_follows_all_others() -> None:
    scores, target = calibrated(2000, 12)
    weight = np.ones_like(scores)
    weight[:, 0] = 0
    unseen, *others = found(scores, target, weight)
    assert WANTED.strict <= unseen < 1
    assert abs(unseen - np.median(others)) < 0.05


def test_a_tag_that_is_often_wrong_is_sure_of_hardly_any_photo() -> None:
    scores, target = calibrated(2000, 12)
    target[:, 0] = np.random.default_rng(1).random(2000) < 0.5
    assert (scores[:, 0] >= found(scores, target, np.ones_like(scores))[0]).mean() < 0.005


def test_sure_tags_are_right_as_often_as_promised() -> None:
    scores, target = calibrated(4000, 12)
    limits = np.array(found(scores, target, np.ones_like(scores)))
    fresh = np.random.default_rng(2).random(scores.shape) < scores
    assert fresh[scores >= limits].mean() > 0.94


def test_where_nothing_is_known_nothing_is_sure() -> None:
    scores = np.full((4, 2), 0.99)
    assert found(scores, np.ones_like(scores), np.zeros_like(scores)) == [1, 1]
