"""The face teacher YuNet (Wu et al., "A Tiny Millisecond-level Face Detector", 2023)."""

from __future__ import annotations

import numpy as np
import onnxruntime
from PIL import Image

from ansa.model.heads.detection import suppress
from ansa_train.pretrained import fetch
from ansa_train.teachers.teacher_cache import Found

SIZE = 640
STRIDES = (8, 16, 32)
OVERLAP = 0.3
"""Faces that overlap more than this (intersection over union) are one."""


class YuNet:
    """Finds faces in an RGB photo, all of class 0.

    Raises:
        TrainingError: the network cannot be fetched, or is not the one that is known.
    """

    NAME = "yunet"

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # callers run several of them at a time
        options.log_severity_level = 3  # it names weights that nothing reads
        self._session = onnxruntime.InferenceSession(
            fetch("yunet"), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, photo: Image.Image, least: float = 0.3) -> Found:
        """At most 100 faces (n, 6) with a score of at least ``least``, 0..1; best first."""
        longer = max(photo.size)
        width, height = (max(1, round(side * SIZE / longer)) for side in photo.size)
        square = Image.new("RGB", (SIZE, SIZE))
        square.paste(photo.resize((width, height), Image.Resampling.BILINEAR))
        bgr = np.asarray(square, np.float32)[:, :, ::-1].transpose(2, 0, 1)[np.newaxis]
        names = [f"{what}_{stride}" for stride in STRIDES for what in ("cls", "obj", "bbox")]
        given = [value[0] for value in self._session.run(names, {"input": bgr})]
        rows = []
        for stride, class_, there, place in zip(
            STRIDES, given[::3], given[1::3], given[2::3], strict=True
        ):
            score = np.sqrt(class_.clip(0, 1) * there.clip(0, 1))[:, 0]
            (where,) = np.nonzero(score >= least)
            side = SIZE // stride
            cell = np.stack([where % side, where // side], axis=1)
            centre, half = cell + place[where, :2], np.exp(place[where, 2:]) / 2
            corners = np.concatenate([centre - half, centre + half], axis=1) * stride
            rows.append(np.column_stack([corners, score[where], np.zeros(len(where))]))
        found = np.concatenate(rows).astype(np.float32)
        found[:, :4] = (found[:, :4] / [width, height, width, height]).clip(0, 1)
        found = found[np.argsort(-found[:, 4], kind="stable")[:1000]]
        return found[suppress(found[:, :4], found[:, 5], OVERLAP)[:100]]
