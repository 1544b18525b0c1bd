"""Technical quality: how strong each fault of a photo is, learned from faults made on purpose."""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa.model.heads.quality import NAMES, overall
from ansa.scene import Pixels
from ansa_train.data.augment.degradations import TILT, WHOLE, Faults, Part, degrade, draw_faults
from ansa_train.data.pack import Sample, Split, read_pack
from ansa_train.data.photo_selection import check_groups, select_photos
from ansa_train.data.pictures import keys_identity
from ansa_train.heads.base import Head, HeadContext, Read

SHOTS = 5
"""How many shots a burst has."""

BLURRED = 0.45
"""The focus or motion from which on a photo is said to be blurred."""

CLEARLY = 0.6
"""The true one from which on it should be."""


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """Settings of the quality head.

    Attributes:
        sources: groups of photos (see :mod:`ansa_train.data.photo_selection`), nearly all level and
            sharp; all photos if empty.
        held_out: groups that nothing is learned of, neither weights nor calibration: the test looks
            at these alone, and dev too, where they have dev photos.
        left_out: patterns of names of photos that are no good.
        most: photos of a source that are taken at most; 0 for all.
        soft: groups that show something sharp before a soft background, as it should be.
        pictures: how many degraded pictures it learns from.
        judged: how many of dev, and of test.
        alone: how many more of them, of each fault, have that fault and no other.
        bursts: how many bursts of dev photos, and of test photos, are ranked.
        width: channels of its convolutions.
        dropout: share of what is pooled that is hidden in training.
    """

    sources: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    most: int = 0
    soft: tuple[str, ...] = ()
    pictures: int = 6000
    judged: int = 900
    alone: int = 100
    bursts: int = 100
    width: int = 48
    dropout: float = 0.1


WEIGHTS = {
    "defocus_blur": 0.95,
    "motion_blur": 0.9,
    "noise": 0.7,
    "compression_artifacts": 0.7,
    "exposure": 0.95,
    "tilt": 0.4,
}
"""What each fault at its strongest takes from the overall quality. Nobody rated photos for them."""

SIGNED = ("exposure", "tilt")

SCALE = np.array([TILT if name == "tilt" else 1.0 for name in NAMES], np.float32)
"""The strongest of each fault, in the units of its signal."""


_GRID, _PLACES = 4, 16
"""Parts in each direction, and channels, of what is where."""


@dataclass(frozen=True, slots=True)
class DegradedPhoto:
    """One picture to be made: of which photo, how framed, with what faults."""

    sample: Sample
    faults: Faults
    part: Part


class DegradedPhotos:
    """Photos with faults: single shots, shots with one fault alone, bursts of one photo; and some
    photos as they are.

    Args:
        samples: the photos.
        singles: how many single shots; each photo is used once before one is used again.
        alone: of each fault how many shots, which have no other; they come next.
        bursts: how many bursts of :data:`SHOTS` shots; they come then.
        soft: photos that are looked at as they are; they come last.
        tilted: share of single shots that are tilted; None for as often as any other fault.
        seed: of everything random.

    Attributes:
        shots: what each picture is.
        strengths: (pictures, 6) in the order of NAMES; tilt in degrees.
        soft: which pictures are photos as they are.
    """

    name = "degraded"

    def __init__(
        self,
        samples: Sequence[Sample],
        singles: int,
        alone: int,
        bursts: int,
        soft: Sequence[Sample],
        tilted: float | None,
        seed: int,
    ) -> None:
        rng = random.Random(f"degraded {seed}")  # noqa: S311 - reproducible, not secret
        self.samples = sorted(samples, key=lambda s: zlib.crc32(f"{seed} {s.key}".encode()))
        self.singles, self.alone, self.bursts, self._seed = singles, alone, bursts, seed
        self.shots = [
            _framed(self.samples[i % len(self.samples)], draw_faults(rng, tilted), rng)
            for i in range(singles)
        ]
        for i, name in enumerate(NAMES):
            photos = (self.samples[(i * alone + j) % len(self.samples)] for j in range(alone))
            self.shots += [_framed(photo, _of_kinds([name], rng), rng) for photo in photos]
        for burst in range(bursts):
            sample = self.samples[burst % len(self.samples)]
            kinds = rng.sample(NAMES, 2)
            self.shots += [_framed(sample, _of_kinds(kinds, rng), rng) for _ in range(SHOTS)]
        self.soft = range(len(self.shots), len(self.shots) + len(soft))
        self.shots += [DegradedPhoto(sample, Faults(), WHOLE) for sample in soft]
        rows = [[getattr(shot.faults, name) for name in NAMES] for shot in self.shots]
        self.strengths = np.array(rows, np.float32).reshape(-1, len(NAMES))

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.shots)

    def identity(self) -> str:
        """A text that is another one whenever any of the pictures is."""
        made = zlib.crc32(" ".join(str(shot.faults) for shot in self.shots).encode())
        soft = keys_identity([self.shots[i].sample for i in self.soft])
        return f"{keys_identity(self.samples)} {len(self.shots)} shots {made:08x} {soft} 3"

    def render(self, index: int, size: int) -> Pixels:
        """One of the pictures, uint8 (size, size, 3), the same at every call."""
        shot = self.shots[index]
        seed = f"{self._seed} {index}"
        return degrade(shot.sample.read(), shot.faults, size, seed, shot.part)


