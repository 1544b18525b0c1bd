"""The fingerprint: copies of one photo near together, different photos evenly far apart.

Learned as SSCD is (Pizzi et al., A Self-Supervised Descriptor for Image Copy Detection, 2022), on a
frozen backbone: contrast between the copies of a photo and all others (InfoNCE), and the estimate
of entropy by Kozachenko and Leonenko, which keeps nearest neighbours apart, so that one threshold
fits everywhere. Few photos of a batch look alike, so each is also held against what the last steps
gave for all others (Wang et al., Cross-Batch Memory for Embedding Learning, 2020).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ansa.model.heads.fingerprint import FingerprintReader, vectors
from ansa_train.data.augment.copy_edits import EDITS, TAUGHT
from ansa_train.data.distinct_photos import distinct
from ansa_train.data.edited_copies import EditedCopies
from ansa_train.data.pack import Sample, Split, read_pack
from ansa_train.data.photo_selection import check_groups, select_photos
from ansa_train.evaluate.copy_detection import PRECISION, CopyPairs, all_pairs, without
from ansa_train.heads.base import Head, HeadContext, Read

LIBRARY = 10_000
"""The photos that a copy has to be told from, where a precision is stated."""

_HARD = ("crop", "crop", "crop", "rotate", "light", "blur", "pixelate", "two", "two", "two")
"""Edits that are taught more often than others."""

_TAUGHT, _ASKED = (0.3, 1.0), (0.4, 1.0)
"""How strong edits are, to learn from and to be found."""

_RANGE = 2.7
"""Standard deviations of a print's numbers that its levels span, to either side."""

_NARROW = 1e-6


@dataclass(frozen=True, slots=True)
class FingerprintSettings:
    """Settings of the fingerprint head.

    Attributes:
        sources: groups that are looked at (see :mod:`ansa_train.data.photo_selection`); all
            pictures if empty. Of pictures that look the same, one is.
        held_out: groups that nothing is learned of.
        left_out: patterns of names of photos that are copies of others, too unlike for
            :func:`distinct` to see.
        twins: pairs of names, a space between, of one picture, mirrored or framed otherwise.
        catalogues: groups of things on plain backgrounds, many of them one picture in other
            colours; the threshold and a second figure leave them out.
        frames: groups of frames of films; two of one scene are neither copies nor different
            photos, so nothing is judged by them.
        most: photos of a source and split that are taken at most; 0 for all.
        photos: how many it learns from; the rest of the training photos are new to it, and serve
            as distractors.
        looks: edited copies of each of them.
        queries: test photos, ordinary ones, that have copies.
        dev_queries: dev photos that have.
        query_looks: edited copies of each of them.
        others: photos beside those with copies, on dev and test, at most.
        numbers: of a print, two a byte.
        channels: of the maps.
        places: channels of the layout.
        grid: parts that the layout has in each direction, an even number.
        temperature: of the contrast.
        entropy: weight of the entropy.
    """

    sources: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()
    catalogues: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    most: int = 0
    photos: int = 7000
    looks: int = 3
    queries: int = 1000
    dev_queries: int = 500
    query_looks: int = 5
    others: int = LIBRARY
    numbers: int = 128
    channels: int = 128
    places: int = 32
    grid: int = 6
    temperature: float = 0.05
    entropy: float = 0.3


