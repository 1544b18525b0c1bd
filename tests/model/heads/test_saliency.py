"""A saliency map is finite, within 0..1 and of the stated shape, or it is an error."""

import numpy as np
import pytest

from ansa.model.heads import SignalError, reader
from ansa.model.heads.saliency import SaliencyReader


def test_probabilities_pass_as_float32() -> None:
    raw = np.random.default_rng(0).random((4, 6))
    read = reader("saliency", 1, (4, 6), {})(raw)
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, raw, rtol=1e-6)


def test_rounding_beyond_the_ends_is_cut_off() -> None:
    read = SaliencyReader((1, 2), {})(np.array([[-1e-4, 1 + 1e-4]], np.float32))
    np.testing.assert_array_equal(read, [[0, 1]])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -0.5, 1.5, 1e30])
def test_numbers_that_mean_nothing_are_refused(bad: float) -> None:
    raw = np.zeros((4, 4), np.float32)
    raw[1, 2] = bad
    with pytest.raises(SignalError, match="saliency map"):
        SaliencyReader((4, 4), {})(raw)


def test_another_shape_than_the_stated_is_refused() -> None:
    with pytest.raises(SignalError, match="shape"):
        SaliencyReader((4, 4), {})(np.zeros((4, 5), np.float32))


@pytest.mark.parametrize("shape", [(4,), (1, 4, 4), (0, 4), (4, 10**6)])
def test_a_bundle_whose_shape_is_no_map_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(SignalError, match="height and width"):
        SaliencyReader(shape, {})
