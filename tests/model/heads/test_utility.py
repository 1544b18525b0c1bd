"""Logits become one kind with a probability, or nothing."""

from typing import Any

import numpy as np
import pytest

from ansa.model.heads import SignalError
from ansa.model.heads.utility import UtilityReader
from ansa.scene import Utility


def settings(**changed: Any) -> dict[str, Any]:
    known = {"kinds": ["photo", "receipt", "code"], "temperature": 1.0, "threshold": 0.8}
    return known | changed


def read(*raw: float, **changed: Any) -> Utility:
    return UtilityReader((3,), settings(**changed))(np.array(raw, np.float32))


def test_the_likeliest_kind_is_named_and_the_scores_sum_to_one() -> None:
    utility = read(0, 3, 1)
    assert utility.kind == "receipt"
    assert list(utility.scores) == ["photo", "receipt", "code"]
    assert sum(utility.scores.values()) == pytest.approx(1)
    assert utility.score == utility.scores["receipt"] == max(utility.scores.values())


def test_a_kind_is_sure_from_the_threshold_on() -> None:
    assert read(0, 3, 0).sure
    assert not read(0, 1, 0).sure
    assert read(0, 1, 0, threshold=0.5).sure


def test_a_higher_temperature_makes_scores_more_modest_and_changes_no_kind() -> None:
    hot, cold = read(0, 3, 1, temperature=3.0), read(0, 3, 1)
    assert hot.kind == cold.kind
    assert hot.score < cold.score


def test_huge_logits_give_scores_all_the_same() -> None:
    utility = read(-3e38, 3e38, 0)
    assert utility.scores == {"photo": 0.0, "receipt": 1.0, "code": 0.0}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(SignalError, match="finite"):
        read(0, bad, 0)


@pytest.mark.parametrize("shape", [(2,), (3, 1), ()])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(SignalError, match="shape"):
        UtilityReader(shape, settings())
    with pytest.raises(SignalError, match="shape"):
        UtilityReader((3,), settings())(np.zeros(shape, np.float32))


@pytest.mark.parametrize(
    "changed",
    [
        {"kinds": None},
        {"kinds": "abc"},
        {"kinds": ["photo"]},
        {"kinds": ["photo", "photo", "code"]},
        {"kinds": ["photo", "", "code"]},
        {"kinds": ["photo", 3, "code"]},
        {"kinds": ["photo", "x" * 1000, "code"]},
        {"kinds": [str(i) for i in range(1000)]},
        {"temperature": 0},
        {"temperature": float("nan")},
        {"temperature": "1"},
        {"threshold": 1.5},
        {"threshold": None},
        {"threshold": True},
    ],
)
def test_settings_that_mean_nothing_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(SignalError, match=r"settings|utility"):
        UtilityReader((3,), settings(**changed))
