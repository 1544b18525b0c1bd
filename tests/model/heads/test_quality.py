"""Strengths of faults come out in their ranges, or not at all."""

from typing import Any

import numpy as np
import pytest

from ansa.model.heads import SignalError
from ansa.model.heads.quality import NAMES, QualityReader, overall
from ansa.scene import Quality

WEIGHTS = dict.fromkeys(NAMES, 0.5)


def settings(**changed: Any) -> dict[str, Any]:
    curves: dict[str, Any] = {name: [[-1.0, 1.0], [-1.0, 1.0]] for name in NAMES}
    curves["tilt"] = [[-1.0, 1.0], [-20.0, 20.0]]
    return {"curves": curves, "weights": WEIGHTS, "steepest": 20.0} | changed


def read(*raw: float, **changed: Any) -> Quality:
    return QualityReader((6,), settings(**changed))(np.array(raw, np.float32))


def test_a_flawless_photo_has_an_overall_quality_of_one() -> None:
    assert read(0, 0, 0, 0, 0, 0) == Quality(0, 0, 0, 0, 0, 0, 1.0)


def test_each_output_is_the_strength_that_its_curve_says() -> None:
    quality = read(0.5, 0.25, 0, 0.75, -0.5, 0.5)
    assert (quality.defocus_blur, quality.motion_blur, quality.compression_artifacts) == (
        0.5,
        0.25,
        0.75,
    )
    assert (quality.exposure, quality.tilt) == (-0.5, 10.0)


def test_a_bundle_that_calls_faults_as_before_is_read_as_well() -> None:
    former = {"defocus_blur": "focus", "motion_blur": "motion"}
    former |= {"compression_artifacts": "compression"}
    said = settings()
    for table in ("curves", "weights"):
        said[table] = {former.get(name, name): value for name, value in said[table].items()}
    raw = np.array([0.5, 0.25, 0, 0.75, -0.5, 0.5], np.float32)
    assert QualityReader((6,), said)(raw) == read(*raw)


def test_whatever_the_network_gives_the_strengths_stay_in_their_ranges() -> None:
    for raw in (1e30, -1e30):
        quality = read(*[raw] * 6)
        for name in ("defocus_blur", "motion_blur", "noise", "compression_artifacts", "overall"):
            assert 0 <= getattr(quality, name) <= 1
        assert abs(quality.exposure) == 1
        assert abs(quality.tilt) == 20


def test_more_of_any_fault_never_makes_a_photo_better() -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        one = dict(zip(NAMES, rng.uniform(-1, 1, 6), strict=True))
        worse = {name: strength * 1.2 for name, strength in one.items()}
        assert overall(worse, WEIGHTS, 1.0) <= overall(one, WEIGHTS, 1.0)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(SignalError, match="finite"):
        read(0, bad, 0, 0, 0, 0)


@pytest.mark.parametrize("shape", [(5,), (6, 1), ()])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(SignalError, match="shape"):
        QualityReader(shape, settings())


@pytest.mark.parametrize(
    "changed",
    [
        {"curves": None},
        {"curves": {}},
        {"curves": settings()["curves"] | {"noise": [[0, 1], [1, 0]]}},
        {"curves": settings()["curves"] | {"noise": [[0, 1], [0, float("nan")]]}},
        {"curves": settings()["curves"] | {"noise": [[0, 1], [0, 1, 2]]}},
        {"curves": settings()["curves"] | {"noise": ["ab", "cd"]}},
        {"curves": settings()["curves"] | {"noise": [[0], [0]]}},
        {"curves": settings()["curves"] | {"noise": [list(range(99)), list(range(99))]}},
        {"weights": {**WEIGHTS, "tilt": 1.5}},
        {"weights": {**WEIGHTS, "tilt": True}},
        {"steepest": 0},
        {"steepest": None},
    ],
)
def test_settings_that_mean_nothing_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(SignalError):
        QualityReader((6,), settings(**changed))
