from __future__ import annotations

import numpy as np
import pytest

from ansa.library.storage.quantized_vectors import QuantizedVectors, quantized
from ansa.scene import Vector

DIM = 384


def unit_vectors(count: int, seed: int = 0) -> Vector:
    vectors = np.random.default_rng(seed).standard_normal((count, DIM), np.float32)
    unit: Vector = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def test_cosines_are_those_of_the_whole_vectors_but_for_a_little_rounding() -> None:
    vectors, texts = unit_vectors(1000), unit_vectors(3, seed=1)
    small = QuantizedVectors(quantized(vectors))
    assert np.abs(small @ texts[0] - vectors @ texts[0]).max() < 0.003
    assert np.abs(small @ texts.T - vectors @ texts.T).max() < 0.003
    assert (small @ texts.T).shape == (1000, 3)


def test_a_vector_is_of_unit_length_and_nearest_to_itself() -> None:
    small = QuantizedVectors(quantized(unit_vectors(600)))
    assert np.linalg.norm(small[5]) == pytest.approx(1, abs=1e-5)
    scores = small @ small[5]
    assert scores.argmax() == 5
    assert scores[5] == pytest.approx(1, abs=1e-5)


def test_rows_are_indexed_as_in_numpy() -> None:
    vectors = unit_vectors(700)
    small = QuantizedVectors(quantized(vectors))
    assert len(small) == 700
    assert small.shape == (700, DIM)
    assert small[3].shape == (DIM,)
    for rows in ([1, 699], slice(None, None, 100), np.arange(700) > 690):
        assert np.abs(small[rows] - vectors[rows]).max() < 0.002


def test_blocks_are_joined_in_their_order() -> None:
    vectors = unit_vectors(10)
    small = QuantizedVectors.joined([quantized(vectors[:4]), quantized(vectors[4:])], DIM)
    np.testing.assert_array_equal(small[:], QuantizedVectors(quantized(vectors))[:])


def test_no_vectors_give_no_scores() -> None:
    none = QuantizedVectors.joined([], DIM)
    assert len(none) == 0
    assert (none @ unit_vectors(1)[0]).shape == (0,)
    assert none[::1].shape == (0, DIM)
