"""Tags: what the start's classifier knows of a thousand classes, and what photos teach beside it.

The backbone keeps the features of an EfficientNet-Lite, so that its ImageNet classifier comes with
them. A concept that is one of its classes, or that classes are kinds of, begins with the log-odds
of their summed probabilities (Deng et al., "Hedging Your Bets", 2012). What photos show of a
concept teaches a correction: one hidden layer over all features, shared by all concepts. Classes of
which hardly any photo is labelled are left as the classifier has them. A concept that is neither
class nor shown by enough photos is not in the vocabulary.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa.model.heads.tags import TagsReader
from ansa.taxonomy.related_terms import FILE as KIN
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.data.labels.coco_classes import LABELS
from ansa_train.data.labels.concept_labels import ABSENT, PRESENT, UNMENTIONED, ConceptLabels
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.data.pack import Sample, Split, read_pack, take
from ansa_train.data.pictures import WholePhotos
from ansa_train.errors import TrainingError
from ansa_train.evaluate.calibration import platt, threshold_at
from ansa_train.evaluate.tag_metrics import tag_metrics
from ansa_train.heads.base import Head, Read
from ansa_train.models.mobilenet import Backbone
from ansa_train.models.warm_start import efficientnet_lite
from ansa_train.taxonomy.build import BROAD, LEFT_UNSAID, Taxonomy, taxonomy
from ansa_train.taxonomy.related_terms import related_terms_file
from ansa_train.taxonomy.teacher_classes import class_map, softmax
from ansa_train.taxonomy.wordnet import WordNet
from ansa_train.teachers.imagenet import class_logits
from ansa_train.teachers.nanodet import NanoDet
from ansa_train.teachers.teacher_cache import boxes_of

PAIRS = 200_000
"""Pairs of photo and tag that the calibration of all tags is learned from."""

WRITTEN = frozenset(("screenshot", "receipt", "barcode", "qr code"))
"""Kinds of pictures that show text, codes and drawn things, and none of what photos show."""

DRAWN = frozenset(("painting", "cartoon", "sketch", "meme"))
"""Kinds of pictures that a teacher which saw only photos is not asked about."""

OF_WRITTEN = ("document", "electronics", "look", "sign", "art")
"""What pictures of a kind in WRITTEN may show, with all kinds of it."""

LEAST_SCORE = 0.05
"""Of what the detection teacher sees; below it is nothing."""

SEEN = 0.5
"""The score from which on an object is counted as shown."""

EVEN_SCORE, STEEPNESS = 0.3, 12.0
"""The score at which an object is as likely there as not, and how fast that changes around it."""

MIN_BITS, MAX_BITS = 2.0, 6.0
"""What a tag tells, as bits of information; beyond these, rare and frequent ones are alike."""

_LEAST = 1e-5  # of a sum of exponentials; the greatest of them is one


@dataclass(frozen=True, slots=True)
class TagSettings:
    """Settings of the head.

    Attributes:
        labels: TOML file that says what labels mean (:mod:`ansa_train.data.labels.label_rules`);
            none if empty.
        held_out: sources that nothing is learned from; their training photos tune the head.
        left_out: sources of which no photo is used, as others repeat them.
        most: training photos without captions of a source; 0 for all.
        most_dev: dev photos without captions of a source; 0 for all.
        most_held_out: training photos of a source held out that tune the head; 0 for all.
        most_test: test photos without captions of a source; 0 for all.
        teacher: of the 1,000 classes, one of :data:`ansa_train.models.teacher.TEACHERS`.
        objects: by source, the training photos whose objects of COCO's 80 classes the detection
            teacher tells.
        classifier: the image network of :mod:`ansa_train.models.presets` that the features are of,
            and whose pretrained classifier is taken.
        hidden: width of the hidden layer.
        dropout: share of features and hidden values that are dropped.
        examples: training photos that must show a concept for it to be learned.
        seldom: weight of a class that the teacher rules out; one that it is sure of has weight one.
        unmentioned: weight of a concept that captions do not mention.
        unknown: weight of a concept of which nothing is known, held to how often captions say it.
        detected: weight of an object that the detection teacher sees, or does not see.
        written: weight of a concept of photos in a picture of text.
        precision: at which a tag is sure, as estimated on dev photos.
        silence: how much a tag counts as wrong there that captions do not mention.
        evidence: dev photos that must show a tag for it to have a threshold of its own.
        likely: least probability of a sure tag with a threshold of its own.
        strict: the same where dev photos say too little.
        prior: in dev photos, how much the calibration of all tags counts for each.
    """

    labels: str = ""
    held_out: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    most: int = 0
    most_dev: int = 0
    most_held_out: int = 0
    most_test: int = 0
    teacher: str = "efficientnet-lite3"
    objects: Mapping[str, int] = field(default_factory=dict)
    classifier: str = "efficientnet-lite0-rich"
    hidden: int = 512
    dropout: float = 0.3
    examples: int = 15
    seldom: float = 0.05
    unmentioned: float = 0.3
    unknown: float = 0.03
    detected: float = 0.7
    written: float = 0.3
    precision: float = 0.95
    silence: float = 0.5
    evidence: int = 10
    likely: float = 0.8
    strict: float = 0.9
    prior: float = 20.0


class TagNetwork(nn.Module):
    """Features (n, f) -> logits (n, concepts).

    Args:
        classifier: (n, f) -> logits of the classes, frozen.
        kinds: (classes, concepts), one where a class is a kind of a concept.
        learned: bool (concepts,), which concepts photos teach.
        often: (concepts,), the share of photos that show each; where those begin that no class is a
            kind of.
        hidden: width of the hidden layer.
        dropout: share of features and hidden values that are dropped in training.
    """

    def __init__(
        self,
        classifier: nn.Linear,
        kinds: Tensor,
        learned: Tensor,
        often: Tensor,
        hidden: int,
        dropout: float,
    ) -> None:
        super().__init__()
        read = int(classifier.weight.detach().any(0).nonzero().max()) + 1  # the rest is zero
        self.classes = nn.Linear(read, len(classifier.weight)).requires_grad_(False)
        self.classes.weight.copy_(classifier.weight.detach()[:, :read])
        self.classes.bias.copy_(classifier.bias.detach())
        self.kinds: Tensor
        self.covered: Tensor
        self.learned: Tensor
        self.register_buffer("kinds", kinds.clone())
        self.register_buffer("covered", kinds.any(0).float())
        self.register_buffer("learned", learned.float())
        self.slopes = nn.Parameter(torch.tensor([0.9, 0.9]))
        self.own_slopes = nn.Parameter(torch.zeros(2, kinds.shape[1]))
        self.normal = nn.BatchNorm1d(classifier.in_features, affine=False, momentum=0.02)
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(classifier.in_features, hidden)
        self.up = nn.Linear(hidden, kinds.shape[1])
        nn.init.zeros_(self.up.weight)
        start = torch.logit(often.clamp(1e-3, 0.9)) * (1 - self.covered)
        self.up.bias = nn.Parameter(start)

    def forward(self, features: Tensor) -> Tensor:
        """See the class."""
        logits = self.classes(features[:, : self.classes.in_features])
        chances = (logits - logits.amax(1, keepdim=True)).exp()
        inside = chances @ self.kinds
        outside = chances.sum(1, keepdim=True) - inside
        slopes = self.covered * (self.slopes[:, None] + self.own_slopes * self.learned)
        known = slopes[0] * (inside.clamp_min(0) + _LEAST).log()
        known = known - slopes[1] * (outside.clamp_min(0) + _LEAST).log()
        hidden = F.relu(self.hidden(self.dropout(self.normal(features))))
        both: Tensor = known + self.up(self.dropout(hidden)) * self.learned
        return both


class TagsHead(Head[TagSettings]):
    """See :class:`ansa_train.heads.base.Head`."""

    VERSION = 2
    BRANCHES = ("features",)
    SETTINGS = TagSettings
    PARTS = ("wordnet", "imagenet-synsets", "efficientnet-lite0", "efficientnet-lite3", "nanodet")

    def pictures(self, split: Split) -> WholePhotos:
        """See the base class."""
        return WholePhotos(self._samples[split])

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """See the base class.

        Raises:
            TrainingError: the bundle's features are not those that the classifier reads.
        """
        backbone = Backbone(self.settings.classifier)
        classifier = efficientnet_lite(self.settings.classifier.removesuffix("-rich"), backbone)
        if (classifier.in_features,) != tuple(shapes["features"]):
            raise TrainingError(
                f"the bundle has {shapes['features']} features, {self.settings.classifier} has "
                f"{classifier.in_features}; name the bundle's network as classifier in the recipe"
            )
        return TagNetwork(
            classifier,
            torch.from_numpy(self.vocabulary.kinds),
            torch.from_numpy(self.vocabulary.learned),
            torch.from_numpy(self._learned.often),
            self.settings.hidden,
            self.settings.dropout,
        )

    def loss(self, outputs: Tensor, rows: Sequence[int], network: nn.Module) -> dict[str, Tensor]:
        """See the base class."""
        target, weight = (torch.from_numpy(each) for each in self._learned.of(rows))
        loss = F.binary_cross_entropy_with_logits(outputs, target, weight, reduction="sum")
        return {"tags": loss / len(rows)}

    def files(self) -> dict[str, bytes]:
        """See the base class."""
        tree = self.vocabulary.tree
        return {FILE: tree.to_bytes(), KIN: related_terms_file(tree, WordNet())}

    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """See the base class."""
        tree, wanted = self.vocabulary.tree, self.settings
        target, weight = evidence_of(self, "dev")
        place = {concept.name: i for i, concept in enumerate(tree)}
        lines = _calibrations(raw, target, weight, wanted.prior, self.vocabulary.learned)
        settings: dict[str, Any] = {
            "names": [concept.name for concept in tree],
            "parents": [-1 if c.parent is None else place[c.parent] for c in tree],
            "slopes": [round(slope, 4) for slope, _ in lines],
            "offsets": [round(offset, 4) for _, offset in lines],
            "thresholds": [1.0] * len(tree),
            "shown": [int(concept.name not in LEFT_UNSAID) for concept in tree],
            "telling": [1.0] * len(tree),
            "precision": wanted.precision,
        }
        read = TagsReader(raw.shape[1:], settings)
        scores = np.array([read.probabilities(row) for row in raw])
        # Photos of a set that was learned from are easier than a stranger's.
        judges = np.array([self._judges(sample) for sample in self._samples["dev"]])
        found = self._thresholds(scores[judges], target[judges], weight[judges])
        settings["thresholds"] = [round(each, 4) for each in found]
        settings["telling"] = [round(each, 3) for each in self._telling(scores)]
        return settings

    def measure(self, raw: NDArray[Any], read: Read, split: Split) -> dict[str, float]:
        """See the base class."""
        assert isinstance(read, TagsReader)
        samples = self._samples[split]
        scores = np.zeros((len(raw), len(self.shown.tree)))
        scores[:, self.vocabulary.places] = [read.probabilities(row) for row in raw]
        tags = [read(row) for row in raw]
        found = tag_metrics(samples, self.shown, scores, tags)
        found["tags"] = float(len(self.vocabulary.tree))
        found["tags_ever_sure"] = float((read.thresholds < 1).sum())
        return found

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The tree of all concepts, and the teacher's classes in it."""
        return taxonomy()

    @cached_property
    def shown(self) -> ConceptLabels:
        """What people say of photos, of all concepts."""
        file = self.settings.labels
        rules = LabelRules.read(Path(file).expanduser()) if file else LabelRules()
        held = [s for split in ("dev", "test") for s in self._samples[split] if self._is_held(s)]
        return ConceptLabels(self.taxonomy.tree, self._samples["train"], rules, more=held)

    @cached_property
    def vocabulary(self) -> TagVocabulary:
        """The concepts that are tags."""
        kinds = class_map(self.taxonomy)
        examples = (self._states == PRESENT).sum(0)
        scores = np.array(list(self._objects.values())).reshape(-1, len(LABELS))
        for label, seen in zip(LABELS, (scores >= SEEN).sum(0), strict=True):
            for concept in self.shown.rules.concepts(label, self.taxonomy.tree, "coco"):
                examples[self.shown.place[concept.name]] += seen
        return TagVocabulary.of(self.taxonomy.tree, kinds, examples >= self.settings.examples)

    @cached_property
    def _samples(self) -> dict[str, list[Sample]]:
        """The photos of every split, in the order of their keys."""
        wanted = self.settings
        samples = read_pack(self.place.data, ["train", "dev", "test"])
        train = [sample for sample in samples if sample.split == "train"]
        dev = [sample for sample in samples if sample.split == "dev"]
        test = [sample for sample in samples if sample.split == "test"]
        held = take([s for s in train if self._is_held(s)], wanted.left_out, wanted.most_held_out)
        dev = take(dev, wanted.left_out, wanted.most_dev) + held
        return {
            "train": take(train, (*wanted.held_out, *wanted.left_out), wanted.most),
            "dev": sorted(dev, key=lambda sample: sample.key),
            "test": take(test, wanted.left_out, wanted.most_test),
        }

    def _judges(self, sample: Sample) -> bool:
        """Whether a dev photo says when a tag is sure: of a source held out, captioned, or text."""
        return self._is_held(sample) or bool(sample.captions) or sample.kind in WRITTEN

    def _is_held(self, sample: Sample) -> bool:
        return sample.source in self.settings.held_out

    @cached_property
    def _states(self) -> NDArray[np.uint8]:
        """(training photos, all concepts)."""
        return self.shown(self._samples["train"])

    @cached_property
    def _learned(self) -> TagTargets:
        samples = self._samples["train"]
        logits = class_logits(samples, self.place.cache, self.settings.teacher)
        states = self._states[:, self.vocabulary.places]
        places = [i for i, place in enumerate(self._object_places) if place >= 0]
        seen = {
            key: [(self._object_places[i], scores[i]) for i in places]
            for key, scores in self._objects.items()
        }
        return TagTargets(samples, states, logits, self.vocabulary, self.settings, seen)

    @cached_property
    def _objects(self) -> dict[str, list[float]]:
        """Scores of COCO's classes, by the keys of the photos that the detection teacher saw."""
        seen = []
        for source, count in self.settings.objects.items():
            photos = [s for s in self._samples["train"] if (s.source, s.kind) == (source, "photo")]
            photos.sort(key=lambda s: zlib.crc32(s.key.encode()))  # sorted by key is by class
            seen += photos[:count]
        if not seen:
            return {}
        file = self.place.cache / f"{NanoDet.NAME}-{LEAST_SCORE:g}.jsonl"
        boxes = boxes_of(seen, file, NanoDet, LEAST_SCORE)
        return {sample.key: scores_of(boxes[sample.key]).tolist() for sample in seen}

    @cached_property
    def _object_places(self) -> list[int]:
        """Where COCO's classes are among the tags; -1 for one that is none."""
        names = [concept.name for concept in self.vocabulary.tree]
        found = (self.shown.rules.concepts(label, self.taxonomy.tree, "coco") for label in LABELS)
        return [names.index(c[0].name) if c and c[0].name in names else -1 for c in found]

    def _thresholds(
        self, scores: NDArray[np.float64], target: NDArray[Any], weight: NDArray[Any]
    ) -> list[float]:
        """Where each tag is sure: by its own evidence, or by that of all tags that have little."""
        wanted = self.settings
        shows = (target * weight).sum(0)
        own = shows >= wanted.evidence
        found: NDArray[np.float64] = np.full(scores.shape[1], wanted.strict)
        for learned in (False, True):
            some = ~own & (self.vocabulary.learned == learned)
            x, y, w = (each[:, some].ravel() for each in (scores, target, weight))
            common = threshold_at(x, y, w, wanted.precision, wanted.evidence)
            found[some] = max(wanted.strict, 1.0 if common is None else common)
        for i in np.flatnonzero(own):
            at = threshold_at(
                scores[:, i], target[:, i], weight[:, i], wanted.precision, wanted.evidence
            )
            found[i] = 1.0 if at is None else max(wanted.likely, at)
        return [float(each) for each in found]

    def _telling(self, scores: NDArray[np.float64]) -> list[float]:
        """What each tag tells, 0..1: the rarer among captioned photos, the more."""
        spoken = [bool(sample.captions) for sample in self._samples["dev"]]
        often = scores[spoken].mean(0) if any(spoken) else scores.mean(0)
        bits = np.clip(-np.log2(np.maximum(often, 1e-9)), MIN_BITS, MAX_BITS) / MAX_BITS
        broad = [concept.name in BROAD for concept in self.vocabulary.tree]
        return [float(each) for each in np.where(broad, 0.01, bits)]


