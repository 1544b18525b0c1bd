"""Saliency: where a photo draws the eye, learned from a saliency network's masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from ansa_train.data.augment.random_crops import RandomCrops
from ansa_train.data.pack import Sample, Split, read_pack
from ansa_train.data.photo_selection import check_groups, select_photos
from ansa_train.data.pictures import WholePhotos
from ansa_train.heads.base import Head, HeadContext, Read
from ansa_train.teachers import u2netp

EVERY_TIMES = 12
"""So many times fewer of dev and of test."""

CLEAR = 0.5
"""The least peak of a teacher's mask that shows a subject."""


@dataclass(frozen=True, slots=True)
class SaliencySettings:
    """Settings of the saliency head.

    Attributes:
        width: channels of the decoder.
        looks: how often each training photo is seen, through other windows each time.
        sources: groups that the teacher looks at (see :mod:`ansa_train.data.photo_selection`); all
            photos if empty.
        held_out: groups that nothing is learned of.
        boxed: groups with boxes, all of whose dev and test photos are looked at: boxes tell what
            a crop should keep.
        most: training photos of a source that the teacher looks at; 0 for all.
    """

    width: int = 64
    looks: int = 2
    sources: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    boxed: tuple[str, ...] = ()
    most: int = 0


class Decoder(nn.Module):
    """Maps of three strides -> logits (n, h, w) at the finest of them."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], width: int) -> None:
        super().__init__()
        names = ("stride8", "stride16", "stride32")
        self.fine, self.middle, self.coarse = (_entry(shapes[n][0], width) for n in names)
        self.mix_coarse = _mix(width)
        self.mix_middle = _mix(width)
        self.mix_fine = nn.Sequential(_mix(width), nn.Conv2d(width, 1, 1))

    def forward(self, stride8: Tensor, stride16: Tensor, stride32: Tensor) -> Tensor:
        """Logits (n, h, w) at the resolution of the map of stride 8."""
        values = self.mix_coarse(self.coarse(stride32))
        values = self.mix_middle(self.middle(stride16) + _double(values))
        logits: Tensor = self.mix_fine(self.fine(stride8) + _double(values))[:, 0]
        return logits


def _entry(channels: int, width: int) -> nn.Sequential:
    # Bottlenecks of the backbone have no activation and reach +-60; without this, training crawls.
    return nn.Sequential(nn.BatchNorm2d(channels), nn.Conv2d(channels, width, 1), nn.ReLU())


def _mix(width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False),
        nn.BatchNorm2d(width),
        nn.Conv2d(width, width, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    )


def _double(values: Tensor) -> Tensor:
    return functional.interpolate(values, scale_factor=2.0, mode="bilinear")


class Probabilities(nn.Module):
    """The decoder as it ships: (n, h, w), 0..1."""

    def __init__(self, decoder: nn.Module) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, stride8: Tensor, stride16: Tensor, stride32: Tensor) -> Tensor:
        """Probabilities (n, h, w), 0..1, at the resolution of the map of stride 8."""
        return torch.sigmoid(self.decoder(stride8, stride16, stride32))


class SaliencyHead(Head[SaliencySettings]):
    """The head that says where a photo draws the eye, as a map."""

    BRANCHES = ("stride8", "stride16", "stride32")
    SETTINGS = SaliencySettings
    PARTS = ("u2netp",)

    def __init__(self, place: HeadContext, settings: SaliencySettings) -> None:
        super().__init__(place, settings)
        self._targets: SaliencyTargets | None = None

    def samples(self, split: Split) -> list[Sample]:
        """The photos of a split that the teacher looks at.

        Raises:
            TrainingError: the recipe's sources are of another pack.
        """
        settings, samples = self.settings, read_pack(self.place.data, [split])
        if split == "train":
            check_groups(samples, "sources", settings.sources)
            return select_photos(
                samples, settings.sources, without=settings.held_out, most=settings.most
            )
        fewer = -(-settings.most // EVERY_TIMES)
        found = select_photos(samples, settings.sources, without=settings.boxed, most=fewer)
        return found + (select_photos(samples, settings.boxed) if settings.boxed else [])

    def masks(self, split: Split) -> NDArray[np.uint8]:
        """The teacher's maps, one for each of :meth:`samples`."""
        return u2netp.masks(self.samples(split), self.place.cache / "u2netp")

    def pictures(self, split: Split) -> WholePhotos | RandomCrops:
        """Whole photos; for training, the photos and random windows of them."""
        if split != "train":
            return WholePhotos(self.samples(split))
        return RandomCrops(self.samples(split), self.settings.looks, self.place.seed)

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """An untrained :class:`Decoder`."""
        return Decoder(shapes, self.settings.width)

    def loss(self, outputs: Tensor, rows: Sequence[int], network: nn.Module) -> dict[str, Tensor]:
        """Cross entropy and overlap with the teacher's map; what is clear in it counts more."""
        if self._targets is None:
            pictures = self.pictures("train")
            assert isinstance(pictures, RandomCrops)
            self._targets = SaliencyTargets(self.masks("train"), pictures, outputs.shape[-1])
        maps, clear = self._targets.rows(rows)
        sure = 0.25 + 0.75 * clear
        bits = functional.binary_cross_entropy_with_logits(outputs, maps, reduction="none")
        shown = outputs.sigmoid()
        both = (shown * maps).sum((1, 2))
        either = (shown + maps - shown * maps).sum((1, 2))
        overlap = 1 - both / either.clamp(min=1e-6)
        return {
            "cross entropy": (sure * bits.mean((1, 2))).mean(),
            "overlap": (clear * overlap).mean(),
        }

    def exported(self, network: nn.Module) -> nn.Module:
        """The decoder with probabilities 0..1 as its output."""
        return Probabilities(network)

    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """Returns nothing, because the reader needs only the map."""
        return {}

    def measure(self, raw: NDArray[Any], read: Read, split: Split) -> dict[str, float]:
        """How near the map is to the teacher's, by the names of the metrics."""
        maps = np.stack([read(each) for each in raw])
        wanted, clear = targets(self.masks(split), maps.shape[-1])
        errors = np.abs(maps - wanted).mean((1, 2))
        overlaps = [
            overlap(mine, teachers)
            for mine, teachers, c in zip(maps, wanted, clear, strict=True)
            if c >= 1
        ]
        return {"MAE": float(errors.mean()), "IoU": float(np.mean(overlaps))}


