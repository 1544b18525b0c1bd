"""Aesthetics, by proxy: which of two photos is likely the better one.

No photos rated by people can be had, so the head learns an order of pairs: photos as they were
composed over the same ones spoiled on purpose, and what people hang on walls over what they keep as
a note. RankNet (Burges et al., "Learning to Rank using Gradient Descent", 2005), which is the model
of Bradley and Terry (1952) with scores of a network.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa.photo.pixels import resize_square
from ansa.scene import Pixels
from ansa_train.data.augment.composition_faults import WAYS, add_composition_fault
from ansa_train.data.augment.degradations import Faults, degrade
from ansa_train.data.pack import Sample, Split, read_pack
from ansa_train.data.pictures import keys_identity
from ansa_train.errors import TrainingError
from ansa_train.heads.base import Head, HeadContext, Read

PHOTOS = ("coco", "flickr8k", "pets", "scenes6", "voc")
"""Sources of photos that people composed."""

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

GROUPS = ("wallpaper", "incidental", "unseen wallpaper", "unseen incidental")
"""Whole photos that are for the wall, or that are a note; from the unseen nothing is learned."""

SPOILED: tuple[Look, ...] = ("crop", "tilt", "degraded", "occlusion", "clutter")

DRIFT = 1e-3
"""Weight of the scores' mean square in the loss."""

KNOTS = 33
"""Of the quantiles."""


@dataclass(frozen=True, slots=True)
class AestheticsSettings:
    """Of the head.

    Attributes:
        photos: how many training photos are spoiled, each in four ways.
        held_out: how many of dev and of test.
        whole: at most how many photos of wallpaper, and as many incidental ones, it learns from.
        width: of its hidden layer.
        dropout: share of the branches that is hidden in training.
        across: share of pairs of two different photos, one as it was and one spoiled.
    """

    photos: int = 500
    held_out: int = 120
    whole: int = 300
    width: int = 64
    dropout: float = 0.3
    across: float = 0.25


def group(sample: Sample) -> str | None:
    """Which of :data:`GROUPS` a photo is of, by its source and label; None for most."""
    if sample.source == "scenes6" and {"forest", "glacier", "mountain", "sea"} & {*sample.labels}:
        return "wallpaper"
    if sample.source == "clothing" or sample.kind == "receipt":
        return "incidental"
    if sample.source == "weather" and "sunrise" in sample.labels:
        return "unseen wallpaper"
    if sample.source == "screens" or sample.kind in ("barcode", "qr code"):
        return "unseen incidental"
    return None


class SpoiledPhotos:
    """Photos as they are and spoiled, :data:`LOOKS` of each, and after them whole photos.

    Args:
        photos: to be spoiled.
        wholes: groups of whole photos.
        seed: of everything random.

    Attributes:
        rows: the pictures of each look.
        groups: the pictures of each group.
    """

    name = "spoiled"

    def __init__(
        self, photos: Sequence[Sample], wholes: Sequence[Sequence[Sample]], seed: int
    ) -> None:
        self.photos, self.seed = photos, seed
        self.looks = [(i, look) for i in range(len(photos)) for look in LOOKS[i % len(LOOKS)]]
        self.whole = [sample for group in wholes for sample in group]
        of = np.array([look for _, look in self.looks])
        self.rows = {look: np.flatnonzero(of == look) for look in get_args(Look)}
        ends = len(self.looks) + np.cumsum([len(group) for group in wholes], dtype=int)
        self.groups = [range(e - len(g), e) for g, e in zip(wholes, ends.tolist(), strict=True)]

    def __len__(self) -> int:
        """See the protocol."""
        return len(self.looks) + len(self.whole)

    def identity(self) -> str:
        """See the protocol."""
        return f"{keys_identity(self.photos)}, {keys_identity(self.whole)} spoiled {self.seed} 2"

    def render(self, index: int, size: int) -> Pixels:
        """See the protocol."""
        if index >= len(self.looks):
            photo = self.whole[index - len(self.looks)].read()
            return resize_square(np.asarray(photo), size)
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


