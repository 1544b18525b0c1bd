"""Aesthetics, by proxy: which of two photos is likely the better one.

No photos rated by people can be had, so the head learns an order of pairs: photos as they were
composed over the same ones spoiled on purpose, a whole subject over one that is cut, and what an
editor chose for a book over what was taken for a note or fell out of a film. RankNet (Burges et
al., "Learning to Rank using Gradient Descent", 2005), which is the model of Bradley and Terry
(1952) with scores of a network.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa.photo.pixels import resize_square
from ansa.scene import Box, Pixels
from ansa_train.data.augment.composition_faults import WAYS, add_composition_fault
from ansa_train.data.augment.degradations import Faults, degrade
from ansa_train.data.pack import Sample, Split, read_pack
from ansa_train.data.photo_selection import check_groups, select_photos
from ansa_train.data.pictures import keys_identity
from ansa_train.errors import TrainingError
from ansa_train.heads.base import Head, HeadContext, Read

Rows = TypeVar("Rows", int, NDArray[np.int64])

Look = Literal["original", "degraded", "crop", "tilt", "occlusion", "clutter"]

LOOKS: tuple[tuple[Look, ...], ...] = (
    ("original", "degraded", "tilt", "occlusion", "clutter"),
    ("original", "crop", "tilt", "occlusion", "clutter"),
)
"""What is made of a photo, by turns."""

COARSE = (0.75, 0.5)
"""Sides of all of it, in sides of the photo. A tilted photo is cut a little and a cropped one much;
what stands beside it must have as few pixels, else the head learns that soft is worse."""

GROUPS = ("better", "worse", "unseen_better", "unseen_worse")
"""Settings that name groups of whole photos; from the unseen nothing is learned."""

PAIRS = {"chosen": (0, 1), "chosen_new_worse": (0, 3), "chosen_unseen": (2, 3)}
"""Which of the groups are held against each other."""

SPOILED: tuple[Look, ...] = ("crop", "tilt", "degraded", "occlusion", "clutter")

_SMALLEST, _LARGEST = 0.45, 0.9
"""Sides of what is framed, in sides of the photo."""

_MARGIN, _LEAST = 1.1, 0.05
"""Sides of what is framed in sides of the box in it, and the least area of that box."""

DRIFT = 1e-3
"""Weight of the scores' mean square in the loss."""

KNOTS = 33
"""Of the quantiles."""


@dataclass(frozen=True, slots=True)
class AestheticsSettings:
    """Settings of the aesthetics head.

    Attributes:
        sources: groups of photos that people composed (see :mod:`ansa_train.data.photo_selection`),
            to be spoiled, and where they have boxes, framed anew; all photos if empty.
        held_out: groups that nothing is learned of; the test spoils these alone, and dev too.
        better: groups of photos that somebody chose as good ones.
        worse: groups of photos that nobody chose, as films, notes and records hold them.
        unseen_better: the same, of which nothing is learned.
        unseen_worse: the same.
        photos: how many training photos are spoiled, each in four ways.
        framed: at most how many training photos are framed well and badly.
        judged: how many of dev and of test.
        whole: at most how many photos of the better, and as many of the worse, it learns from.
        width: of its hidden layer.
        dropout: share of the branches that is hidden in training.
        across: share of pairs of two different photos, one as it was and one spoiled.
    """

    sources: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    better: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()
    unseen_better: tuple[str, ...] = ()
    unseen_worse: tuple[str, ...] = ()
    photos: int = 500
    framed: int = 200
    judged: int = 120
    whole: int = 300
    width: int = 64
    dropout: float = 0.3
    across: float = 0.25


