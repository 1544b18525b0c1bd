from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.library.storage.vectors import best, pack, stack
from ansa.scene import Vector


def unit(n: int, dim: int = 16) -> Vector:
    rows = np.random.default_rng(0).normal(size=(n, dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def test_vectors_come_back_with_unit_length_and_hardly_changed() -> None:
    rows = unit(10_000)
    back = stack([pack(row, 16) for row in rows], 16)
    assert back.dtype == np.float32
    assert np.abs(np.linalg.norm(back, axis=1) - 1).max() < 1e-6
    assert np.abs(back - rows).max() < 1e-3


@pytest.mark.parametrize(
    "vector", [np.full(16, np.nan), np.full(16, np.inf), np.zeros(16), np.ones(16), np.ones(4) / 2]
)
def test_what_is_no_unit_vector_of_the_right_length_is_refused(
    vector: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    with pytest.raises(ValueError, match="the network gave a vector"):
        pack(vector.astype(np.float32), 16)


def test_a_stored_vector_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="not of 16 numbers"):
        stack([bytes(8)], 16)


def test_no_vectors_are_an_empty_matrix() -> None:
    assert stack([], 16).shape == (0, 16)


@given(st.lists(st.integers(0, 9), min_size=1), st.integers(1, 12))
def test_the_best_are_the_highest_and_all_that_tie_with_the_last(
    scores: list[int], limit: int
) -> None:
    chosen = best(np.array(scores, np.float32), limit)
    kept = sorted((scores[row] for row in chosen), reverse=True)
    last = sorted(scores, reverse=True)[:limit][-1]
    assert kept == sorted((score for score in scores if score >= last), reverse=True)