def overlap(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Intersection over union of two maps, each cut at a half; 1 if both are empty."""
    a, b = one >= 0.5, other >= 0.5
    return float((a & b).sum() / (a | b).sum()) if (a | b).any() else 1.0


def targets(masks: NDArray[np.uint8], side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The training targets, from the teacher's masks.

    U^2-Net's masks are stretched to 0..1, which makes a subject of noise where there is none. So
    the lower the peak, the more a map falls back to a weak guess that the centre matters.

    Args:
        masks: (n, s, s) of :func:`ansa_train.teachers.u2netp.masks`.
        side: of the maps.

    Returns:
        maps (n, side, side), and how surely each shows a subject (n,); both float32, 0..1.
    """
    maps = np.stack([_shrunk(mask, side) for mask in masks])
    peaks = masks.max((1, 2)).astype(np.float32) / 255
    low = maps.min((1, 2), keepdims=True)
    span = np.maximum(maps.max((1, 2), keepdims=True) - low, 1e-6)
    clear = np.clip(peaks / CLEAR, 0, 1).astype(np.float32)
    share = clear[:, np.newaxis, np.newaxis]
    wanted = share * (maps - low) / span + (1 - share) * centre(side)
    return wanted.astype(np.float32), clear


def centre(side: int) -> NDArray[np.float32]:
    """(side, side): the weak guess, at most 0.2, where nothing draws the eye."""
    places = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5
    near = np.exp(-(places**2) / (2 * 0.25**2))
    guess: NDArray[np.float32] = 0.2 * np.outer(near, near).astype(np.float32)
    return guess


class SaliencyTargets:
    """Maps to learn, of photos seen through windows; made when they are asked for.

    Args:
        masks: the teacher's, one a photo.
        pictures: the photos.
        side: of the maps.
    """

    def __init__(self, masks: NDArray[np.uint8], pictures: RandomCrops, side: int) -> None:
        self._masks, self._pictures, self._side = masks, pictures, side
        self._maps: dict[int, tuple[NDArray[np.float32], np.float32]] = {}

    def rows(self, rows: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Maps (rows, side, side), and how surely each shows a subject (rows,)."""
        for row in set(rows) - self._maps.keys():
            window = self._pictures.windows[row]
            mask = np.asarray(window.cut(self._masks[row % len(self._masks)]))
            maps, clear = targets(mask[np.newaxis], self._side)
            self._maps[row] = maps[0], clear[0]
        both = [self._maps[row] for row in rows]
        return (
            torch.from_numpy(np.stack([m for m, _ in both])),
            torch.from_numpy(np.stack([c for _, c in both])),
        )


def _shrunk(mask: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    image = Image.fromarray(mask).resize((side, side), Image.Resampling.BILINEAR)
    shrunk: NDArray[np.float32] = np.divide(np.asarray(image), 255, dtype=np.float32)
    return shrunk


HEAD = SaliencyHead
