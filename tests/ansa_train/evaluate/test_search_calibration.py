"""What the scores of a search mean, fitted to photos of which it is known what they show."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.library.search.relevance import Baseline
from ansa.model.bundle import Bundle
from ansa_train.errors import TrainingError
from ansa_train.evaluate.search_calibration import (
    JudgedPhotos,
    fit_search,
    logistic_regression,
)
from tests.bundles import write_bundle


def test_logistic_regression_finds_the_line_that_drew_the_answers() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4000, 2))
    chance = 1 / (1 + np.exp(-(1.5 * x[:, 0] - 0.8 * x[:, 1] + 0.4)))
    found = logistic_regression(x, (rng.random(4000) < chance).astype(float))
    assert found == pytest.approx([1.5, -0.8, 0.4], abs=0.2)


def test_logistic_regression_stays_finite_where_nothing_is_ever_wrong() -> None:
    x = np.array([[-1.0], [1.0]] * 20)
    found = logistic_regression(x, np.array([0.0, 1.0] * 20))
    assert np.isfinite(found).all()
    assert found[0] > 1


def photos(bundle: Bundle, count: int) -> JudgedPhotos:
    """Photos whose vectors lie near one of some words, which are what they show."""
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names = [f"thing {number}" for number in range(12)]
    shows = {name: set(range(place, count, 12)) for place, name in enumerate(names)}
    tags = [{names[row % 12]: 0.9} for row in range(count)]
    everyday = Baseline(np.zeros(count, np.float32), np.ones(count, np.float32))
    return JudgedPhotos(vectors, everyday, tags, shows, [("a red photo",)] * count)


def test_a_tag_that_is_right_raises_the_chance(tmp_path_factory: pytest.TempPathFactory) -> None:
    bundle = Bundle.open(write_bundle(tmp_path_factory.mktemp("bundle")))
    fitted = fit_search(bundle, photos(bundle, 120))
    assert fitted["tag_odds"] > 0.5
    assert all(np.isfinite(value) for value in fitted.values())


def test_too_few_photos_are_refused_with_what_is_needed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    bundle = Bundle.open(write_bundle(tmp_path_factory.mktemp("bundle")))
    with pytest.raises(TrainingError, match="at least 10 and 20"):
        fit_search(bundle, photos(bundle, 12))
