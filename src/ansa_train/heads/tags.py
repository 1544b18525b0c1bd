"""Tags: one linear layer over the embedding, begun from words, for every concept of the tree.

The embedding shares its space with text, so a concept is known by its name before any photo shows
it: its logit is the cosine with "a photo of X", in standard deviations over photos, times one scale
for all concepts. On top learns a linear layer where photos say something. Both are linear, so one
layer ships.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa.model.analyzer import Analyzer
from ansa.model.heads.tags import TagsReader
from ansa.taxonomy.related_terms import FILE as KIN
from ansa.taxonomy.tree import FILE
from ansa_train.data.labels.class_prompts import article
from ansa_train.data.labels.concept_labels import ABSENT, PRESENT, UNMENTIONED, ConceptLabels
from ansa_train.data.pack import Sample, Split, read_pack
from ansa_train.data.pictures import WholePhotos
from ansa_train.evaluate.calibration import offset_for, platt, threshold_at
from ansa_train.evaluate.tag_metrics import tag_metrics
from ansa_train.heads.base import Head, Read
from ansa_train.taxonomy.build import LEFT_UNSAID, Taxonomy, taxonomy
from ansa_train.taxonomy.related_terms import related_terms_file
from ansa_train.taxonomy.teacher_classes import class_map, softmax
from ansa_train.taxonomy.wordnet import WordNet
from ansa_train.teachers.imagenet import class_logits

GAIN = 16.0
"""Unit vectors of 512 numbers are small; so multiplied, weights of the usual size do something."""

KNOWN = 0.05
"""Share of the dev photos that must say something of a concept for it to be taught by photos."""

PAIRS = 200_000
"""Pairs of photo and tag that the calibration of all tags is learned from."""


@dataclass(frozen=True, slots=True)
class TagSettings:
    """Settings of the head.

    Attributes:
        seldom: weight of a class that the teacher rules out; one that it is sure of has weight one.
        unmentioned: weight of a concept that captions do not mention.
        precision: at which a tag is sure, as estimated on dev photos.
        evidence: dev photos that must show a tag for it to have a threshold of its own.
        likely: least probability of a sure tag.
        strict: the same where dev photos say too little.
        prior: in dev photos, how much the calibration of all tags counts for each.
    """

    seldom: float = 0.1
    unmentioned: float = 0.3
    precision: float = 0.7
    evidence: int = 5
    likely: float = 0.5
    strict: float = 0.9
    prior: float = 20.0


class TagsNetwork(nn.Module):
    """Unit vectors (n, d) -> logits (n, concepts), twice; see :meth:`forward`.

    Args:
        texts: (concepts, d) unit vectors of the concepts' names.
    """

    def __init__(self, texts: Tensor) -> None:
        super().__init__()
        self.texts: Tensor
        self.register_buffer("texts", texts)
        self.spread = nn.BatchNorm1d(len(texts), affine=False, momentum=0.02)
        self.scale = nn.Parameter(torch.tensor([1.5, -6.0]))
        self.learned = nn.Linear(texts.shape[1], len(texts))
        nn.init.zeros_(self.learned.weight)
        nn.init.zeros_(self.learned.bias)

    def named(self, vectors: Tensor) -> Tensor:
        """Logits by the names alone."""
        spread: Tensor = self.spread(vectors @ self.texts.T)
        return spread * self.scale[0] + self.scale[1]

    def forward(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """All logits, and those by the names alone."""
        named = self.named(vectors)
        # The scale learns from names alone, as it must hold for what no photo shows.
        return named.detach() + self.learned(vectors * GAIN), named

    def merged(self) -> nn.Linear:
        """The same as one linear layer."""
        mean, variance = self.spread.running_mean, self.spread.running_var
        if mean is None or variance is None:
            raise TypeError("a batch norm that keeps no statistics")
        gain = self.scale[0] / (variance + self.spread.eps).sqrt()
        layer = nn.Linear(self.texts.shape[1], len(self.texts))
        with torch.no_grad():
            layer.weight.copy_(self.texts * gain[:, None] + self.learned.weight * GAIN)
            layer.bias.copy_(self.scale[1] - mean * gain + self.learned.bias)
        return layer


class TagsHead(Head[TagSettings]):
    """See :class:`ansa_train.heads.base.Head`."""

    VERSION = 1
    BRANCHES = ("embedding",)
    SETTINGS = TagSettings
    PARTS = ("wordnet", "imagenet-synsets", "efficientnet-lite2")

    def pictures(self, split: Split) -> WholePhotos:
        """See the base class."""
        return WholePhotos(self._samples(split))

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """See the base class."""
        return TagsNetwork(torch.from_numpy(self.texts()))

    def loss(
        self, outputs: tuple[Tensor, Tensor], rows: Sequence[int], network: nn.Module
    ) -> dict[str, Tensor]:
        """See the base class."""
        # The names' one scale needs no leniency, and must be right without any calibration.
        wanted = self._learned.of(rows), self._learned.strictly(rows)
        losses = {}
        for name, logits, known in zip(("learned", "named"), outputs, wanted, strict=True):
            target, weight = (torch.from_numpy(each) for each in known)
            loss = F.binary_cross_entropy_with_logits(logits, target, weight, reduction="sum")
            losses[name] = loss / len(rows)
        return losses

    def exported(self, network: nn.Module) -> nn.Module:
        """See the base class."""
        assert isinstance(network, TagsNetwork)
        return network.merged()

    def files(self) -> dict[str, bytes]:
        """See the base class."""
        tree = self.taxonomy.tree
        return {FILE: tree.to_bytes(), KIN: related_terms_file(tree, WordNet())}

    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """See the base class."""
        target, weight = ConceptTargets(self, "dev").strictly(range(len(raw)))
        tree = self.taxonomy.tree
        place = self.shown.place
        # Where only presence was ever said, as by a lone caption, nobody knows how rare it is.
        taught = np.asarray((weight > 0).mean(0) >= KNOWN)
        weight = weight * taught
        lines = _calibrations(raw, target, weight, self.settings.prior)
        spoken = [bool(sample.captions) for sample in self._samples("dev")]
        for i in np.flatnonzero(~taught) if any(spoken) else ():
            offset = offset_for(raw[spoken][:, i].astype(np.float64), self.shown.seldom)
            lines[i] = (1.0, offset)
        settings: dict[str, Any] = {
            "names": [concept.name for concept in tree],
            "parents": [-1 if c.parent is None else place[c.parent] for c in tree],
            "slopes": [round(slope, 4) for slope, _ in lines],
            "offsets": [round(offset, 4) for _, offset in lines],
            "thresholds": [1.0] * len(tree),
            "shown": [int(concept.name not in LEFT_UNSAID) for concept in tree],
            "taught": [int(each) for each in taught.tolist()],
            "precision": self.settings.precision,
        }
        read = TagsReader(raw.shape[1:], settings)
        scores = np.array([read.probabilities(row) for row in raw])
        found = (self._threshold(*each) for each in zip(scores.T, target.T, weight.T, strict=True))
        settings["thresholds"] = [round(threshold, 4) for threshold in found]
        return settings

    def measure(self, raw: NDArray[Any], read: Read, split: Split) -> dict[str, float]:
        """See the base class."""
        assert isinstance(read, TagsReader)
        samples = self._samples(split)
        scores = np.array([read.probabilities(row) for row in raw])
        tags = [read(row) for row in raw]
        return tag_metrics(samples, self.shown, scores, tags)

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The tree, and the teacher's classes in it."""
        return taxonomy()

    @cached_property
    def shown(self) -> ConceptLabels:
        """What people say of photos."""
        return ConceptLabels(self.taxonomy.tree, self._samples("train"))

    def _threshold(self, scores: NDArray[Any], target: NDArray[Any], weight: NDArray[Any]) -> float:
        wanted = self.settings
        if not weight.any():
            return 1.0
        if (target * weight).sum() < wanted.evidence:
            return wanted.strict
        found = threshold_at(scores, target, weight, wanted.precision, wanted.evidence)
        return 1.0 if found is None else max(found, wanted.likely)

    def _samples(self, split: Split) -> list[Sample]:
        if split not in self._read:
            self._read[split] = read_pack(self.place.data, [split])
        return self._read[split]

    @cached_property
    def _read(self) -> dict[str, list[Sample]]:
        return {}

    @cached_property
    def _learned(self) -> ConceptTargets:
        return ConceptTargets(self, "train")

    def texts(self) -> NDArray[np.float32]:
        """(concepts, d) unit vectors of the names; the slow part of the start, so kept."""
        analyzer = Analyzer(self.place.bundle)
        texts = [f"a photo of {article(concept.name)}" for concept in self.taxonomy.tree]
        stands_for = zlib.crc32("\n".join([analyzer.bundle.id, *texts]).encode())
        file = self.place.cache / f"texts-{stands_for:08x}.npy"
        if not file.exists():
            self.place.cache.mkdir(parents=True, exist_ok=True)
            np.save(file, analyzer.embed_text(texts))
        vectors: NDArray[np.float32] = np.load(file)
        return vectors


