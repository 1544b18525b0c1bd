"""Utility: photo, receipt, document, screenshot, code, meme, drawing or blank; one linear layer.

Pictures of one source look alike, so what counts is measured on sources that the head has learned
nothing from, neither weights nor calibration: see :data:`HELD_OUT`.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from torch import Tensor, nn

from ansa_train.data.labels.utility_classes import KINDS
from ansa_train.data.pack import Split, read_pack
from ansa_train.data.synthetic.utility_pictures import DRAWN, UtilityPictures
from ansa_train.heads.base import Head, HeadContext, Read

HELD_OUT = (
    *("coco", "pets", "voc", "weather"),
    *("receipts", "codes", "memes", "phones"),
    *("kicad-doc-en", "debian-handbook", "gnome-user-docs", "caltech101 cartoons"),
)
"""Sources to report on. Receipts, codes and memes are then learned from drawn ones alone."""

DRAWN_WITH = ("clothing", "flickr8k", "pacs photo")
"""Whose photos go into drawn pictures to learn from; for those to report on, see TESTED_WITH."""

TESTED_WITH = "voc"

PHOTOS = 0.3
"""Share of photos in a batch; the other kinds have equal parts of the rest. Scores mean it so."""

SHARES = (PHOTOS, *[(1 - PHOTOS) / (len(KINDS) - 1)] * (len(KINDS) - 1))
"""Of each kind."""

CALLED = 0.005
"""Share of dev photos that may be called something else and sure; half of what the bar allows."""


@dataclass(frozen=True, slots=True)
class UtilitySettings:
    """Of the head.

    Attributes:
        held_out: sources that nothing is learned from.
        drawn: how many pictures of each kind are drawn to learn from.
        most: how many pictures of a source are taken at most.
        dropout: share of the inputs that is hidden in training.
    """

    held_out: tuple[str, ...] = HELD_OUT
    drawn: int = 500
    most: int = 400
    dropout: float = 0.2


class UtilityNetwork(nn.Module):
    """Embedding and maps of two strides -> (n, kinds) logits: one linear layer.

    Beside what the picture means, what it looks like: mean, deviation and maximum of each channel
    of the maps, which know print, flat colour and sharp edges. All is standardised as in training.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], dropout: float) -> None:
        super().__init__()
        meaning, eight, sixteen = (shapes[name][0] for name in UtilityHead.BRANCHES)
        inputs = meaning + 3 * (eight + sixteen)
        self.norm = nn.BatchNorm1d(inputs, affine=False)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(inputs, len(KINDS))

    def forward(self, features: Tensor, stride8: Tensor, stride16: Tensor) -> Tensor:
        """See the class."""
        inputs = torch.cat([features, _pooled(stride8), _pooled(stride16)], 1)
        logits: Tensor = self.linear(self.dropout(self.norm(inputs)))
        return logits


def _pooled(x: Tensor) -> Tensor:
    """Mean, deviation and maximum of each channel, (n, c, h, w) -> (n, 3 c)."""
    mean = x.mean((2, 3))
    deviation = ((x * x).mean((2, 3)) - mean * mean).clamp(min=1e-6).sqrt()
    return torch.cat([mean, deviation, x.amax((2, 3))], 1)


