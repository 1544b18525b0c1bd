"""Average precision of boxes as COCO counts it, by COCO's own library."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from ansa.model.heads.detection import overlaps
from ansa_train.data.labels.coco_classes import coco_name
from ansa_train.data.pack import Sample


class BoxPrecision:
    """Average precision of the boxes found in photos, from 0 to 1; NaN where nothing is to find.

    Args:
        samples: the photos, with their boxes.
        found: for each, (n, 6): left, top, right, bottom in 0..1, score, class; at most 100 count.
        labels: what the classes are called.
    """

    def __init__(
        self, samples: Sequence[Sample], found: Sequence[NDArray[Any]], labels: Sequence[str]
    ) -> None:
        number = {label: i + 1 for i, label in enumerate(labels)}
        self._labels = labels
        photos: list[dict[str, int]] = []
        truth: list[dict[str, Any]] = []
        claims: list[dict[str, Any]] = []
        for i, (sample, boxes) in enumerate(zip(samples, found, strict=True), 1):
            # Areas in COCO's size classes would need the photos' sizes in pixels; not reported.
            photos.append({"id": i, "width": 1000, "height": 1000})
            for each in sample.boxes:
                place = _place(each.box)
                truth.append(
                    {
                        "id": len(truth) + 1,
                        "image_id": i,
                        "category_id": number[coco_name(each.label)],
                        "bbox": place,
                        "area": place[2] * place[3],
                        "iscrowd": int(each.crowd),
                    }
                )
            for *box, score, kind in boxes.tolist():
                claim = {"image_id": i, "category_id": int(kind) + 1, "score": score}
                claims.append(claim | {"bbox": _place(box)})
        data = {
            "images": photos,
            "annotations": truth,
            "categories": [{"id": i, "name": label} for label, i in number.items()],
        }
        # (IoU thresholds, recalls, classes); -1 for classes that no photo shows.
        self._precision = np.full((10, 101, len(labels)), -1.0)
        if claims and truth:
            self._precision = _evaluated(data, claims)
        elif truth:
            shown = sorted({note["category_id"] - 1 for note in truth if not note["iscrowd"]})
            self._precision[:, :, shown] = 0.0

    def average(self, classes: Sequence[str] | None = None, overlap: float | None = None) -> float:
        """The mean over the classes that the photos show.

        Args:
            classes: only these.
            overlap: intersection over union from which on a box is right, 0.5 to 0.95; the mean of
                all those if left out.
        """
        which = [i for i, label in enumerate(self._labels) if classes is None or label in classes]
        rows = slice(None) if overlap is None else [round((overlap - 0.5) / 0.05)]
        known = self._precision[rows][:, :, which]
        known = known[known > -1]
        return float(known.mean()) if known.size else float("nan")


def _place(box: Sequence[float]) -> list[float]:
    """Left, top, width, height in thousandths."""
    left, top, right, bottom = box
    return [1000 * x for x in (left, top, right - left, bottom - top)]


def _evaluated(data: Mapping[str, Any], claims: list[dict[str, Any]]) -> NDArray[np.float64]:
    truth = COCO()
    truth.dataset = dict(data)
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(claims), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
    precision: NDArray[np.float64] = evaluation.eval["precision"][:, :, :, 0, 2]
    return precision


def right(found: NDArray[np.float32], truth: NDArray[np.float32]) -> NDArray[np.int8]:
    """Which boxes are right: 1, wrong: 0, or in a crowd, which says nothing: -1.

    Args:
        found: (n, 6) left, top, right, bottom in 0..1, score, class; best first.
        truth: (m, 6) of the same; a crowd's score is 0. Each is found once, with an intersection
            of at least half of the union.
    """
    shared = overlaps(found[:, :4], truth[:, :4])
    shared[found[:, None, 5] != truth[None, :, 5]] = 0
    crowd = truth[:, 4] == 0
    free = ~crowd
    verdict = np.zeros(len(found), np.int8)
    for i, row in enumerate(shared):
        best = int(np.argmax(np.where(free, row, -1))) if free.any() else -1
        if best >= 0 and row[best] >= 0.5:
            verdict[i], free[best] = 1, False
        elif (row[crowd] > 0.2).any():
            verdict[i] = -1
    return verdict
