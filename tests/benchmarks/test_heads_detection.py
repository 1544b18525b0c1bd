"""The table stands a head beside its teacher, by source and by group."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ansa_train.data.labels.coco_classes import LABELS
from ansa_train.data.pack import BoxedObject, Sample
from benchmarks.heads_detection import table

THERE, ELSEWHERE = (0.1, 0.1, 0.5, 0.5), (0.6, 0.6, 0.9, 0.9)


def photo(source: str, *boxes: BoxedObject) -> Sample:
    return Sample("key", source, "test", "photo", (), (), (), Path("none"), 0, 0, boxes=boxes)


def found(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 6)


def test_every_source_and_group_has_its_row() -> None:
    samples = [
        photo("coco", BoxedObject("dog", THERE), BoxedObject("pizza", ELSEWHERE)),
        photo("voc", BoxedObject("sofa", THERE)),
    ]
    dog, couch = LABELS.index("dog"), LABELS.index("couch")
    head = [found((*THERE, 0.9, dog)), found((*THERE, 0.9, couch))]
    teacher = [found(), found((*ELSEWHERE, 0.9, couch))]
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in table(samples, head, teacher)
    ]
    assert [row[:3] for row in rows] == [
        ["coco (1)", "all", "2"],
        ["coco (1)", "animal", "1"],
        ["coco (1)", "food", "1"],
        ["voc (1)", "all", "1"],
        ["voc (1)", "furniture", "1"],
    ]
    values = [[float(cell) for cell in row[3:]] for row in rows]
    assert values[0] == pytest.approx([50, 50, 0, 0])
    assert values[1] == pytest.approx([100, 100, 0, 0])
    assert values[3] == pytest.approx([100, 100, 0, 0])
