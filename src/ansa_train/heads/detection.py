"""Detection: objects of the 80 classes of COCO and faces, from two teachers and drawn boxes."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from ansa_train.losses.task_alignment import box_loss, places, score_loss, targets
from ansa_train.models.feature_pyramid import Detector, Likeliest
from ansa_train.teachers.nanodet import NanoDet
from ansa_train.teachers.teacher_cache import Found, boxes_of
from ansa_train.teachers.yunet import YuNet

CLASSES = (*LABELS, "face")

JUDGES = ("coco", "voc")
"""Sources whose every object is boxed. Nothing is learned from them: they judge the teacher and the
head."""

TINY = 8 / 224
"""Objects whose longest side is less cannot be told at 224 px."""

OPINION = 0.15
FACE = 0.5
"""Scores from which on the teachers' boxes count."""


@dataclass(frozen=True, slots=True)
class DetectionSettings:
    """Settings of the detection head.

    Attributes:
        photos: how many training photos of each source are learned from.
        width: channels of the pyramid.
        mixes: layers that each grid has to itself, finest first.
        context: numbers that sum up the whole photo.
        looks: pictures made of the training photos.
        k: boxes given for a photo.
        overlap: of two boxes of a class beyond which they are one, in the reader.
        precision: share of right boxes from the threshold on, on dev photos.
        box_weight: of the loss of boxes beside that of scores.
    """

    photos: Mapping[str, int] = field(default_factory=dict)
    width: int = 112
    mixes: tuple[int, ...] = (1, 2, 2)
    context: int = 128
    looks: int = 10_000
    k: int = 150
    overlap: float = 0.6
    precision: float = 0.5
    box_weight: float = 2.0


class DetectionHead(Head[DetectionSettings]):
    """The head that finds objects of 80 classes and faces, with boxes."""

    BRANCHES = ("features", "stride8", "stride16", "stride32")
    SETTINGS = DetectionSettings
    PARTS = ("nanodet", "yunet")

    def pictures(self, split: Split) -> Pictures:
        """Looks at training photos; the photos with drawn boxes, as they are, of the others."""
        return self._looks if split == "train" else WholePhotos(self.boxed(split))

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """An untrained :class:`~ansa_train.models.feature_pyramid.Detector`."""
        made = self.settings
        return Detector(shapes, made.width, len(CLASSES), made.mixes, made.context)

    def loss(
        self, outputs: list[tuple[Tensor, Tensor]], rows: Sequence[int], network: nn.Module
    ) -> dict[str, Tensor]:
        """Losses of scores and of boxes at the places that find an object best."""
        known = [self._looks.known(row) for row in rows]
        for each in known:
            each[(each[:, 2:4] - each[:, :2]).max(axis=1, initial=0) < TINY, 4] = 0
        logits = torch.cat([given.flatten(2) for given, _ in outputs], 2)
        boxes = torch.cat([where.flatten(2) for _, where in outputs], 2)
        grids = places([given.shape[-1] for given, _ in outputs])
        wanted = targets(known, logits, boxes, *grids)
        found = wanted.weight.sum().clamp(min=1.0)
        return {
            "scores": score_loss(logits, wanted) / found,
            "boxes": self.settings.box_weight * box_loss(boxes, wanted) / found,
        }

    def exported(self, network: nn.Module) -> nn.Module:
        """The detector that gives only its likeliest boxes, (n, k, 6)."""
        return Likeliest(network, self.settings.k)

    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """Platt's scaling (1999) of the scores to whether a box is right, and the threshold."""
        settings = {
            "labels": list(CLASSES),
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
        """Average precision on COCO's and VOC's photos, and precision and recall of shown boxes."""
        assert isinstance(read, DetectionReader)
        samples, metrics = self.boxed(split), {}
        found = [read.boxes(each) for each in raw]
        for source in JUDGES:
            rows = [i for i, sample in enumerate(samples) if sample.source == source]
            precision = BoxPrecision([samples[i] for i in rows], [found[i] for i in rows], CLASSES)
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
        """The judges' photos; as none is learned from, those of "train" count as dev."""
        samples = read_pack(self.place.data, ["train", "dev"] if split == "dev" else [split])
        return [sample for sample in samples if sample.source in JUDGES and sample.boxes]

    def taught(self) -> list[Sample]:
        """The training photos that are learned from; sources that are not there are named."""
        samples = read_pack(self.place.data, ["train"])
        taught = []
        for source, count in self.settings.photos.items():
            photos = [s for s in samples if s.source == source and s.kind == "photo"]
            if not photos:
                print(f"{self.place.data} holds no training photos of {source}; it is left out")
            photos.sort(key=lambda s: zlib.crc32(s.key.encode()))  # sorted by key is by class
            taught += photos[:count]
        return taught

    def opinions(self, samples: Sequence[Sample], least: float = OPINION) -> dict[str, Found]:
        """What NanoDet sees in photos, by their keys; kept on disk."""
        file = self.place.cache / f"{NanoDet.NAME}-{least:g}.jsonl"
        return boxes_of(samples, file, NanoDet, least)

    @cached_property
    def _looks(self) -> Mosaics:
        taught, judges = self.taught(), self.boxed("dev")
        opinions = self.opinions(judges + taught)
        # Its scores as chances that it is right, where there is somebody to ask.
        line = odds_line(*self._judged(judges, [opinions[sample.key] for sample in judges]))
        people = [sample for sample in taught if (opinions[sample.key][:, 5] == 0).any()]
        faces = boxes_of(people, self.place.cache / f"{YuNet.NAME}-{FACE:g}.jsonl", YuNet, FACE)
        known = []
        for sample in taught:
            guess = opinions[sample.key].copy()
            guess[:, 4] = _chance(guess[:, 4], *line)
            face = faces.get(sample.key, guess[:0]).copy()
            face[:, 5] = CLASSES.index("face")
            known.append(np.concatenate([_best(sample, guess), face]))
        count = self.settings.looks if taught else 0
        return Mosaics(taught, known, rarity(known), count, self.place.seed)

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


def _best(sample: Sample, guess: Known) -> Known:
    """What people drew of the classes that they drew all of, and the teacher's guess of others."""
    sure = [CLASSES.index(name) for name in map(coco_name, sample.boxed) if name in CLASSES]
    if not sample.boxes or not sure:
        return guess
    drawn = _drawn(sample)
    return np.concatenate([drawn[np.isin(drawn[:, 5], sure)], guess[~np.isin(guess[:, 5], sure)]])


def _drawn(sample: Sample) -> Known:
    """What people drew of the classes that are known here; a crowd is not to be learned from."""
    rows = [
        (*each.box, 0.0 if each.crowd else 1.0, CLASSES.index(coco_name(each.label)))
        for each in sample.boxes
        if coco_name(each.label) in CLASSES
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