class SpoiledPhotos:
    """Photos as they are and spoiled, :data:`LOOKS` of each, then photos framed well and badly, and
    after them whole photos.

    Args:
        photos: to be spoiled.
        framed: with boxes, of which :func:`framings` finds two.
        wholes: groups of whole photos.
        coarse: whether whole photos are made smaller by chance: groups come in sizes of their own.
        seed: of everything random.

    Attributes:
        rows: the pictures of each look.
        framed: the pictures that are framed well; the next one is the same photo framed badly.
        groups: the pictures of each group.
    """

    name = "spoiled"

    def __init__(
        self,
        photos: Sequence[Sample],
        framed: Sequence[Sample],
        wholes: Sequence[Sequence[Sample]],
        *,
        coarse: bool,
        seed: int,
    ) -> None:
        self.photos, self.boxed, self.coarse, self.seed = photos, framed, coarse, seed
        self.looks = [(i, look) for i in range(len(photos)) for look in LOOKS[i % len(LOOKS)]]
        self.whole = [sample for group in wholes for sample in group]
        of = np.array([look for _, look in self.looks])
        self.rows = {look: np.flatnonzero(of == look) for look in get_args(Look)}
        first = len(self.looks)
        self.framed = first + 2 * np.arange(len(framed))
        ends = first + 2 * len(framed) + np.cumsum([len(group) for group in wholes], dtype=int)
        self.groups = [range(e - len(g), e) for g, e in zip(wholes, ends.tolist(), strict=True)]

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.looks) + 2 * len(self.boxed) + len(self.whole)

    def identity(self) -> str:
        """A text that is another one whenever any of the pictures is."""
        samples = (self.photos, self.boxed, self.whole)
        keys = ", ".join(keys_identity(each) for each in samples)
        return f"{keys} spoiled {self.seed} {self.coarse} 3"

    def render(self, index: int, size: int) -> Pixels:
        """One of the pictures, uint8 (size, size, 3), the same at every call."""
        if index < len(self.looks):
            return self._spoiled(index, size)
        at, badly = divmod(index - len(self.looks), 2)
        if at < len(self.boxed):
            found = framings(self.boxed[at])
            assert found is not None
            photo = self.boxed[at].read()
            left, top, right, bottom = found[badly]
            w, h = photo.size
            box = (round(left * w), round(top * h), round(right * w), round(bottom * h))
            return resize_square(np.asarray(photo.crop(box)), size)
        sample = self.whole[index - len(self.looks) - 2 * len(self.boxed)]
        photo = sample.read()
        if self.coarse:
            rng = random.Random(f"{self.seed} {sample.key}")  # noqa: S311
            scale = rng.uniform(0.5, 1.0) * size / min(photo.size)
            w, h = (max(8, round(scale * side)) for side in photo.size)
            photo = photo.resize((w, h), Image.Resampling.BICUBIC)
        return resize_square(np.asarray(photo), size)

    def _spoiled(self, index: int, size: int) -> Pixels:
        at, look = self.looks[index]
        photo = self.photos[at].read()
        width, height = (round(side * COARSE[at % len(LOOKS)]) for side in photo.size)
        rng = random.Random(f"{self.seed} {self.photos[at].key} {look}")  # noqa: S311
        if look in WAYS:
            photo = add_composition_fault(photo, look, rng, self._other)
        photo = photo.resize((width, height), Image.Resampling.BICUBIC)
        faults = _faults(rng) if look == "degraded" else Faults()
        return degrade(photo, faults, size, f"{self.seed} {index}")

    def original(self, rows: Rows) -> Rows:
        """The pictures of the same photos as they were."""
        return rows - rows % len(LOOKS[0])

    def _other(self, rng: random.Random) -> Image.Image:
        return rng.choice(self.photos).read()


