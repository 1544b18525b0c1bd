"""The detection teacher NanoDet-Plus: boxes of COCO's 80 classes.

NanoDet-Plus-m (https://github.com/RangiLyu/nanodet) at 416 px, after Generalized Focal Loss (Li et
al., 2020): at each place of four grids a score for every class, and for each side of the box a
distribution over its distance from there.
"""

from __future__ import annotations

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from ansa.model.heads.detection import suppress
from ansa_train.pretrained import fetch
from ansa_train.teachers.ncnn import onnx_from_ncnn
from ansa_train.teachers.teacher_cache import Found

SIZE = 416
STRIDES = (8, 16, 32, 64)
CLASSES = 80
MEAN = np.array([103.53, 116.28, 123.675], np.float32)
DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)
"""Of BGR."""
OVERLAP = 0.6
"""Boxes of one class that overlap more than this (intersection over union) are one."""


class NanoDet:
    """Finds boxes of objects in an RGB photo.

    Raises:
        TrainingError: the network cannot be fetched, or is not the one that is known.
    """

    NAME = "nanodet-plus"

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # callers run several of them at a time
        model = onnx_from_ncnn(fetch("nanodet"), (3, SIZE, SIZE)).SerializeToString()
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, photo: Image.Image, least: float = 0.05) -> Found:
        """At most 100 boxes (n, 6) with a score of at least ``least``, 0..1; best first."""
        square = photo.resize((SIZE, SIZE), Image.Resampling.BILINEAR)  # as it was taught
        bgr = (np.asarray(square, np.float32)[:, :, ::-1] - MEAN) / DEVIATION
        (given,) = self._session.run(None, {"data": bgr.transpose(2, 0, 1)[np.newaxis]})
        return decode(given[0], least)


def decode(given: NDArray[np.float32], least: float) -> Found:
    """Decodes the network's output to boxes.

    Args:
        given: (places, classes + 4 k): of each place of the grids, the finest first, the scores,
            and distributions of the distances to the left, top, right and bottom in cells, 0 to
            k - 1, as logits.
        least: score below which nothing is a box.
    """
    where, kind = np.nonzero(given[:, :CLASSES] >= least)
    if not len(where):
        return np.zeros((0, 6), np.float32)
    logits = given[where, CLASSES:].reshape(len(where), 4, -1)
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    reach = weights @ np.arange(weights.shape[2], dtype=np.float32)
    centres, strides = (each[where] for each in _places())
    reach *= strides[:, None]
    corners = np.concatenate([centres - reach[:, :2], centres + reach[:, 2:]], axis=1) / SIZE
    found = np.column_stack([corners.clip(0, 1), given[where, kind], kind]).astype(np.float32)
    found = found[np.argsort(-found[:, 4], kind="stable")[:1000]]
    return found[suppress(found[:, :4], found[:, 5], OVERLAP)[:100]]


def _places() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Upper left corner of each place, in pixels, and its stride."""
    corners, strides = [], []
    for stride in STRIDES:
        side = -(-SIZE // stride)
        y, x = np.mgrid[:side, :side].reshape(2, -1) * stride
        corners.append(np.stack([x, y], axis=1))
        strides.append(np.full(side * side, stride))
    return np.concatenate(corners).astype(np.float32), np.concatenate(strides).astype(np.float32)
