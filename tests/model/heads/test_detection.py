from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ansa.model.heads import SignalError
from ansa.model.heads.detection import DetectionReader, overlaps, suppress

SETTINGS: dict[str, Any] = {
    "labels": ["person", "dog"],
    "slope": 1.0,
    "offset": 0.0,
    "overlap": 0.5,
    "threshold": 0.5,
}


def raw(*rows: tuple[float, ...], k: int = 6) -> np.ndarray:
    """Boxes as a network gives them: always so many, the rest of them unlikely."""
    some = [*rows, *[(0.0, 0.0, 0.1, 0.1, 0.001, 0.0)] * (k - len(rows))]
    return np.array(some, np.float32)


def read(values: np.ndarray, **changed: Any) -> Any:
    return DetectionReader(values.shape, SETTINGS | changed)(values)


def test_objects_come_surest_first_with_their_names() -> None:
    person, dog = (0.1, 0.2, 0.4, 0.9, 0.7, 0), (0.5, 0.5, 0.9, 0.9, 0.8, 1)
    first, second = read(raw(person, dog))
    assert (first.label, second.label) == ("dog", "person")
    assert first.score == pytest.approx(0.8, abs=1e-4)
    assert second.box == pytest.approx((0.1, 0.2, 0.4, 0.9))


def test_one_object_found_twice_is_one_but_not_of_two_classes() -> None:
    twice = raw(
        (0.1, 0.1, 0.5, 0.5, 0.9, 0), (0.11, 0.1, 0.5, 0.5, 0.8, 0), (0.1, 0.1, 0.5, 0.5, 0.7, 1)
    )
    assert [each.label for each in read(twice)] == ["person", "dog"]


def test_scores_are_calibrated_before_the_threshold() -> None:
    one = raw((0.1, 0.1, 0.5, 0.5, 0.3, 0))
    assert read(one) == ()
    (found,) = read(one, slope=1.0, offset=2.0)
    assert found.score == pytest.approx(1 / (1 + np.exp(-(np.log(0.3 / 0.7) + 2))), abs=1e-4)


def test_boxes_are_cut_to_the_photo_and_empty_ones_are_none() -> None:
    values = raw(
        (-0.5, -0.1, 0.5, 1.5, 0.9, 0), (1.2, 0.1, 1.5, 0.5, 0.9, 1), (0.5, 0.5, 0.4, 0.6, 0.9, 1)
    )
    (found,) = read(values)
    assert found.box == (0.0, 0.0, 0.5, 1.0)


@pytest.mark.parametrize("score", [-0.1, 1.1, np.nan, np.inf])
def test_a_score_that_means_nothing_is_refused(score: float) -> None:
    with pytest.raises(SignalError):
        read(raw((0.1, 0.1, 0.5, 0.5, score, 0)))


@pytest.mark.parametrize("kind", [-1, 2, 0.5, 1e30])
def test_a_class_without_a_name_is_refused(kind: float) -> None:
    with pytest.raises(SignalError, match="no label"):
        read(raw((0.1, 0.1, 0.5, 0.5, 0.9, kind)))


@pytest.mark.parametrize("shape", [(6,), (10, 5), (1001, 6), (2, 10, 6)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(SignalError, match="shape"):
        DetectionReader(shape, SETTINGS)


@pytest.mark.parametrize(
    "changed",
    [
        {"labels": None},
        {"labels": []},
        {"labels": ["a", 1]},
        {"slope": 0.0},
        {"slope": "1"},
        {"slope": True},
        {"offset": float("nan")},
        {"offset": 1e300},
        {"overlap": 1.5},
        {"threshold": -1},
        {"threshold": None},
    ],
)
def test_hostile_settings_are_refused_by_name(changed: dict[str, Any]) -> None:
    (name,) = changed
    with pytest.raises(SignalError, match=name):
        DetectionReader((6, 6), SETTINGS | changed)


@settings(max_examples=60, deadline=None)
@given(arrays(np.float32, (20, 6), elements=st.floats(-10, 10, width=32)))
def test_whatever_a_network_gives_is_sane_or_refused(values: np.ndarray) -> None:
    try:
        found = read(values, threshold=0.0)
    except SignalError:
        return
    for each in found:
        x0, y0, x1, y1 = each.box
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1
        assert 0 <= each.score <= 1


def test_the_overlap_of_two_boxes_is_the_share_of_their_union() -> None:
    boxes = np.array([[0, 0, 0.5, 1], [0.25, 0, 0.75, 1], [0.5, 0, 1, 1], [0.2, 0.2, 0.2, 0.2]])
    shared = overlaps(boxes.astype(np.float32), boxes.astype(np.float32))
    assert shared[0] == pytest.approx([1, 1 / 3, 0, 0], abs=1e-6)
    assert shared[3, 3] == 0


def test_what_is_struck_out_strikes_out_nothing() -> None:
    chain = np.array([[0, 0, 1, 1], [0.3, 0, 1.3, 1], [0.6, 0, 1.6, 1]], np.float32)
    assert suppress(chain, np.zeros(3, np.float32), 0.5).tolist() == [0, 2]
