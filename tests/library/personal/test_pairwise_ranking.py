"""An order learned from pairs agrees with pairs it has not seen, and says when it does not."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.library.personal.pairwise_ranking import learn_order


def test_what_makes_photos_better_is_found_and_measured() -> None:
    rng = np.random.default_rng(0)
    features = rng.standard_normal((80, 6))
    level = np.sign(np.round(features[:, 2] * 2)).astype(np.intp)
    made = learn_order(features, level, np.arange(80), features[:, 0])
    assert np.argmax(np.abs(made.weights)) == 2
    assert made.agreement is not None
    assert made.usual is not None
    assert made.agreement > 0.9
    assert 0.3 < made.usual < 0.7
    assert made.pairs > 50


def test_chance_is_measured_as_chance() -> None:
    rng = np.random.default_rng(1)
    features, level = rng.standard_normal((200, 30)), rng.integers(0, 2, 200)
    made = learn_order(features, level, np.arange(200), features[:, 0])
    assert made.agreement is not None
    assert 0.4 < made.agreement < 0.6


def test_one_scene_cannot_vouch_for_itself() -> None:
    features = np.random.default_rng(2).standard_normal((10, 3))
    made = learn_order(features, np.array([1] * 5 + [0] * 5), np.zeros(10, np.intp), features[:, 0])
    assert (made.agreement, made.pairs) == (None, 0)


def test_photos_of_one_level_are_no_order() -> None:
    with pytest.raises(ValueError, match="two levels"):
        learn_order(np.ones((4, 2)), np.zeros(4, np.intp), np.arange(4), np.zeros(4))


def test_the_same_pairs_give_the_same_to_the_bit() -> None:
    rng = np.random.default_rng(3)
    features, level = rng.standard_normal((120, 5)), rng.integers(-1, 2, 120)
    first, again = (learn_order(features, level, np.arange(120), features[:, 0]) for _ in range(2))
    np.testing.assert_array_equal(first.weights, again.weights)
    assert first.agreement == again.agreement
