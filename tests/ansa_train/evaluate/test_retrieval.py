from __future__ import annotations

import numpy as np
import pytest

from ansa.scene import Vector
from ansa_train.evaluate.retrieval import recall, recall_estimates


def _unit(rows: list[list[float]]) -> Vector:
    array = np.array(rows, np.float32)
    unit: Vector = array / np.linalg.norm(array, axis=1, keepdims=True)
    return unit


def test_perfect_vectors_find_everything() -> None:
    photos = np.eye(12, dtype=np.float32)
    owners = np.repeat(np.arange(12), 2)
    assert set(recall(photos, photos[owners], owners).values()) == {100.0}


def test_ranks_set_by_hand_are_counted_right() -> None:
    # The caption of photo r is nearest to r other photos first: its rank is r, of 12.
    photos = np.eye(12, dtype=np.float32)
    texts = np.zeros((12, 12), np.float32)
    for r in range(12):
        texts[r, :r] = 0.9  # the r photos that come before
        texts[r, r] = 0.5
    found = recall(photos, texts, np.arange(12))
    assert found["t2i_r1"] == pytest.approx(100 * 1 / 12)
    assert found["t2i_r5"] == pytest.approx(100 * 5 / 12)
    assert found["t2i_r10"] == pytest.approx(100 * 10 / 12)
    # Photo p loses to the captions p + 1 and later, 11 - p of them.
    assert found["i2t_r1"] == pytest.approx(100 * 1 / 12)
    assert found["i2t_r5"] == pytest.approx(100 * 5 / 12)
    assert found["i2t_r10"] == pytest.approx(100 * 10 / 12)


def test_ties_count_against_the_model() -> None:
    same = np.full((20, 4), 0.5, np.float32)  # everything is equally near to everything
    assert set(recall(same, same, np.arange(20)).values()) == {0.0}


def test_a_photo_is_found_by_the_best_of_its_captions() -> None:
    photos = _unit([[1, 0], [0, 1]])
    texts = _unit([[1, 0.1], [0.1, 1], [0.2, 1]])  # the second describes photo 0, but badly
    found = recall(photos, texts, np.array([0, 0, 1]))
    assert found["i2t_r1"] == 50.0  # photo 1 is nearer to photo 0's second caption
    assert found["t2i_r1"] == pytest.approx(200 / 3)


def test_photos_without_captions_are_hard_to_tell_from_but_no_queries() -> None:
    photos = _unit([[1, 0], [1, 0.01], [0, 1]])
    found = recall(photos, _unit([[1, 0.01], [0, 1]]), np.array([0, 2]))
    assert found["t2i_r1"] == 50.0
    assert found["i2t_r1"] == 100.0


def test_the_estimates_are_of_the_same_recall() -> None:
    rng = np.random.default_rng(0)
    photos = _unit(rng.normal(size=(40, 8)).tolist())
    owners = np.repeat(np.arange(40), 3)
    texts = _unit((photos[owners] + 0.4 * rng.normal(size=(120, 8))).tolist())
    exact = recall(photos, texts, owners)
    found = recall_estimates(photos, texts, owners)
    assert [figure.value for figure in found.values()] == pytest.approx(list(exact.values()))
    for figure in found.values():
        low, high = figure.interval
        assert low <= figure.value <= high