@dataclass(frozen=True, slots=True)
class TagVocabulary:
    """The concepts that are tags.

    Attributes:
        tree: of them.
        places: of each in the tree of all concepts.
        kinds: float32 (classes, concepts), one where a class is a kind of a concept.
        learned: bool (concepts,), which have enough photos to be learned.
    """

    tree: Tree
    places: NDArray[np.int64]
    kinds: NDArray[np.float32]
    learned: NDArray[np.bool_]

    @classmethod
    def of(
        cls, tree: Tree, kinds: NDArray[np.float32], learned: NDArray[np.bool_]
    ) -> TagVocabulary:
        """Of all concepts those that are classes, that can be learned, or that hold such."""
        names = [concept.name for concept in tree]
        known = kinds.any(0) | learned
        kept = {above.name for i in np.flatnonzero(known) for above in tree.path(tree[names[i]])}
        places = np.array([i for i, name in enumerate(names) if name in kept], np.int64)
        pruned = Tree(tuple(concept for concept in tree if concept.name in kept))
        return cls(pruned, places, kinds[:, places], learned[places] | ~kinds[:, places].any(0))


class TagTargets:
    """How surely each photo shows each concept, and how much that counts, to learn from.

    Args:
        samples: the photos.
        states: (photos, concepts), what people say.
        logits: (photos, 1000) of the teacher.
        vocabulary: the concepts.
        settings: of the head.
        objects: by the key of a photo, concepts that a detector looked for, with its scores.

    Attributes:
        often: float32 (concepts,), the share of captioned photos that show each.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        states: NDArray[np.uint8],
        logits: NDArray[np.float16],
        vocabulary: TagVocabulary,
        settings: TagSettings,
        objects: Mapping[str, Sequence[tuple[int, float]]] | None = None,
    ) -> None:
        self.states, self.settings = states, settings
        self._objects = [(objects or {}).get(sample.key, ()) for sample in samples]
        self._logits, self._kinds = logits, vocabulary.kinds
        self._covered = vocabulary.kinds.any(0)
        self._asked = np.array([s.kind not in WRITTEN | DRAWN for s in samples])
        self._written = np.array([s.kind in WRITTEN for s in samples])
        self._writable = of_written(vocabulary.tree)
        spoken = np.array([bool(sample.captions) for sample in samples])
        shows = states[spoken] == PRESENT if spoken.any() else states == PRESENT
        self.often = shows.mean(0).astype(np.float32)

    def of(self, rows: Sequence[int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Target 0..1 and weight, (rows, concepts) each."""
        wanted, states = self.settings, self.states[rows]
        chances = np.minimum(softmax(self._logits[rows]) @ self._kinds, 1.0)
        covered = self._covered & self._asked[rows][:, None]
        target = np.where(covered, chances, self.often)
        weight = np.where(covered, wanted.seldom + (1 - wanted.seldom) * chances, wanted.unknown)
        absent = self._written[rows][:, None] & ~self._writable
        target, weight = np.where(absent, 0, target), np.where(absent, wanted.written, weight)
        unmentioned = states == UNMENTIONED
        target = np.where(unmentioned & ~covered, 0, target)
        weight = np.where(unmentioned, np.maximum(weight, wanted.unmentioned), weight)
        for i, row in enumerate(rows):
            for place, score in self._objects[row]:
                target[i, place] = 1.0 / (1.0 + np.exp(STEEPNESS * (EVEN_SCORE - score)))
                weight[i, place] = wanted.detected
        present, said = states == PRESENT, (states == PRESENT) | (states == ABSENT)
        target = np.where(said, present, target)
        return target.astype(np.float32), np.where(said, 1, weight).astype(np.float32)