def framings(sample: Sample) -> tuple[Box, Box] | None:
    """Two parts of a photo, equally large: its largest box whole, and that box cut by an edge.

    Returns:
        left, top, right, bottom of either in 0..1; None where no box leaves room for both.
    """
    rng = random.Random(f"framings {sample.key}")  # noqa: S311 - reproducible, not secret
    box = next((each.box for each in sample.boxes if not each.crowd), None)
    if box is None:
        return None
    wide, high = box[2] - box[0], box[3] - box[1]
    share = rng.uniform(0.35, 0.6)
    # Where the cut goes through the box on each axis, from its near side and from its far side.
    cuts = [
        (box[i] + share * (box[i + 2] - box[i]), box[i + 2] - share * (box[i + 2] - box[i]))
        for i in (0, 1)
    ]
    least = max(_SMALLEST, _MARGIN * max(wide, high))
    most = min(_LARGEST, max(max(1 - near, far) for near, far in cuts))
    if wide * high < _LEAST or least > most:
        return None
    side = rng.uniform(least, most)
    good = _place(box[0], box[2], side), _place(box[1], box[3], side)
    ways = []
    for axis, (near, far) in enumerate(cuts):
        for start in (near, far - side):
            if 0 <= start <= 1 - side:
                ways.append((start, good[1]) if axis == 0 else (good[0], start))
    bad = rng.choice(ways)
    return (*good, good[0] + side, good[1] + side), (*bad, bad[0] + side, bad[1] + side)


def _place(low: float, far: float, side: float) -> float:
    """Where a part begins that has something in its middle, as far as the photo goes."""
    return min(max((low + far - side) / 2, 0.0), 1 - side)


def _faults(rng: random.Random) -> Faults:
    """One or two faults that anybody sees."""
    kinds = rng.sample(
        ("defocus_blur", "motion_blur", "noise", "compression_artifacts", "exposure"),
        rng.randint(1, 2),
    )
    signs = {"exposure": rng.choice((-1, 1))}
    return Faults(**{kind: signs.get(kind, 1) * rng.uniform(0.2, 1) for kind in kinds})


