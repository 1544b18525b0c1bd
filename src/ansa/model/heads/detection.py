"""The detection reader: the most probable boxes of the network, as objects with labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.model.heads import SignalError, finite, number
from ansa.scene import Object

VERSION = 1
MOST = 1000
"""The largest number of boxes that are read for one photo."""


class DetectionReader:
    """Turns k boxes, shape (k, 6), into objects, most probable first; see :mod:`ansa.model.heads`.

    A row is left, top, right, bottom in 0..1 of the photo, a score in 0..1 and the number of a
    class.

    Settings:
        labels: what the classes are called.
        slope, offset: the probability that a box is right is the logistic function of
            ``slope * logit(score) + offset`` (Platt, 1999).
        overlap: of two boxes of a class whose intersection is more than this share of their union,
            the surer one is kept.
        threshold: probability below which a box is no object.
    """

    def __init__(self, shape: tuple[int, ...], settings: Mapping[str, Any]) -> None:
        if len(shape) != 2 or shape[1] != 6 or shape[0] > MOST:
            raise SignalError(f"boxes have the shape (k, 6), k at most {MOST}, not {shape}")
        labels = settings.get("labels")
        if (
            not isinstance(labels, list)
            or not labels
            or not all(isinstance(x, str) for x in labels)
        ):
            raise SignalError("labels must be a list of names")
        self._shape, self._labels = shape, tuple(labels)
        self._slope = number(settings, "slope", 1e-3, 1e3)
        self._offset = number(settings, "offset", -1e3, 1e3)
        self._overlap = number(settings, "overlap", 0.0, 1.0)
        self.threshold = number(settings, "threshold", 0.0, 1.0)

    def __call__(self, raw: NDArray[Any]) -> tuple[Object, ...]:
        """The objects of one photo, most probable first."""
        return tuple(
            Object(self._labels[int(kind)], float(score), (x0, y0, x1, y1))
            for x0, y0, x1, y1, score, kind in self.boxes(raw).tolist()
            if score >= self.threshold
        )

    def boxes(self, raw: NDArray[Any]) -> NDArray[np.float32]:
        """Boxes (n, 6) with probabilities instead of scores, also those below the threshold.

        Raises:
            SignalError: the numbers are not valid boxes.
        """
        rows = finite(raw, self._shape, "detection")
        scores, kinds = rows[:, 4], rows[:, 5]
        if ((scores < 0) | (scores > 1)).any():
            raise SignalError("a score of the detection is not in 0..1")
        if ((kinds < 0) | (kinds >= len(self._labels)) | (kinds % 1 != 0)).any():
            raise SignalError("a class of the detection has no label")
        corners = rows[:, :4].clip(0.0, 1.0)
        certain = scores.clip(1e-6, 1 - 1e-6).astype(np.float64)
        logits = self._slope * np.log(certain / (1 - certain)) + self._offset
        chances = 0.5 * (1 + np.tanh(0.5 * logits))
        read = np.column_stack([corners, chances, kinds]).astype(np.float32)
        read = read[((corners[:, 2:] - corners[:, :2]) > 0).all(axis=1)]
        read = read[np.argsort(-read[:, 4], kind="stable")]
        kept: NDArray[np.float32] = read[suppress(read[:, :4], read[:, 5], self._overlap)]
        return kept


READER = DetectionReader


def suppress(
    boxes: NDArray[np.float32], kinds: NDArray[np.float32], overlap: float
) -> NDArray[np.intp]:
    """The indices of the boxes that non-maximum suppression keeps.

    Args:
        boxes: shape (n, 4), most probable first.
        kinds: shape (n,), the class of each box.
        overlap: boxes of one class with a larger intersection over union count as one object.
    """
    same = (kinds[:, None] == kinds[None]) & (overlaps(boxes, boxes) > overlap)
    struck = np.zeros(len(boxes), bool)
    for i in range(len(boxes)):
        if not struck[i]:
            struck[i + 1 :] |= same[i, i + 1 :]
    return np.flatnonzero(~struck)


def overlaps(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union, shape (n, m), of boxes (n, 4) and (m, 4); 0 for empty boxes."""
    corner = np.maximum(first[:, None, :2], second[None, :, :2])
    size = (np.minimum(first[:, None, 2:], second[None, :, 2:]) - corner).clip(0)
    shared = size.prod(axis=2)
    areas = ((each[:, 2:] - each[:, :2]).clip(0).prod(axis=1) for each in (first, second))
    one, other = areas
    union = one[:, None] + other[None] - shared
    found: NDArray[np.float32] = shared / np.maximum(union, 1e-12)
    return found
