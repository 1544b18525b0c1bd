from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.model.heads import SignalError
from ansa.model.heads.fingerprint import (
    MAX_BYTES,
    FingerprintReader,
    similarities,
    similarity,
    vectors,
)

SETTINGS = {"scale": 0.25, "threshold": 0.7}


def prints(count: int, dim: int = 128, seed: int = 0) -> list[bytes]:
    read = FingerprintReader((dim,), SETTINGS)
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return [read(row / np.linalg.norm(row)) for row in rows]


def test_a_print_has_at_most_64_bytes() -> None:
    assert len(prints(1)[0]) == MAX_BYTES == 64
    with pytest.raises(SignalError, match="2 to 128 numbers"):
        FingerprintReader((130,), SETTINGS)


def test_equal_prints_have_similarity_one_and_opposite_ones_minus_one() -> None:
    row = np.random.default_rng(1).normal(size=128).astype(np.float32) / 11
    read = FingerprintReader((128,), SETTINGS)
    assert similarity(read(row), read(row)) == pytest.approx(1)
    assert similarity(read(row), read(-row)) == pytest.approx(-1, abs=0.01)


def test_few_levels_keep_the_similarity_of_the_vectors() -> None:
    rng = np.random.default_rng(2)
    read = FingerprintReader((128,), SETTINGS)
    for wanted in (0.2, 0.7, 0.95):
        one, noise = rng.normal(size=(2, 128)) / np.sqrt(128)
        other = wanted * one + np.sqrt(1 - wanted**2) * noise
        true = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
        assert similarity(read(one), read(other)) == pytest.approx(true, abs=0.03)


def test_many_prints_compare_with_one_as_each_does() -> None:
    one, *many = prints(6)
    table = np.frombuffer(b"".join(many), np.uint8).reshape(5, -1)
    each = [similarity(one, other) for other in many]
    assert similarities(table, one).tolist() == pytest.approx(each, abs=1e-6)
    assert np.linalg.norm(vectors(table), axis=1) == pytest.approx(np.ones(5))


def test_prints_of_other_heads_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="64 and 8 bytes"):
        similarity(prints(1, 16)[0], prints(1)[0])


@given(st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=8, max_size=8))
def test_any_finite_output_is_a_print(values: list[float]) -> None:
    print_ = FingerprintReader((8,), SETTINGS)(np.array(values, np.float32))
    assert len(print_) == 4
    assert similarity(print_, print_) == pytest.approx(1)


@pytest.mark.parametrize("bad", [np.full(8, np.nan), np.zeros(9), np.zeros((1, 8))])
def test_an_output_that_means_nothing_is_refused(bad: Any) -> None:
    with pytest.raises(SignalError):
        FingerprintReader((8,), SETTINGS)(bad.astype(np.float32))


@pytest.mark.parametrize("shape", [(), (0,), (7,), (8, 8), (10**9,)])
def test_a_shape_that_is_no_print_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(SignalError):
        FingerprintReader(shape, SETTINGS)


@pytest.mark.parametrize("name", ["scale", "threshold"])
@pytest.mark.parametrize("value", [None, "1", True, float("nan"), float("inf"), -2, [1]])
def test_settings_that_mean_nothing_are_refused(name: str, value: Any) -> None:
    with pytest.raises(SignalError, match=name):
        FingerprintReader((8,), SETTINGS | {name: value})