class FingerprintNetwork(nn.Module):
    """Maps of two strides -> unit vectors (n, numbers): what is where in the photo.

    Where is told in parts of equal weight instead of equal size: weights are learned, plain
    margins get next to none, and so a frame around the photo moves nothing. Left and right count
    alike: of each row, the sum of mirrored parts and the size of their difference. What is in the
    photo as a whole is left out, see the experiments: it makes one football look like another.
    """

    def __init__(
        self, shapes: Mapping[str, tuple[int, ...]], settings: FingerprintSettings
    ) -> None:
        super().__init__()
        eight, sixteen = (shapes[name][0] for name in FingerprintHead.BRANCHES)
        width, self.grid = settings.channels, settings.grid
        self.norm = nn.BatchNorm2d(sixteen, affine=False)
        self.fine = nn.Sequential(_conv(eight, 2 * eight, 3), _conv(2 * eight, width // 2))
        self.middle = _conv(sixteen, width // 2)
        self.mixed = _conv(width, width)
        self.weights = nn.Conv2d(width, 1, 1)
        self.places = nn.Conv2d(width, settings.places, 1)
        parts = settings.places * self.grid * (self.grid // 2)
        self.different = nn.Linear(parts, settings.numbers, bias=False)
        self.even = nn.BatchNorm1d(parts + settings.numbers, affine=False)
        self.numbers = nn.Linear(parts + settings.numbers, settings.numbers)

    def forward(self, stride8: Tensor, stride16: Tensor) -> Tensor:
        """Unit vectors (n, numbers) of two maps (n, c, h, w).

        In training, each picture is mirrored by chance.
        """
        if self.training:
            mirrored = torch.rand(len(stride8), 1, 1, 1) < 0.5
            stride8, stride16 = (torch.where(mirrored, x.flip(3), x) for x in (stride8, stride16))
        mixed = self.mixed(torch.cat([self.fine(stride8), self.middle(self.norm(stride16))], 1))
        weights = functional.softplus(self.weights(mixed)[:, 0]) + 1e-3
        layout = torch.cat(self.layout(self.places(mixed), weights), 1)
        return functional.normalize(self.numbers(self.even(layout)), dim=1)

    def layout(self, places: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """What mirrored parts share, and how they differ.

        Args:
            places: (n, c, h, w).
            weights: (n, h, w), not negative.
        """
        rows, columns = self._parts(weights.sum(2)), self._parts(weights.sum(1))
        across = places @ columns[:, None].transpose(2, 3)
        left, right = (rows[:, None] @ across).chunk(2, 3)
        right = right.flip(3)
        return (left + right).flatten(1), self.different((left - right).flatten(1)).abs()

    def _parts(self, weights: Tensor) -> Tensor:
        """Weights (n, places) -> how much of each place is in each part, (n, grid, places)."""
        weights = weights / weights.sum(1, keepdim=True)
        middles = weights.cumsum(1) - weights / 2
        centres = (torch.arange(self.grid, dtype=weights.dtype) + 0.5) / self.grid
        apart = (middles[:, None] - centres[None, :, None]).abs() * self.grid
        shares = (functional.relu(1 - apart) + 1e-4) * weights[:, None]
        return shares / shares.sum(2, keepdim=True)


def _conv(inputs: int, outputs: int, side: int = 1) -> nn.Sequential:
    """Across channels at a place; or at each channel around places, at half the resolution."""
    groups, stride = (inputs, 2) if side > 1 else (1, 1)
    conv = nn.Conv2d(inputs, outputs, side, stride, side // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.Hardswish())


class FingerprintHead(Head[FingerprintSettings]):
    """The head whose vectors are near to each other for edited copies of one photo."""

    BRANCHES = ("stride8", "stride16")
    SETTINGS = FingerprintSettings

    def __init__(self, place: HeadContext, settings: FingerprintSettings) -> None:
        super().__init__(place, settings)
        self._pictures: dict[Split, EditedCopies] = {}
        self._memory: Tensor | None = None
        """(training pictures, numbers): what each was last given; 0 until then."""

    def pictures(self, split: Split) -> EditedCopies:
        """Photos and their copies; on dev and test, distractors that it did not learn from."""
        if split not in self._pictures:
            self._pictures |= self._all_pictures()
        return self._pictures[split]

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """An untrained :class:`FingerprintNetwork`."""
        return FingerprintNetwork(shapes, self.settings)

    def batch(self, pictures: int, size: int, rng: random.Random) -> Sequence[int]:
        """Photos at random, each with all its copies."""
        looks = 1 + self.settings.looks
        photos = rng.sample(range(pictures // looks), min(size, pictures) // looks)
        return [photo * looks + look for photo in photos for look in range(looks)]

    def loss(self, outputs: Tensor, rows: Sequence[int], network: nn.Module) -> dict[str, Tensor]:
        """The contrastive loss and the entropy loss that the module describes."""
        looks, temperature = 1 + self.settings.looks, self.settings.temperature
        if self._memory is None:
            self._memory = outputs.new_zeros(len(self.pictures("train")), outputs.shape[1])
        mine = torch.tensor(rows) // looks
        known = torch.arange(len(self._memory)) // looks
        near, before = outputs @ outputs.T, outputs @ self._memory.T
        same, itself = mine[:, None] == mine, torch.eye(len(rows), dtype=torch.bool)
        others = torch.cat(
            [
                near.masked_fill(same, -torch.inf),
                before.masked_fill(mine[:, None] == known, -torch.inf),
            ],
            1,
        )
        wrong = (others / temperature).logsumexp(1, keepdim=True)
        right = near / temperature
        contrast = (torch.logaddexp(right, wrong) - right)[same & ~itself].mean()
        apart = (2 - 2 * others.amax(1)).clamp(min=_NARROW).sqrt()
        self._memory = self._memory.index_copy(0, torch.tensor(rows), outputs.detach())
        return {"contrast": contrast, "entropy": -self.settings.entropy * apart.log().mean()}

    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """The scale that wastes no levels, and the threshold that everyday photos want."""
        settings = {"scale": _RANGE * float(raw.std()), "threshold": 0.0}
        pairs = self._everyday(
            self.pairs(raw, FingerprintReader(raw.shape[1:], settings), "dev"), "dev"
        )
        return settings | {"threshold": min(1.0, pairs.threshold()), "precision": PRECISION}

    def measure(self, raw: NDArray[Any], read: Read, split: Split) -> dict[str, float]:
        """Recall at the best threshold; recall and precision at the one that ships.

        Once over all photos, and as ``everyday_...`` without the catalogues.
        """
        pairs = self.pairs(raw, read, split)
        everyday = self._everyday(pairs, split)
        pairs = without(pairs, self.pictures(split), self.settings.frames, LIBRARY)
        assert isinstance(read, FingerprintReader)
        metrics = {"bytes": raw.shape[1] / 2}
        for prefix, some in (("", pairs), ("everyday_", everyday)):
            metrics |= {
                f"{prefix}recall_at_precision_999": some.recall(some.threshold()),
                f"{prefix}recall": some.recall(read.threshold),
                f"{prefix}precision": some.precision(read.threshold),
            }
        return metrics

    def pairs(self, raw: NDArray[Any], read: Read, split: Split) -> CopyPairs:
        """Copies of the split against its photos, as a library would compare them."""
        prints = np.frombuffer(b"".join(read(row) for row in raw), np.uint8).reshape(len(raw), -1)
        return all_pairs(vectors(prints), self.pictures(split), LIBRARY, self.twins())

    def _everyday(self, pairs: CopyPairs, split: Split) -> CopyPairs:
        """The pairs of a split without catalogues and frames of films."""
        left_out = (*self.settings.catalogues, *self.settings.frames)
        return without(pairs, self.pictures(split), left_out, LIBRARY)

    def twins(self) -> frozenset[frozenset[str]]:
        """The pairs of keys of one picture."""
        return frozenset(frozenset(pair.split()) for pair in self.settings.twins)

    def _chosen(self, split: Split) -> list[Sample]:
        settings, samples = self.settings, read_pack(self.place.data, [split])
        return select_photos(
            samples,
            settings.sources or {sample.source for sample in samples},
            without=settings.held_out if split == "train" else (),
            left_out=settings.left_out,
            most=settings.most,
        )

    def _all_pictures(self) -> dict[Split, EditedCopies]:
        settings, seed = self.settings, self.place.seed
        splits: tuple[Split, ...] = ("test", "dev", "train")
        photos = [s for split in splits for s in self._chosen(split)]
        photos = distinct(photos, self.place.cache / "distinct.json")
        random.Random(f"print {seed}").shuffle(photos)  # noqa: S311 - reproducible, not secret
        train = [s for s in photos if s.split == "train"]
        taught, unseen = train[: settings.photos], train[settings.photos :]

        def asked(split: Split, queries: int, more: Sequence[Sample], number: int) -> EditedCopies:
            here = [s for s in photos if s.split == split]
            ordinary = [s for s in here if s.kind == "photo"][:queries]
            keys = {s.key for s in ordinary}
            others = [s for s in here if s.key not in keys] + list(more)
            looks = settings.query_looks
            others = others[: settings.others]
            return EditedCopies(ordinary, tuple(EDITS), looks, _ASKED, seed + number, others)

        check_groups(train, "sources", settings.sources)
        return {
            "train": EditedCopies(taught, TAUGHT + _HARD, settings.looks, _TAUGHT, seed),
            "dev": asked("dev", settings.dev_queries, (), 1),
            "test": asked("test", settings.queries, unseen, 2),
        }


HEAD = FingerprintHead