class UtilityHead(Head[UtilitySettings]):
    """See the module."""

    BRANCHES = ("features", "stride8", "stride16")
    SETTINGS = UtilitySettings

    def __init__(self, place: HeadContext, settings: UtilitySettings) -> None:
        super().__init__(place, settings)
        self._pictures: dict[Split, UtilityPictures] = {}
        self._rows: dict[int, list[int]] = {}

    def pictures(self, split: Split) -> UtilityPictures:
        """Those of all sources, held out or not, so that every choice shares one cache."""
        if split not in self._pictures:
            everything: list[Split] = ["train", "dev", "test"]
            samples = read_pack(self.place.data, everything if split == "test" else [split])
            with_ = (TESTED_WITH,) if split == "test" else DRAWN_WITH
            drawn, most = self.settings.drawn, self.settings.most
            if split == "dev":
                drawn, most = max(1, drawn // 5), max(1, most // 4)
            elif split == "test":
                drawn = max(1, drawn // 5)
            self._pictures[split] = UtilityPictures(samples, split, drawn, most, with_)
        return self._pictures[split]

    def learned(self, split: Split) -> NDArray[np.bool_]:
        """Which pictures are of sources that are not held out."""
        return np.array(
            [i.source not in self.settings.held_out for i in self.pictures(split).items]
        )

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """See the class :class:`UtilityNetwork`."""
        return UtilityNetwork(shapes, self.settings.dropout)

    def batch(self, pictures: int, size: int, rng: random.Random) -> Sequence[int]:
        """Photos and each other kind in fixed shares."""
        if not self._rows:
            rows = defaultdict(list)
            learned, targets = self.learned("train"), self.pictures("train").targets
            for row, (kind, use) in enumerate(zip(targets, learned, strict=True)):
                if use:
                    rows[int(kind)].append(row)
            self._rows = dict(rows)
        kinds = list(self._rows)
        shares = [SHARES[kind] for kind in kinds]
        return [rng.choice(self._rows[kind]) for kind in rng.choices(kinds, shares, k=size)]

    def loss(self, outputs: Tensor, rows: Sequence[int], network: nn.Module) -> dict[str, Tensor]:
        """Cross-entropy."""
        targets = torch.from_numpy(self.pictures("train").targets[list(rows)])
        return {"kind": nn.functional.cross_entropy(outputs, targets)}

    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """A temperature (Guo et al., 2017), and the score from which on so few photos mislead."""
        learned = self.learned("dev")
        raw, targets = raw[learned].astype(np.float64), self.pictures("dev").targets[learned]
        temperature = fit_temperature(raw, targets)
        scores = np.exp(log_softmax(raw / temperature, 1))
        wrong = scores[targets == 0][:, 1:].max(1, initial=0.0)
        wrong = wrong[scores[targets == 0].argmax(1) != 0]
        return {
            "kinds": list(KINDS),
            "temperature": temperature,
            "threshold": threshold(wrong, round(CALLED * int((targets == 0).sum()))),
        }

    def measure(self, raw: NDArray[Any], read: Read, split: Split) -> dict[str, float]:
        """How good it is on sources that it learned nothing from.

        ``recall_KIND`` is the mean over the kind's sources, drawn pictures counting only where
        there are no real ones, and ``balanced_accuracy`` the mean over kinds.
        ``photos_called_utility`` is the share of photos that are called something else and sure,
        ``photos_unsure_called_utility`` that of all called something else. ``ece`` is the expected
        calibration error of the score in ten bins, pictures weighted to the shares of learning.
        """
        pictures = self.pictures(split)
        signals = [read(each) for each in raw]
        found = np.array([KINDS.index(signal.kind) for signal in signals])
        sure = np.array([signal.sure for signal in signals])
        scores = np.array([signal.score for signal in signals])
        right = found == pictures.targets
        judged = self.judged(split)
        recalls, weights = {}, np.zeros(len(right))
        for number, kind in enumerate(KINDS):
            sources = [np.array(rows) for (k, _), rows in judged.items() if k == kind]
            for rows in sources:
                weights[rows] = SHARES[number] / len(sources) / len(rows)
            if sources:
                recalls[kind] = float(np.mean([right[rows].mean() for rows in sources]))
        photos = [row for (kind, _), rows in judged.items() if kind == "photo" for row in rows]
        called = (found != 0)[photos]
        return {
            "balanced_accuracy": float(np.mean(list(recalls.values()))),
            "photos_called_utility": float((called & sure[photos]).mean()),
            "photos_unsure_called_utility": float(called.mean()),
            "ece": calibration_error(scores, right, weights),
            "pictures": float((weights > 0).sum()),
            **{f"recall_{kind}": recall for kind, recall in recalls.items()},
        }

    def judged(self, split: Split) -> dict[tuple[str, str], list[int]]:
        """(kind, source) -> rows of what counts: sources held out, or drawn where there is none."""
        rows = defaultdict(list)
        items = self.pictures(split).items
        held_out = {item.kind for item in items if item.source in self.settings.held_out}
        for row, item in enumerate(items):
            drawn = item.source == DRAWN and item.kind not in held_out
            if drawn or item.source in self.settings.held_out:
                rows[item.kind, item.source].append(row)
        return dict(rows)


def fit_temperature(logits: NDArray[Any], targets: NDArray[Any]) -> float:
    """What to divide logits by for the least cross-entropy, kinds weighted by their shares."""
    counts = np.bincount(targets, minlength=len(KINDS))
    weights = (np.array(SHARES) / np.maximum(counts, 1))[targets]

    def cost(log_temperature: float) -> float:
        likely = log_softmax(logits / np.exp(log_temperature), 1)
        return float(-(weights * likely[np.arange(len(targets)), targets]).sum())

    return float(np.exp(minimize_scalar(cost, bounds=(-3, 3), method="bounded").x))


def threshold(wrong: NDArray[Any], allowed: int) -> float:
    """The lowest score that at most so many of the wrong ones reach; never below one half."""
    ranked = np.sort(wrong)[::-1]
    if len(ranked) <= allowed:
        return 0.5
    return float(min(1.0, max(0.5, np.nextafter(ranked[allowed], 2.0))))


def calibration_error(
    scores: NDArray[Any], right: NDArray[Any], weights: NDArray[Any], bins: int = 10
) -> float:
    """Expected calibration error: how far scores lie from how often they are right.

    Args:
        scores: (n,), 0..1.
        right: (n,), whether the answer was right.
        weights: (n,), how much each counts.
        bins: of equal width.
    """
    bin_of = np.minimum((scores * bins).astype(int), bins - 1)
    total = 0.0
    for each in range(bins):
        inside = bin_of == each
        total += abs(float((weights * (scores - right))[inside].sum()))
    return total / float(weights.sum())


HEAD = UtilityHead
