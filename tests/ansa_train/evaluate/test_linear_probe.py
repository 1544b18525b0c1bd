from __future__ import annotations

import numpy as np
import pytest

from ansa_train.evaluate.linear_probe import cross_predict, predict
from ansa_train.evaluate.task import EvaluationError


def test_classes_that_a_line_tells_apart_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    labels = rng.choice(["cat", "dog", "sun"], 150)
    x = rng.normal(size=(150, 8))
    x[:, 0] += 6 * (labels == "cat")
    x[:, 1] += 6 * (labels == "dog")
    assert (predict(x[:100], labels[:100], x[100:]) == labels[100:]).mean() > 0.95
    assert (cross_predict(x, labels) == labels).mean() > 0.95


def test_labels_that_have_nothing_to_do_with_the_features_are_guessed() -> None:
    rng = np.random.default_rng(0)
    labels, x = rng.choice(["cat", "dog"], 200), rng.normal(size=(200, 50))
    assert 0.3 < (cross_predict(x, labels) == labels).mean() < 0.7  # nobody tells its own answer


def test_two_photos_a_class_are_enough_and_one_class_is_not() -> None:
    x = np.array([[0.0, 1], [0, 2], [5, 1], [5, 2]])
    assert predict(x, np.array(["a", "a", "b", "b"]), x).tolist() == ["a", "a", "b", "b"]
    with pytest.raises(EvaluationError, match="two classes"):
        predict(x, np.array(["a"] * 4), x)
