"""Utility: photo, receipt, document, screenshot, code, meme, drawing, blank or graphic; one layer.

Pictures of one source look alike, so what counts is measured on sources that the head has learned
nothing from, neither weights nor calibration: see :attr:`UtilitySettings.held_out`.
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

from ansa_train.data.labels.utility_classes import KINDS, real, reviewed_first, rules_of
from ansa_train.data.pack import Split, read_pack
from ansa_train.data.photo_selection import is_of
from ansa_train.data.synthetic.utility_pictures import DRAWN, UtilityPictures
from ansa_train.heads.base import Head, HeadContext, Read

KEPT = ("photo", "drawing", "graphic")
"""What nobody wants to be rid of."""

CERTAIN = 0.9
"""Scores of all that people want to be rid of that are surely one of it, whichever."""

CALLED = 0.005
"""Share of dev photos that may be called something else and sure; half of what the bar allows."""


@dataclass(frozen=True, slots=True)
class UtilitySettings:
    """Settings of the utility head.

    Attributes:
        sources: groups that are looked at (see :mod:`ansa_train.data.photo_selection`); all if
            empty.
        held_out: sources, as the rules call them, that nothing is learned from; they are what is
            judged. What has no real source that is learned from is learned from drawn ones alone.
        without: groups of the pack that are not looked at, such as repetitions of others.
        drawn_with: sources whose photos go into drawn pictures to learn from; all if empty.
        tested_with: sources whose photos go into those to report on; all if empty.
        rules: what the pack says too little of, see
            :class:`ansa_train.data.labels.utility_classes.Rule`.
        photos: share of photos in a batch; the other kinds have equal parts of the rest. Scores
            mean it so.
        drawn: how many pictures of each kind are drawn to learn from.
        most: how many pictures of a source are taken at most, and twice as many to report on.
        dropout: share of the inputs that is hidden in training.
    """

    sources: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    drawn_with: tuple[str, ...] = ()
    tested_with: tuple[str, ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()
    photos: float = 0.5
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
        """Logits (n, kinds) of features (n, f) and two maps (n, c, h, w)."""
        inputs = torch.cat([features, _pooled(stride8), _pooled(stride16)], 1)
        logits: Tensor = self.linear(self.dropout(self.norm(inputs)))
        return logits


def _pooled(x: Tensor) -> Tensor:
    """Mean, deviation and maximum of each channel, (n, c, h, w) -> (n, 3 c)."""
    mean = x.mean((2, 3))
    deviation = ((x * x).mean((2, 3)) - mean * mean).clamp(min=1e-6).sqrt()
    return torch.cat([mean, deviation, x.amax((2, 3))], 1)


class UtilityHead(Head[UtilitySettings]):
    """The head that says what a picture is for: a photo, a receipt, a screenshot, ..."""

    BRANCHES = ("features", "stride8", "stride16")
    SETTINGS = UtilitySettings

    def __init__(self, place: HeadContext, settings: UtilitySettings) -> None:
        super().__init__(place, settings)
        self._pictures: dict[Split, UtilityPictures] = {}
        self._rows: dict[int, list[int]] = {}

    def pictures(self, split: Split) -> UtilityPictures:
        """To learn from and to calibrate on, those of sources that are not held out; to report on,
        those that are, of all splits; and drawn ones."""
        if split not in self._pictures:
            settings, rules = self.settings, rules_of(self.settings.rules)
            splits: list[Split] = ["train", "dev", "test"] if split == "test" else [split]
            samples = [
                sample
                for sample in reviewed_first(read_pack(self.place.data, splits))
                if not is_of(sample, settings.without)
                and (not settings.sources or is_of(sample, settings.sources))
                and (item := real(sample, rules))
                and (item.source in settings.held_out) == (split == "test")
            ]
            with_ = settings.tested_with if split == "test" else settings.drawn_with
            drawn, most = settings.drawn, settings.most
            if split == "dev":
                drawn, most = max(1, drawn // 5), max(1, most // 4)
            elif split == "test":
                drawn, most = max(1, drawn // 5), 2 * most
            self._pictures[split] = UtilityPictures(samples, split, drawn, most, with_, rules)
        return self._pictures[split]

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """An untrained :class:`UtilityNetwork`."""
        return UtilityNetwork(shapes, self.settings.dropout)

    def batch(self, pictures: int, size: int, rng: random.Random) -> Sequence[int]:
        """Photos and each other kind in fixed shares."""
        if not self._rows:
            rows = defaultdict(list)
            for row, kind in enumerate(self.pictures("train").targets):
                rows[int(kind)].append(row)
            self._rows = dict(rows)
        kinds = list(self._rows)
        shares = [shares_of(self.settings.photos)[kind] for kind in kinds]
        return [rng.choice(self._rows[kind]) for kind in rng.choices(kinds, shares, k=size)]

    def loss(self, outputs: Tensor, rows: Sequence[int], network: nn.Module) -> dict[str, Tensor]:
        """The cross-entropy of the kinds, in nats."""
        targets = torch.from_numpy(self.pictures("train").targets[list(rows)])
        return {"kind": nn.functional.cross_entropy(outputs, targets)}

    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """A temperature (Guo et al., 2017), and the score from which on so few photos mislead."""
        raw, targets = raw.astype(np.float64), self.pictures("dev").targets
        temperature = fit_temperature(raw, targets, self.settings.photos)
        scores = np.exp(log_softmax(raw / temperature, 1))
        wrong = scores[targets == 0][:, 1:].max(1, initial=0.0)
        wrong = wrong[scores[targets == 0].argmax(1) != 0]
        return {
            "kinds": list(KINDS),
            "temperature": temperature,
            "threshold": threshold(wrong, round(CALLED * int((targets == 0).sum()))),
        }

    def measure(self, raw: NDArray[Any], read: Read, split: Split) -> dict[str, float]:
        """The metrics on sources that the head learned nothing from.

        ``recall_KIND`` is the mean over the kind's sources, drawn pictures counting only where
        there are no real ones, and ``balanced_accuracy`` the mean over kinds.
        ``photos_called_utility`` is the share of photos that are called something else and sure,
        ``photos_unsure_called_utility`` that of all called something else, and
        ``photos_called_clutter`` that of those surely something to be rid of. ``ece`` is the
        expected calibration error of the score in ten bins, pictures weighted to the shares of
        learning.
        """
        pictures = self.pictures(split)
        signals = [read(each) for each in raw]
        found = np.array([KINDS.index(signal.kind) for signal in signals])
        sure = np.array([signal.sure for signal in signals])
        scores = np.array([signal.score for signal in signals])
        right = found == pictures.targets
        judged = self.judged(split)
        recalls, weights = {}, np.zeros(len(right))
        shares = shares_of(self.settings.photos)
        for number, kind in enumerate(KINDS):
            sources = [np.array(rows) for (k, _), rows in judged.items() if k == kind]
            for rows in sources:
                weights[rows] = shares[number] / len(sources) / len(rows)
            if sources:
                recalls[kind] = float(np.mean([right[rows].mean() for rows in sources]))
        photos = [row for (kind, _), rows in judged.items() if kind == "photo" for row in rows]
        called = (found != 0)[photos]
        kept = np.array([signal.kind in KEPT for signal in signals])
        total = [sum(v for k, v in each.scores.items() if k not in KEPT) for each in signals]
        clutter = (np.array(total) >= CERTAIN) | (sure & ~kept)
        return {
            "balanced_accuracy": float(np.mean(list(recalls.values()))),
            "photos_called_utility": float((called & sure[photos]).mean()),
            "photos_unsure_called_utility": float(called.mean()),
            "photos_called_clutter": float(clutter[photos].mean()),
            "ece": calibration_error(scores, right, weights),
            "pictures": float((weights > 0).sum()),
            **{f"recall_{kind}": recall for kind, recall in recalls.items()},
        }

    def judged(self, split: Split) -> dict[tuple[str, str], list[int]]:
        """(kind, source) -> rows of what counts: real pictures, or drawn where there is none."""
        rows = defaultdict(list)
        items = self.pictures(split).items
        shown = {item.kind for item in items if item.source != DRAWN}
        for row, item in enumerate(items):
            if item.source != DRAWN or item.kind not in shown:
                rows[item.kind, item.source].append(row)
        return dict(rows)


def shares_of(photos: float) -> NDArray[np.float64]:
    """The share of each kind, (kinds,), of which photos have that much and others equal parts."""
    shares = np.full(len(KINDS), (1 - photos) / (len(KINDS) - 1))
    shares[KINDS.index("photo")] = photos
    return shares


def fit_temperature(logits: NDArray[Any], targets: NDArray[Any], photos: float) -> float:
    """What to divide logits by for the least cross-entropy, kinds weighted by their shares."""
    counts = np.bincount(targets, minlength=len(KINDS))
    weights = (shares_of(photos) / np.maximum(counts, 1))[targets]

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