def _calibrations(
    logits: NDArray[Any], target: NDArray[Any], weight: NDArray[Any], prior: float
) -> list[tuple[float, float]]:
    """Slope and offset of every concept, drawn towards those of all; one and zero if unknown."""
    logits, target, weight = (each.astype(np.float64) for each in (logits, target, weight))
    known = np.flatnonzero(weight.ravel())
    if not known.size:
        return [(1.0, 0.0)] * logits.shape[1]
    some = known[:: max(1, known.size // PAIRS)]
    x, y, w = (each.ravel()[some] for each in (logits, target, weight))
    pooled = platt(x, y, w, (1.0, 0.0), 1.0)
    return [
        platt(*each, pooled, prior) if each[2].any() else (1.0, 0.0)
        for each in zip(logits.T, target.T, weight.T, strict=True)
    ]


class ConceptTargets:
    """How surely each photo shows each concept, and how much that counts.

    Args:
        head: whose photos they are.
        split: which.
    """

    def __init__(self, head: TagsHead, split: Split) -> None:
        samples = head.pictures(split).samples
        self.states = head.shown(samples)
        self.settings = head.settings
        self.chances = softmax(class_logits(samples, head.place.cache))
        self.photo = np.array([sample.kind == "photo" for sample in samples])
        self.kinds = class_map(head.taxonomy)
        self.covered = self.kinds.any(0)

    def of(self, rows: Sequence[int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Target 0..1 and weight, (rows, concepts) each, to learn from."""
        settings, states = self.settings, self.states[rows]
        target, covered = self._teacher(rows)
        weight = np.where(covered, settings.seldom + (1 - settings.seldom) * target, 0)
        unmentioned = states == UNMENTIONED
        weight = np.where(unmentioned, np.maximum(weight, settings.unmentioned), weight)
        return self._people(states, target, weight)

    def strictly(self, rows: Sequence[int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The same to calibrate by: what no caption mentions is absent."""
        states = self.states[rows]
        target, covered = self._teacher(rows)
        unmentioned = states == UNMENTIONED
        target = np.where(unmentioned, 0, target)
        return self._people(states, target, covered | unmentioned)

    def _teacher(self, rows: Sequence[int]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        target = np.minimum(self.chances[rows] @ self.kinds, 1.0)
        return target, self.photo[rows][:, None] & self.covered

    def _people(
        self, states: NDArray[np.uint8], target: NDArray[Any], weight: NDArray[Any]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        present, absent = states == PRESENT, states == ABSENT
        target = np.where(present, 1, np.where(absent, 0, target))
        return target.astype(np.float32), np.where(present | absent, 1, weight).astype(np.float32)


HEAD = TagsHead