def _framed(sample: Sample, faults: Faults, rng: random.Random) -> DegradedPhoto:
    return DegradedPhoto(sample, faults, (rng.uniform(0.85, 1), rng.random(), rng.random()))


def _of_kinds(kinds: Sequence[str], rng: random.Random) -> Faults:
    strengths = {kind: rng.uniform(-1.0 if kind in SIGNED else 0.0, 1.0) for kind in kinds}
    if "tilt" in strengths:
        strengths["tilt"] *= TILT
    return Faults(**strengths)


class QualityNetwork(nn.Module):
    """Maps of three strides -> (n, 6): strengths in the order of NAMES, tilt / TILT.

    Texture is told from means and deviations of learned filters, and from how strong the edges of
    the early maps are in which direction; what is level, from the directions and from what is
    where. In training each picture is mirrored by chance, or the filters that see where things are
    learn the photos by heart.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], width: int, dropout: float) -> None:
        super().__init__()
        four, eight, sixteen = (shapes[f"stride{s}"][0] for s in (4, 8, 16))
        # Without weights of their own: nothing then asks for gradients of the large maps.
        self.norm4, self.norm8, self.norm16 = (
            nn.BatchNorm2d(channels, affine=False) for channels in (four, eight, sixteen)
        )
        self.fine = _block(four, width // 2, 3, 2)
        self.middle = _block(eight, width, 1)
        self.lines = _block(eight, width, 3, 2)
        self.things = _block(sixteen, width, 1)
        self.places = nn.Sequential(
            _block(sixteen + width, width, 1),
            _block(width, width, 5, groups=width),
            nn.Conv2d(width, _PLACES, 1),
        )
        pooled = 2 * (width // 2 + 3 * width)
        self.texture = _answer(pooled + 3 * (four + eight), len(NAMES) - 1, dropout)
        where = _PLACES * _GRID * _GRID
        self.tilt = _answer(4 * (four + eight) + where, 1, 5 * dropout)

    def forward(self, stride4: Tensor, stride8: Tensor, stride16: Tensor) -> Tensor:
        """Strengths of faults, and tilt / TILT, (n, 6), from three maps (n, c, h, w)."""
        maps = (stride4, stride8, stride16)
        if not self.training:
            return torch.cat(self._answers(*maps), 1)
        turned = torch.rand(len(stride4), 1, 1, 1) < 0.5
        texture, tilt = self._answers(*(torch.where(turned, each.flip(3), each) for each in maps))
        return torch.cat([texture, torch.where(turned[:, :, 0, 0], -tilt, tilt)], 1)

    def _answers(self, stride4: Tensor, stride8: Tensor, stride16: Tensor) -> tuple[Tensor, Tensor]:
        stride4, stride8, stride16 = self.norm4(stride4), self.norm8(stride8), self.norm16(stride16)
        lines = self.lines(stride8)
        maps = (self.fine(stride4), self.middle(stride8), lines, self.things(stride16))
        edges4, turned4 = _directions(stride4)
        edges8, turned8 = _directions(stride8)
        texture = torch.cat([*(_pooled(each) for each in maps), edges4, edges8], 1)
        places = self.places(torch.cat([stride16, lines], 1))
        where = F.adaptive_avg_pool2d(places, _GRID).flatten(1)
        return self.texture(texture), self.tilt(torch.cat([turned4, turned8, where], 1))


def _block(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


def _answer(inputs: int, outputs: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.BatchNorm1d(inputs),
        nn.Dropout(dropout),
        nn.Linear(inputs, 64),
        nn.ReLU(),
        nn.Linear(64, outputs),
    )


def _pooled(x: Tensor) -> Tensor:
    """Mean and deviation of each channel, (n, c, h, w) -> (n, 2 c)."""
    mean = x.mean((2, 3))
    square = (x * x).mean((2, 3))
    return torch.cat([mean, (square - mean * mean).clamp(min=1e-4).sqrt()], 1)


def _directions(x: Tensor) -> tuple[Tensor, Tensor]:
    """How strong the edges of each channel are, and which way they run.

    By the structure tensor (Bigun and Granlund, 1987), averaged over 2 x 2 places. An edge that is
    upright or level is both to the sine of four times its angle, so a tilted photo gives that sine
    a sign wherever it has walls or a horizon; the sine of twice the angle tells slopes apart.

    Args:
        x: (n, c, h, w).

    Returns:
        (n, 3 c), logarithm of the strength, and its balance between level and upright and between
        the diagonals; (n, 4 c), both sines weighted by the strength and by its root.
    """
    across = x[:, :, 1:-1, 2:] - x[:, :, 1:-1, :-2]
    down = x[:, :, 2:, 1:-1] - x[:, :, :-2, 1:-1]
    strength = F.avg_pool2d(across * across + down * down, 2) + 1e-3
    cos = F.avg_pool2d(across * across - down * down, 2) / strength
    sin = F.avg_pool2d(2 * across * down, 2) / strength
    mean = strength.mean((2, 3))
    root = strength.sqrt()
    turned = []
    for weight in (root, strength):
        total = weight.mean((2, 3))
        turned += [(weight * sin).mean((2, 3)) / total]
        turned += [(weight * 2 * sin * cos).mean((2, 3)) / total]
    balance = [(strength * each).mean((2, 3)) / mean for each in (cos, sin)]
    return torch.cat([mean.log(), *balance], 1), torch.cat(turned, 1)


class QualityHead(Head[QualitySettings]):
    """The head that says how strong each technical fault of a photo is, and how it is tilted."""

    BRANCHES = ("stride4", "stride8", "stride16")
    SETTINGS = QualitySettings

    def __init__(self, place: HeadContext, settings: QualitySettings) -> None:
        super().__init__(place, settings)
        self._pictures: dict[Split, DegradedPhotos] = {}

    def pictures(self, split: Split) -> DegradedPhotos:
        """Photos with faults; of dev and test also shots with one fault alone, bursts, soft ones.

        Raises:
            TrainingError: the recipe's groups are of another pack.
        """
        if split not in self._pictures:
            settings = self.settings
            samples = read_pack(self.place.data, [split])
            soft: list[Sample] = []
            if split == "train":
                # What is level is learned slowest, and from tilted photos only.
                counts, tilted = (settings.pictures, 0, 0), 0.9
                check_groups(samples, "sources", settings.sources)
            else:
                counts, tilted = (settings.judged, settings.alone, settings.bursts), None
                if settings.soft:
                    soft = self._chosen(samples, settings.soft, ())[: settings.judged]
            found = self._chosen(samples, settings.sources, settings.held_out)
            if split != "train" and settings.held_out:
                found = self._chosen(samples, settings.held_out, ()) or found
            self._pictures[split] = DegradedPhotos(found, *counts, soft, tilted, self.place.seed)
        return self._pictures[split]

    def _chosen(
        self, samples: Sequence[Sample], groups: Sequence[str], without: Sequence[str]
    ) -> list[Sample]:
        settings = self.settings
        return select_photos(
            samples, groups, without=without, left_out=settings.left_out, most=settings.most
        )

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """An untrained :class:`QualityNetwork`."""
        return QualityNetwork(shapes, self.settings.width, self.settings.dropout)

    def loss(self, outputs: Tensor, rows: Sequence[int], network: nn.Module) -> dict[str, Tensor]:
        """Squared error of each strength; tilt counts as a share of the strongest."""
        wanted = torch.from_numpy(self.pictures("train").strengths[list(rows)] / SCALE)
        errors = (outputs - wanted).square().mean(0)
        return dict(zip(NAMES, errors, strict=True))

    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """What strength a raw value means on average, by the line of least squares."""
        pictures = self.pictures("dev")
        true, raw = pictures.strengths[: pictures.singles], raw[: pictures.singles]
        curves = {name: _line(name, raw[:, i], true[:, i]) for i, name in enumerate(NAMES)}
        return {"curves": curves, "weights": WEIGHTS, "steepest": TILT}

    def measure(self, raw: NDArray[Any], read: Read, split: Split) -> dict[str, float]:
        """Spearman's correlation and mean error of each fault, and how well bursts are ranked.

        A fault is judged on the single shots that have it, whatever else they have: among those
        without it there is nothing to order. ``absent`` is the mean strength claimed where a fault
        is not, ``sign`` the share of faults of more than a fifth of the strongest whose sign is
        right, ``alone_spearman`` the correlation where there is no other fault. In a burst the
        least degraded shot, by the same formula of the true strengths, should lead; ``pairs`` is
        the share of its pairs in the right order. ``blur_found`` is the share of clearly blurred
        single shots that are called so, ``soft_called_blurred`` that of the photos with a soft
        background.
        """
        pictures = self.pictures(split)
        signals = [read(each) for each in raw]
        every = np.array([[getattr(s, name) for name in NAMES] for s in signals], np.float32)
        found, true = every[: pictures.singles], pictures.strengths[: pictures.singles]
        metrics = {}
        for i, name in enumerate(NAMES):
            first = pictures.singles + i * pictures.alone
            only = slice(first, first + pictures.alone)
            ranked = spearmanr(every[only, i], pictures.strengths[only, i])
            metrics[f"{name}_alone_spearman"] = float(ranked.statistic)
            has = true[:, i] != 0
            metrics[f"{name}_spearman"] = float(spearmanr(found[has, i], true[has, i]).statistic)
            metrics[f"{name}_error"] = float(np.abs(found - true)[has, i].mean())
            metrics[f"{name}_absent"] = float(np.abs(found[~has, i]).mean())
            if name in SIGNED:
                clear = np.abs(true[:, i]) > SCALE[i] / 5
                right = np.sign(found[clear, i]) == np.sign(true[clear, i])
                metrics[f"{name}_sign"] = float(right.mean())
        whole = [s.overall for s in signals]
        perfect = [overall(asdict(shot.faults), WEIGHTS, TILT) for shot in pictures.shots]
        end = pictures.soft.start
        first = end - pictures.bursts * SHOTS
        bursts = (np.reshape(each[first:end], (-1, SHOTS)) for each in (whole, perfect))
        metrics |= burst_ranks(*bursts)
        blurred = every[:, :2].max(1) >= BLURRED
        clearly = true[:, :2].max(1) > CLEARLY
        if clearly.any():
            metrics["blur_found"] = float(blurred[: len(true)][clearly].mean())
        if pictures.soft:
            metrics["soft_called_blurred"] = float(blurred[list(pictures.soft)].mean())
        flawless = [w for w, p in zip(whole[:end], perfect, strict=False) if p == 1.0]
        metrics["overall_spearman"] = float(
            spearmanr(whole[: pictures.singles], perfect[: pictures.singles]).statistic
        )
        metrics["overall_flawless"] = float(np.median(flawless))
        return metrics


def burst_ranks(found: NDArray[Any], true: NDArray[Any]) -> dict[str, float]:
    """How well bursts are ranked.

    Args:
        found: (bursts, shots), what the shots scored.
        true: the same, what they should have scored.

    Returns:
        ``burst_top1``, the share of bursts whose best shot leads, and ``burst_pairs``, that of
        pairs in the right order; pairs that are truly equal are left out, and a tie of the scores
        counts half.
    """
    best = true.max(1)
    top = np.take_along_axis(true, found.argmax(1)[:, None], 1)[:, 0] == best
    one, other = np.triu_indices(found.shape[1], 1)
    wanted = np.sign(true[:, one] - true[:, other])
    got = np.sign(found[:, one] - found[:, other])
    right = (got * wanted)[wanted != 0]
    return {"burst_top1": float(top.mean()), "burst_pairs": float((right + 1).mean() / 2)}


def _line(name: str, raw: NDArray[Any], true: NDArray[Any]) -> list[list[float]]:
    """The two points [raw values, strengths] between which a fault's strengths lie."""
    highest = TILT if name == "tilt" else 1.0
    lowest = -highest if name in SIGNED else 0.0
    raw, true = raw.astype(np.float64), true.astype(np.float64)
    # A head that knows nothing has no slope; the reader wants one that rises.
    slope = max(1e-3, np.cov(raw, true)[0, 1] / (raw.var(ddof=1) + 1e-9))
    start = true.mean() - slope * raw.mean()
    ends = [round(float((end - start) / slope), 6) for end in (lowest, highest)]
    return [ends, [lowest, highest]]


HEAD = QualityHead