def _faults(rng: random.Random) -> Faults:
    """One or two faults that anybody sees."""
    kinds = rng.sample(
        ("defocus_blur", "motion_blur", "noise", "compression_artifacts", "exposure"),
        rng.randint(1, 2),
    )
    signs = {"exposure": rng.choice((-1, 1))}
    return Faults(**{kind: signs.get(kind, 1) * rng.uniform(0.3, 1) for kind in kinds})


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
        """See the class."""
        what = self.what(self.drop(self.norm(features)))
        where = self.where(self.drop(self.grid(self.map_norm(stride16))))
        score: Tensor = self.score(F.relu(what + where))
        return score


class AestheticsHead(Head[AestheticsSettings]):
    """See the module."""

    BRANCHES = ("features", "stride16")
    SETTINGS = AestheticsSettings

    def __init__(self, place: HeadContext, settings: AestheticsSettings) -> None:
        super().__init__(place, settings)
        self._pictures: dict[Split, SpoiledPhotos] = {}

    def pictures(self, split: Split) -> SpoiledPhotos:
        """Spoiled photos, and whole ones: from dev on all of them, the unseen sources too."""
        if split not in self._pictures:
            training = split == "train"
            # By a checksum of their names, so that sources mix.
            found = sorted(
                read_pack(self.place.data, [split]), key=lambda s: zlib.crc32(s.key.encode())
            )
            most = self.settings.photos if training else self.settings.held_out
            wholes: list[list[Sample]] = [
                [s for s in found if group(s) == name][: self.settings.whole]
                for name in (GROUPS[:2] if training else GROUPS)
            ]
            composed = [s for s in found if s.source in PHOTOS][:most]
            if training and (len(composed) < len(LOOKS) or not all(wholes)):
                raise TrainingError(
                    f"{self.place.data} lacks training photos for the head aesthetics: of the "
                    f"sources {', '.join(sorted(PHOTOS))}, for the wall and incidental ones"
                )
            self._pictures[split] = SpoiledPhotos(composed, wholes, self.place.seed)
        return self._pictures[split]

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """See the class :class:`AestheticsNetwork`."""
        return AestheticsNetwork(shapes, self.settings.width, self.settings.dropout)

    def batch(self, pictures: int, size: int, rng: random.Random) -> Sequence[int]:
        """Pairs, the better picture first; every kind of pair is as frequent."""
        made = self.pictures("train")
        rows: list[int] = []
        for _ in range(size // 2):
            look = rng.choice((*SPOILED, "whole"))
            if look == "whole":
                rows += [rng.choice(made.groups[0]), rng.choice(made.groups[1])]
                continue
            worse = int(rng.choice(made.rows[look]))
            of = worse if rng.random() >= self.settings.across else int(rng.choice(made.rows[look]))
            rows += [made.original(of), worse]
        return rows

    def loss(self, outputs: Tensor, rows: Sequence[int], network: nn.Module) -> dict[str, Tensor]:
        """How unlikely the order of the pairs is, by the logistic of the difference of scores."""
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
        """Share of pairs in the right order, by kind; a tie counts half.

        Spoiled photos are held against the same photo as it was, and once more (``across``)
        against another one. ``wallpaper`` is every photo for the wall over every note, ``_unseen``
        of the sources that nothing was learned from.
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
        pairs = list(zip(pictures.groups[0::2], pictures.groups[1::2], strict=True))
        for name, (good, bad) in zip(("wallpaper", "wallpaper_unseen"), pairs, strict=True):
            metrics[name] = pair_accuracy(score[list(good)][:, None], score[list(bad)][None])
        return metrics


def pair_accuracy(better: NDArray[Any], worse: NDArray[Any]) -> float:
    """Share of pairs whose better one scores more; a tie counts half, 0.5 if there are none."""
    order = np.sign(better - worse)
    return float((order.mean() + 1) / 2) if order.size else 0.5


HEAD = AestheticsHead
