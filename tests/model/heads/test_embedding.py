"""Numbers that are no embedding never leave the signal's own file."""

import numpy as np
import pytest

from ansa.model.heads import SignalError
from ansa.model.heads.embedding import embedding


def test_unit_rows_pass_as_float32() -> None:
    vectors = embedding(np.eye(3, dtype=np.float64), 3)
    assert vectors.dtype == np.float32
    assert vectors.flags.c_contiguous
    np.testing.assert_array_equal(vectors, np.eye(3))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_number_that_is_not_finite_is_refused(bad: float) -> None:
    raw = np.eye(3, dtype=np.float32)
    raw[2, 0] = bad
    with pytest.raises(SignalError, match="finite"):
        embedding(raw, 3)


@pytest.mark.parametrize("length", [0.0, 0.99, 1.01, 1e30])
def test_another_length_than_one_is_refused(length: float) -> None:
    with pytest.raises(SignalError, match="unit length"):
        embedding(np.array([[length, 0]], np.float32), 2)


@pytest.mark.parametrize("shape", [(3,), (1, 2), (1, 4), (1, 1, 3)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(SignalError, match="shape"):
        embedding(np.ones(shape, np.float32), 3)
