"""What the detection teacher sees in photos: boxes of the 80 classes of COCO, kept on disk.

NanoDet (https://github.com/RangiLyu/nanodet) at 416 px, after Generalized Focal Loss (Li et al.,
2020): at each place of three grids a score for every class, and for each side of the box a
distribution over its distance from there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from ansa.model.heads.detection import suppress
from ansa_train.data.pack import Sample
from ansa_train.models.feature_taps import processors
from ansa_train.pretrained import fetch
from ansa_train.teachers.tfjs import onnx_from_tfjs

SIZE = 416
MEAN = np.array([103.53, 116.28, 123.675], np.float32)
DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)
"""Of BGR."""
OVERLAP = 0.6
"""Boxes of one class that overlap more than this (intersection over union) are one."""

AT_A_TIME = 64
"""Photos at most that an interruption loses."""

Found = NDArray[np.float32]
"""(n, 6): left, top, right, bottom in 0..1 of the photo, score in 0..1, class; best first."""


class NanoDet:
    """RGB photo -> what it shows."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # callers run several of them at a time
        model = onnx_from_tfjs(fetch("nanodet")).SerializeToString()
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, photo: Image.Image, least: float = 0.05) -> Found:
        """See the class; without what scores less than ``least``, at most 100 boxes."""
        longer = max(photo.size)
        width, height = (max(1, round(side * SIZE / longer)) for side in photo.size)
        left, top = (SIZE - width) // 2, (SIZE - height) // 2
        # The whole photo between black bars, as the network was taught; squashed, it finds less.
        square = Image.new("RGB", (SIZE, SIZE))
        square.paste(photo.resize((width, height), Image.Resampling.BILINEAR), (left, top))
        bgr = (np.asarray(square, np.float32)[:, :, ::-1] - MEAN) / DEVIATION
        given = self._session.run(None, {"input_1": bgr.transpose(2, 0, 1)[np.newaxis]})
        found = decode([value[0] for value in given], least)
        for low, high, start, side in ((0, 2, left, width), (1, 3, top, height)):
            found[:, [low, high]] = (found[:, [low, high]] * SIZE - start) / side
        found[:, :4] = found[:, :4].clip(0, 1)
        return found


def decode(given: Sequence[NDArray[np.float32]], least: float) -> Found:
    """Boxes from the network's outputs.

    Args:
        given: for each grid, in any order, scores (cells, classes) and distributions (cells, 4 k)
            of the distances to the left, top, right and bottom in cells, 0 to k - 1, as logits.
        least: score below which nothing is a box.
    """
    by_cells: dict[int, list[NDArray[np.float32]]] = {}
    for value in sorted(given, key=lambda value: -value.shape[1]):  # scores are the wider ones
        by_cells.setdefault(len(value), []).append(value)
    rows = []
    for cells, (scores, distributions) in by_cells.items():
        side = round(cells**0.5)
        where, kind = np.nonzero(scores >= least)
        logits = distributions.reshape(cells, 4, -1)[where]
        weights = np.exp(logits - logits.max(axis=2, keepdims=True))
        weights /= weights.sum(axis=2, keepdims=True)
        reach = weights @ np.arange(weights.shape[2], dtype=np.float32) / side
        centre = (np.stack([where % side, where // side], axis=1) + 0.5) / side
        corners = np.concatenate([centre - reach[:, :2], centre + reach[:, 2:]], axis=1)
        rows.append(np.column_stack([corners.clip(0, 1), scores[where, kind], kind]))
    found = np.concatenate(rows).astype(np.float32)
    found = found[np.argsort(-found[:, 4], kind="stable")[:1000]]
    return found[suppress(found[:, :4], found[:, 5], OVERLAP)[:100]]


def boxes_of(samples: Sequence[Sample], folder: Path, least: float = 0.2) -> dict[str, Found]:
    """What the teacher sees in photos, by their keys.

    It looks at the first call, about 10 photos a second and core; stopped at any time, the next
    call goes on.

    Args:
        samples: the photos.
        folder: where what it saw is kept, one line a photo.
        least: score below which nothing is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"nanodet-{least:g}.jsonl"
    known = _read(file)
    missing = [sample for sample in samples if sample.key not in known]
    if missing:
        teacher = NanoDet()
        with ThreadPoolExecutor(processors()) as threads, file.open("a", encoding="utf-8") as out:
            shown = tqdm(total=len(missing), disable=not sys.stderr.isatty(), unit="photos")
            for start in range(0, len(missing), AT_A_TIME):
                some = missing[start : start + AT_A_TIME]
                for sample, found in zip(
                    some, threads.map(lambda s: teacher(s.read(), least), some), strict=True
                ):
                    boxes = [[round(x, 4) for x in row] for row in found.tolist()]
                    out.write(json.dumps({"key": sample.key, "boxes": boxes}) + "\n")
                out.flush()
                shown.update(len(some))
            shown.close()
        known = _read(file)
    return {sample.key: known[sample.key] for sample in samples}


def _read(file: Path) -> dict[str, Found]:
    """What is known; what an interruption cut short is taken out of the file."""
    if not file.exists():
        return {}
    data = file.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        file.write_bytes(whole)
    notes = (json.loads(line) for line in whole.splitlines())
    return {n["key"]: np.array(n["boxes"], np.float32).reshape(-1, 6) for n in notes}