class AestheticsNetwork(nn.Module):
    """What is in a photo and where -> (n, 1), a score; only differences of scores mean something.

    Pooled features know what is in it and of what texture, a coarse grid of the map where it is.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], width: int, dropout: float) -> None:
        super().__init__()
        channels, side, _ = shapes["stride16"]
        self.norm = nn.BatchNorm1d(shapes["features"][0])
        self.map_norm = nn.BatchNorm2d(channels)
        self.grid = nn.Sequential(
            nn.Conv2d(channels, 32, 1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, 2, 1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AvgPool2d(2),
            nn.Flatten(),
        )
        self.drop = nn.Dropout(dropout)
        self.what = nn.Linear(shapes["features"][0], width)
        self.where = nn.Linear(32 * (side // 4) ** 2, width)
        self.score = nn.Linear(width, 1)

    def forward(self, features: Tensor, stride16: Tensor) -> Tensor:
        """Scores (n, 1) from features (n, f) and the map of stride 16 (n, c, h, w)."""
        what = self.what(self.drop(self.norm(features)))
        where = self.where(self.drop(self.grid(self.map_norm(stride16))))
        score: Tensor = self.score(F.relu(what + where))
        return score


class AestheticsHead(Head[AestheticsSettings]):
    """The head that gives photos scores of which only the order means something."""

    BRANCHES = ("features", "stride16")
    SETTINGS = AestheticsSettings

    def __init__(self, place: HeadContext, settings: AestheticsSettings) -> None:
        super().__init__(place, settings)
        self._pictures: dict[Split, SpoiledPhotos] = {}

    def pictures(self, split: Split) -> SpoiledPhotos:
        """Spoiled photos, framed and whole ones; the unseen groups from dev on.

        Raises:
            TrainingError: the training photos are too few, or the recipe's groups of another pack.
        """
        if split not in self._pictures:
            settings, training = self.settings, split == "train"
            samples = read_pack(self.place.data, [split])
            composed = select_photos(samples, settings.sources, without=settings.held_out)
            if not training and settings.held_out:
                composed = select_photos(samples, settings.held_out) or composed
            wholes = [
                select_photos(samples, groups)[: settings.whole]
                if (groups := getattr(settings, name))
                else []
                for name in (GROUPS[:2] if training else GROUPS)
            ]
            framed = [s for s in composed if framings(s)]
            framed = framed[: settings.framed if training else settings.judged]
            composed = composed[: settings.photos if training else settings.judged]
            if training:
                for name in ("sources", *GROUPS[:2]):
                    check_groups(samples, name, getattr(settings, name))
                if len(composed) < len(LOOKS):
                    raise TrainingError(
                        f"{self.place.data} lacks training photos for the head aesthetics: at "
                        f"least {len(LOOKS)} composed ones; name their sources in the recipe"
                    )
            self._pictures[split] = SpoiledPhotos(
                composed, framed, wholes, coarse=training, seed=self.place.seed
            )
        return self._pictures[split]

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """An untrained :class:`AestheticsNetwork`."""
        return AestheticsNetwork(shapes, self.settings.width, self.settings.dropout)

    def batch(self, pictures: int, size: int, rng: random.Random) -> Sequence[int]:
        """Pairs, the better picture first; every kind is as frequent, whole photos twice."""
        made = self.pictures("train")
        kinds: list[Any] = [*SPOILED]
        kinds += ["framed"] * bool(len(made.framed)) + ["whole"] * (2 * all(made.groups))
        rows: list[int] = []
        for _ in range(size // 2):
            look = rng.choice(kinds)
            if look == "whole":
                rows += [rng.choice(made.groups[0]), rng.choice(made.groups[1])]
                continue
            if look == "framed":
                better = int(rng.choice(made.framed))
                rows += [better, better + 1]
                continue
            worse = int(rng.choice(made.rows[look]))
            of = worse if rng.random() >= self.settings.across else int(rng.choice(made.rows[look]))
            rows += [made.original(of), worse]
        return rows

    def loss(self, outputs: Tensor, rows: Sequence[int], network: nn.Module) -> dict[str, Tensor]:
        """The negative log-likelihood of the order of the pairs, by the difference of scores."""
        better, worse = outputs[0::2, 0], outputs[1::2, 0]
        # Else only differences are held, and the scores as a whole may drift.
        drift = DRIFT * outputs.square().mean()
        return {"order": F.softplus(worse - better).mean(), "drift": drift}

    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """Quantiles of all dev pictures, good and spoiled."""
        quantiles = np.quantile(raw[:, 0].astype(np.float64), np.linspace(0, 1, KNOTS))
        room = 0.1 * max(1.0, quantiles[-1] - quantiles[0])  # for better and worse ones than those
        quantiles[0], quantiles[-1] = quantiles[0] - room, quantiles[-1] + room
        rising = np.maximum.accumulate(quantiles + 1e-6 * np.arange(KNOTS))
        return {"quantiles": [round(float(q), 6) for q in rising]}

    def measure(self, raw: NDArray[Any], read: Read, split: Split) -> dict[str, float]:
        """The share of pairs in the right order, by kind; a tie counts half.

        Spoiled photos are held against the same photo as it was, and once more (``across``)
        against another one. ``framed`` are whole subjects over cut ones. ``chosen`` is every photo
        of the better groups over every one of the worse, ``chosen_new_worse`` over the unseen
        worse, and ``chosen_unseen`` the unseen better over those.
        """
        pictures = self.pictures(split)
        score = np.array([read(each) for each in raw])
        metrics: dict[str, float] = {}
        across = []
        for look in SPOILED:
            worse = pictures.rows[look]
            better = pictures.original(worse)
            metrics[look] = pair_accuracy(score[better], score[worse])
            across.append(pair_accuracy(score[np.roll(better, 1)], score[worse]))
        metrics["mean"] = float(np.mean(list(metrics.values())))
        metrics["across"] = float(np.mean(across))
        metrics["framed"] = pair_accuracy(score[pictures.framed], score[pictures.framed + 1])
        groups = [score[list(group)] for group in pictures.groups]
        for name, (good, bad) in PAIRS.items():
            metrics[name] = pair_accuracy(groups[good][:, None], groups[bad][None])
        return metrics


def pair_accuracy(better: NDArray[Any], worse: NDArray[Any]) -> float:
    """Share of pairs whose better one scores more; a tie counts half, 0.5 if there are none."""
    order = np.sign(better - worse)
    return float((order.mean() + 1) / 2) if order.size else 0.5


HEAD = AestheticsHead
