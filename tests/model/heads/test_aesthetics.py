"""A score becomes its place among the scores of known photos."""

from typing import Any

import numpy as np
import pytest

from ansa.model.heads import SignalError
from ansa.model.heads.aesthetics import AestheticsReader


def read(raw: float, quantiles: Any = (-2.0, 0.0, 1.0)) -> float:
    return AestheticsReader((1,), {"quantiles": list(quantiles)})(np.array([raw], np.float32))


def test_a_photo_gets_the_share_of_photos_that_score_less() -> None:
    assert read(0) == 0.5
    assert read(0.5) == 0.75


def test_it_stays_between_zero_and_one() -> None:
    assert read(-1e30) == 0
    assert read(1e30) == 1


def test_a_score_that_is_not_finite_is_refused() -> None:
    with pytest.raises(SignalError, match="finite"):
        read(float("nan"))


def test_another_shape_is_refused() -> None:
    with pytest.raises(SignalError, match="shape"):
        AestheticsReader((2,), {"quantiles": [0, 1]})


@pytest.mark.parametrize("bad", [[], [1], [1, 1], [2, 1], [0, float("nan")], ["a", "b"], range(99)])
def test_quantiles_that_mean_nothing_are_refused(bad: Any) -> None:
    with pytest.raises(SignalError):
        read(0, bad)


def test_settings_without_quantiles_are_refused() -> None:
    with pytest.raises(SignalError):
        AestheticsReader((1,), {})
