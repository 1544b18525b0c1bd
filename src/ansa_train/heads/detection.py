"""Detection: objects of the 80 classes of COCO, from drawn boxes and a detector's opinion."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ansa.model.heads.detection import DetectionReader
from ansa_train.data.augment.mosaic import Known, Mosaics
from ansa_train.data.labels.coco_classes import LABELS, coco_name
from ansa_train.data.pack import Sample, Split, read_pack
from ansa_train.data.pictures import Pictures, WholePhotos
from ansa_train.evaluate.box_precision import BoxPrecision, right
from ansa_train.evaluate.calibration import platt
from ansa_train.heads.base import Head, Read
from ansa_train.losses.centernet import Grid, box_loss, heat_loss, targets
from ansa_train.models.feature_pyramid import Detector, Peaks
from ansa_train.teachers.nanodet import boxes_of

PHOTOS = {
    "flickr8k": 6000,
    "pets": 300,
    "caltech101": 1500,
    "pacs": 200,
    "scenes6": 200,
    "clothing": 150,
    "weather": 100,
}
"""How many training photos of each source the teacher looks at: everyday ones, and many kinds."""

GRIDS = ((32, 0.0, 0.28), (16, 0.19, 0.56), (8, 0.44, 1.0))
"""Cells of each grid along a side, and the longest sides of the objects that it is for."""

TINY = 8 / 256
"""Objects whose longest side is less cannot be told at 256 px."""


@dataclass(frozen=True, slots=True)
class DetectionSettings:
    """Of the head.

    Attributes:
        width: channels of the pyramid.
        mixes: layers that each grid has to itself.
        looks: pictures made of the training photos.
        photos: share of :data:`PHOTOS` that the teacher looks at, 0..1.
        k: boxes given for a photo.
        overlap: of two boxes of a class beyond which they are one, in the reader.
        precision: share of right boxes from the threshold on, on dev photos.
        box_weight: of the loss of boxes beside that of centres.
    """

    width: int = 80
    mixes: int = 2
    looks: int = 10_000
    photos: float = 1.0
    k: int = 100
    overlap: float = 0.55
    precision: float = 0.5
    box_weight: float = 2.0


class DetectionHead(Head[DetectionSettings]):
    """See the module."""

    BRANCHES = ("features", "stride8", "stride16", "stride32")
    SETTINGS = DetectionSettings
    PARTS = ("nanodet",)

    def pictures(self, split: Split) -> Pictures:
        """Looks at training photos; the photos with drawn boxes, as they are, of the others."""
        return self._looks if split == "train" else WholePhotos(self.boxed(split))

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """See the base."""
        return Detector(shapes, self.settings.width, len(LABELS), self.settings.mixes)

    def loss(
        self, outputs: list[tuple[Tensor, Tensor]], rows: Sequence[int], network: nn.Module
    ) -> dict[str, Tensor]:
        """See the base."""
        known = [self._looks.known(row) for row in rows]
        for each in known:
            each[(each[:, 2:4] - each[:, :2]).max(axis=1, initial=0) < TINY, 4] = 0
        centres, boxes = torch.zeros(()), torch.zeros(())
        for (_, least, most), (logits, where) in zip(GRIDS, outputs, strict=True):
            wanted = targets(known, Grid(logits.shape[-1], least, most), len(LABELS))
            centres = centres + heat_loss(logits, wanted)
            boxes = boxes + box_loss(where, wanted)
        objects = max(1.0, float(sum(each[:, 4].sum() for each in known)))
        return {"centres": centres / objects, "boxes": self.settings.box_weight * boxes / objects}

    def exported(self, network: nn.Module) -> nn.Module:
        """See the base."""
        return Peaks(network, self.settings.k)

    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """Platt's scaling (1999) of the scores to whether a box is right, and the threshold."""
        settings = {
            "labels": list(LABELS),
            "slope": 1.0,
            "offset": 0.0,
            "overlap": self.settings.overlap,
            "threshold": 0.0,
        }
        read = DetectionReader(raw.shape[1:], settings)
        scores, truth = self._judged(self.boxed("dev"), [read.boxes(each) for each in raw])
        if not 0 < truth.sum() < len(truth):
            return settings | {"threshold": 0.5}  # nothing to learn from
        slope, offset = odds_line(scores, truth)
        order = np.argsort(-scores, kind="stable")
        precise = np.cumsum(truth[order]) / np.arange(1, len(order) + 1)
        enough = np.flatnonzero(precise >= self.settings.precision)
        last = order[enough[-1]] if len(enough) else order[0]
        threshold = _chance(scores[[last]], slope, offset)[0]
        # A little less, as the reader computes in other precision.
        return settings | {
            "slope": slope,
            "offset": offset,
            "threshold": float(threshold) * (1 - 1e-6),
        }

    def measure(self, raw: NDArray[Any], read: Read, split: Split) -> dict[str, float]:
        """Average precision on COCO's and VOC's photos, and what users see of it."""
        assert isinstance(read, DetectionReader)
        samples, metrics = self.boxed(split), {}
        found = [read.boxes(each) for each in raw]
        for source in ("coco", "voc"):
            rows = [i for i, sample in enumerate(samples) if sample.source == source]
            precision = BoxPrecision([samples[i] for i in rows], [found[i] for i in rows], LABELS)
            metrics[f"{source}_ap"] = precision.average()
            metrics[f"{source}_ap50"] = precision.average(overlap=0.5)
            shown = [found[i][found[i][:, 4] >= read.threshold] for i in rows]
            _, truth = self._judged([samples[i] for i in rows], shown)
            there = sum(not box.crowd for i in rows for box in samples[i].boxes)
            metrics[f"{source}_shown_precision"] = (
                truth.sum() / len(truth) if len(truth) else np.nan
            )
            metrics[f"{source}_shown_recall"] = truth.sum() / there if there else np.nan
        return {name: float(value) for name, value in metrics.items() if np.isfinite(value)}

    def boxed(self, split: Split) -> list[Sample]:
        """The photos whose every object has a box drawn around it."""
        samples = read_pack(self.place.data, [split])
        return [sample for sample in samples if sample.source in ("coco", "voc") and sample.boxes]

    def taught(self) -> list[Sample]:
        """The training photos that the teacher looks at."""
        samples = read_pack(self.place.data, ["train"])
        taught = []
        for source, count in PHOTOS.items():
            photos = [s for s in samples if s.source == source and s.kind == "photo"]
            photos.sort(key=lambda s: zlib.crc32(s.key.encode()))  # sorted by key is by class
            taught += photos[: round(count * self.settings.photos)]
        return taught

    @cached_property
    def _looks(self) -> Mosaics:
        drawn, taught = self.boxed("train"), self.taught()
        opinions = boxes_of(drawn + taught, self.place.cache)
        # Its scores as chances that it is right, where there is somebody to ask.
        line = odds_line(*self._judged(drawn, [opinions[sample.key] for sample in drawn]))
        known = [_drawn(sample) for sample in drawn]
        for sample in taught:
            guess = opinions[sample.key].copy()
            guess[:, 4] = _chance(guess[:, 4], *line)
            known.append(guess)
        return Mosaics(drawn + taught, known, rarity(known), self.settings.looks, self.place.seed)

    def _judged(
        self, samples: Sequence[Sample], found: Sequence[NDArray[np.float32]]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Scores of all boxes that were found, and whether each is right."""
        scores, truth = [np.zeros(0, np.float32)], [np.zeros(0, bool)]
        for sample, boxes in zip(samples, found, strict=True):
            verdict = right(boxes, _drawn(sample))
            scores.append(boxes[verdict >= 0, 4])
            truth.append(verdict[verdict >= 0] == 1)
        return np.concatenate(scores), np.concatenate(truth)


def _drawn(sample: Sample) -> Known:
    """What people drew; a crowd is not to be learned from."""
    rows = [
        (*each.box, 0.0 if each.crowd else 1.0, LABELS.index(coco_name(each.label)))
        for each in sample.boxes
    ]
    return np.array(rows, np.float32).reshape(-1, 6)


def odds_line(scores: NDArray[np.float32], truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset from a score's logit to that of being right; 1 and 0 if nothing tells."""
    if not 0 < truth.sum() < len(truth):
        return 1.0, 0.0
    return platt(_logit(scores), truth.astype(np.float64), np.ones(len(truth)), (1.0, 0.0), 1.0)


def _logit(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    certain = scores.astype(np.float64).clip(1e-6, 1 - 1e-6)
    logits: NDArray[np.float64] = np.log(certain / (1 - certain))
    return logits


def _chance(scores: NDArray[np.float32], slope: float, offset: float) -> NDArray[np.float64]:
    chance: NDArray[np.float64] = 1 / (1 + np.exp(-(slope * _logit(scores) + offset)))
    return chance


def rarity(known: Sequence[Known]) -> list[float]:
    """How often each photo is to be drawn: by its rarest class (Gupta et al., "LVIS", 2019)."""
    kinds = [set(each[each[:, 4] > 0.5, 5].astype(int).tolist()) for each in known]
    photos = Counter(kind for some in kinds for kind in some)
    rare = [max((photos[kind] ** -0.5 for kind in some), default=0.0) for some in kinds]
    least = min((weight for weight in rare if weight), default=1.0)
    return [weight or 0.5 * least for weight in rare]


HEAD = DetectionHead
