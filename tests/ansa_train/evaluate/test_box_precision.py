from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ansa_train.data.labels.coco_classes import LABELS
from ansa_train.data.pack import BoxedObject, Sample
from ansa_train.evaluate.box_precision import BoxPrecision, right


def sample(*boxes: BoxedObject) -> Sample:
    return Sample("key", "coco", "test", "photo", (), (), (), Path("none"), 0, 0, boxes=boxes)


def rows(*some: Sequence[float]) -> np.ndarray:
    return np.array(some, np.float32).reshape(-1, 6)


DOG, CAT = LABELS.index("dog"), LABELS.index("cat")
THERE = (0.1, 0.1, 0.5, 0.5)
ELSEWHERE = (0.6, 0.6, 0.9, 0.9)


def test_boxes_where_they_should_be_are_perfect() -> None:
    photo = sample(BoxedObject("dog", THERE), BoxedObject("sofa", ELSEWHERE))
    found = rows((*THERE, 0.9, DOG), (*ELSEWHERE, 0.8, LABELS.index("couch")))
    precision = BoxPrecision([photo], [found], LABELS)
    assert precision.average() == pytest.approx(1)
    assert precision.average(["dog"], overlap=0.5) == pytest.approx(1)
    assert math.isnan(precision.average(["zebra"]))


def test_a_miss_and_another_class_cost_and_a_loose_box_costs_some() -> None:
    photo = sample(BoxedObject("dog", THERE), BoxedObject("cat", ELSEWHERE))
    loose = (0.1, 0.1, 0.5, 0.62)
    precision = BoxPrecision([photo], [rows((*loose, 0.9, DOG))], LABELS)
    assert precision.average(["cat"]) == 0
    assert precision.average(["dog"], overlap=0.5) == pytest.approx(1)
    assert precision.average(["dog"], overlap=0.9) == 0
    assert precision.average(overlap=0.5) == pytest.approx(0.5)


def test_nothing_found_is_zero_and_nothing_to_find_is_unknown() -> None:
    assert BoxPrecision([sample(BoxedObject("dog", THERE))], [rows()], LABELS).average() == 0
    assert math.isnan(BoxPrecision([sample()], [rows((*THERE, 0.9, DOG))], LABELS).average())


def test_a_crowd_is_neither_found_nor_missed() -> None:
    crowd = BoxedObject("dog", (0.0, 0.0, 1.0, 1.0), crowd=True)
    photo = sample(BoxedObject("dog", THERE), crowd)
    found = rows((*THERE, 0.5, DOG), (*ELSEWHERE, 0.9, DOG))
    assert BoxPrecision([photo], [found], LABELS).average() == pytest.approx(1)


def test_each_object_is_found_once() -> None:
    truth = rows((*THERE, 1, DOG), (0, 0, 1, 1, 0, CAT))
    found = rows(
        (*THERE, 0.9, DOG), (*THERE, 0.8, DOG), (*THERE, 0.7, CAT), (0, 0, 0.9, 0.9, 0.6, CAT)
    )
    assert right(found, truth).tolist() == [1, 0, 0, -1]
    assert right(found, rows()).tolist() == [0, 0, 0, 0]
    assert right(rows(), truth).tolist() == []
