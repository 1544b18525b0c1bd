from __future__ import annotations

import numpy as np
import pytest

from ansa_train.slicing.gaps import slice_figure
from ansa_train.slicing.photo_metrics import PhotoMetric


def measured(right: np.ndarray) -> PhotoMetric:
    return PhotoMetric("hits", right.astype(np.float32), np.ones(len(right), np.float32))


def test_a_slice_that_is_worse_within_its_sources_is_behind() -> None:
    rng = np.random.default_rng(0)
    member = np.tile([1, 0], 200).astype(np.int8)
    right = rng.random(400) < np.where(member == 1, 0.4, 0.8)
    figure = slice_figure(measured(right), member, ["a", "a", "b", "b"] * 100)
    assert figure is not None
    assert figure.gap is not None
    assert figure.behind
    assert -55 < figure.gap.value < -25
    assert figure.photos == 200


def test_a_slice_is_not_blamed_for_the_sources_it_is_from() -> None:
    """Most of the slice is from a hard source; within each source it is as good as the rest."""
    rng = np.random.default_rng(1)
    hard = np.arange(600) < 300
    member = (rng.random(600) < np.where(hard, 0.8, 0.2)).astype(np.int8)
    right = rng.random(600) < np.where(hard, 0.3, 0.9)
    figure = slice_figure(measured(right), member, np.where(hard, "hard", "easy").tolist())
    assert figure is not None
    assert figure.gap is not None
    inside, outside = right[member == 1].mean(), right[member == 0].mean()
    assert inside < outside - 0.2  # compared with all the rest it would look far behind
    assert not figure.behind
    assert abs(figure.gap.value) < 12
    assert figure.rest is not None
    assert figure.gap.value == pytest.approx(figure.value.value - figure.rest.value)


def test_a_figure_is_of_the_photos_that_can_be_compared() -> None:
    """Of the slice, half are from a source that is all in it."""
    member = np.array([1] * 40 + [0] * 40 + [1] * 40, np.int8)
    right = np.array([True] * 80 + [False] * 40)
    figure = slice_figure(measured(right), member, ["a"] * 80 + ["b"] * 40)
    assert figure is not None
    assert (figure.photos, figure.value.value) == (40, 100.0)


def test_photos_of_which_a_condition_is_unknown_count_on_neither_side() -> None:
    member = np.array([1] * 50 + [0] * 50 + [-1] * 50, np.int8)
    right = np.array([True] * 50 + [True] * 50 + [False] * 50)
    figure = slice_figure(measured(right), member, ["a"] * 150)
    assert figure is not None
    assert figure.rest is not None
    assert (figure.value.value, figure.rest.value) == (100.0, 100.0)


def test_too_few_photos_have_no_figure_and_a_source_of_one_kind_no_gap() -> None:
    member = np.array([1] * 10 + [0] * 90, np.int8)
    assert slice_figure(measured(member == 0), member, ["a"] * 100) is None
    half = np.array([1] * 50 + [0] * 50, np.int8)
    apart = slice_figure(measured(half == 0), half, ["a"] * 50 + ["b"] * 50)
    assert apart is not None
    assert (apart.rest, apart.gap, apart.behind) == (None, None, False)