def scores_of(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(80,) the score of the surest box of each of COCO's classes, zero without any.

    Args:
        boxes: (n, 6), with scores and classes last.
    """
    scores = np.zeros(len(LABELS), np.float32)
    np.maximum.at(scores, boxes[:, 5].astype(np.int64), boxes[:, 4])
    return scores


def of_written(tree: Tree) -> NDArray[np.bool_]:
    """(concepts,), what pictures of text may show."""
    names = {each.name for top in OF_WRITTEN if top in tree for each in tree.below(tree[top])}
    return np.array([concept.name in names for concept in tree], bool)


def evidence_of(head: TagsHead, split: Split) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What is known of a split's photos to judge tags by: presence and weight, (n, concepts) each.

    What captions do not mention counts as absent, but less; pictures of text show no other things.
    """
    samples = head.pictures(split).samples
    states = head.shown(samples)[:, head.vocabulary.places]
    weight = np.where(states == UNMENTIONED, head.settings.silence, states != 0)
    written = np.array([sample.kind in WRITTEN for sample in samples])
    absent = written[:, None] & ~of_written(head.vocabulary.tree) & (states != PRESENT)
    return (states == PRESENT).astype(np.float64), np.where(absent, 1.0, weight)


def _calibrations(
    logits: NDArray[Any],
    target: NDArray[Any],
    weight: NDArray[Any],
    prior: float,
    learned: NDArray[np.bool_],
) -> list[tuple[float, float]]:
    """Slope and offset of every concept, drawn towards those of all that are known as it is."""
    logits, target, weight = (each.astype(np.float64) for each in (logits, target, weight))
    lines = [(1.0, 0.0)] * logits.shape[1]
    for kind in (False, True):
        some = learned == kind
        known = np.flatnonzero(weight[:, some].ravel())
        if not known.size:
            continue
        chosen = known[:: max(1, known.size // PAIRS)]
        x, y, w = (each[:, some].ravel()[chosen] for each in (logits, target, weight))
        pooled = platt(x, y, w, (1.0, 0.0), 1.0)
        for i in np.flatnonzero(some):
            seen = weight[:, i].any()
            x, y, w = (each[:, i] for each in (logits, target, weight))
            lines[i] = platt(x, y, w, pooled, prior) if seen else pooled
    return lines


HEAD = TagsHead
