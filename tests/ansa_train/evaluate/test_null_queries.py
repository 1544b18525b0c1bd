from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Vector
from ansa_train.evaluate.null_queries import good_match_rates


def _unit(x: NDArray[np.float64]) -> Vector:
    unit: Vector = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)
    return unit


def test_names_that_say_what_photos_show_are_told_from_names_that_do_not() -> None:
    rng = np.random.default_rng(0)
    names = _unit(rng.standard_normal((40, 64)))
    shown = rng.integers(0, 20, 300)  # classes 20 to 39 are nowhere
    photos = _unit(names[shown].astype(np.float64) + 0.05 * rng.standard_normal((300, 64)))
    teacher = np.zeros((300, 40), np.float32)
    teacher[np.arange(300), shown] = 1.0
    everyday = _unit(rng.standard_normal((200, 64)))
    rates = good_match_rates(photos, teacher, names, everyday, sizes=(50,), draws=5)["50 photos"]
    assert rates["there, called good"].value == 100.0
    assert rates["not there, called good"].value < 20.0
    again = good_match_rates(photos, teacher, names, everyday, sizes=(50,), draws=5)["50 photos"]
    assert {k: v.interval for k, v in again.items()} == {k: v.interval for k, v in rates.items()}
