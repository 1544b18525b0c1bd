"""What a bundle gets right of each photo: counts, so that any part of the photos has its figure.

A metric is a share: how many answers were right of how many that were asked for, photo by photo.
Average precision is none; what it tells is here the share of objects that are found and the share
of shown boxes that are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.model.analyzer import Analyzer
from ansa.scene import Box, Vector
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.data.labels.concept_labels import PRESENT, UNKNOWN, ConceptLabels
from ansa_train.data.labels.imagenet_names import ImagenetNames
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.data.labels.utility_classes import real
from ansa_train.data.pack import Sample
from ansa_train.errors import TrainingError
from ansa_train.evaluate.retrieval import ranks
from ansa_train.evaluate.zeroshot import class_vectors
from ansa_train.slicing.observation import Observation

Counts = NDArray[np.float32]

FIRST = 5
"""Ranks, and tags of a photo, among which the answer is looked for."""

OVERLAP = 0.5
"""Intersection over union from which on a box is right."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoMetric:
    """A share, photo by photo.

    Attributes:
        name: of the metric.
        right: (photos,) answers that are right.
        asked: (photos,) answers that were asked for; 0 where a photo says nothing.
    """

    name: str
    right: Counts
    asked: Counts

    @property
    def value(self) -> float:
        """The share over all photos, in percent; NaN if nothing was asked for."""
        asked = float(self.asked.sum())
        return 100.0 * float(self.right.sum()) / asked if asked else float("nan")


class TextVectors:
    """Vectors of texts by one bundle, each computed once: conditions ask for the same ones."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._captions: dict[str, Vector] = {}
        self._classes: dict[tuple[str, ...], Vector] = {}

    def captions(self, texts: Sequence[str]) -> Vector:
        """(n, d) of sentences."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._captions]
        if fresh:
            vectors = self._analyzer.embed_text(fresh)
            self._captions |= dict(zip(fresh, vectors, strict=True))
        return np.stack([self._captions[text] for text in texts])

    def classes(self, names: Sequence[str]) -> Vector:
        """(n, d) of classes, each by a few sentences."""
        key = tuple(names)
        if key not in self._classes:
            self._classes[key] = class_vectors(self._analyzer, names)
        return self._classes[key]


class Truth:
    """What people say of photos, in terms of one bundle's tags.

    Args:
        analyzer: of the bundle.
        train: photos that say which labels exclude each other.
        rules: what labels mean.

    Attributes:
        tree: the bundle's taxonomy; None if it has none.
        labels: which concepts of it photos show; None with ``tree``.
        texts: vectors of sentences and classes.
    """

    def __init__(
        self, analyzer: Analyzer, train: Sequence[Sample], rules: LabelRules | None = None
    ) -> None:
        self.rules = rules or LabelRules()
        self.texts = TextVectors(analyzer)
        self.tree: Tree | None = None
        self.labels: ConceptLabels | None = None
        if FILE in analyzer.bundle.manifest.files and "tags" in analyzer.bundle.manifest.heads:
            self.tree = Tree.parse(analyzer.bundle.read(FILE))
            self.labels = ConceptLabels(self.tree, train, self.rules)

    def subjects(self, samples: Sequence[Sample]) -> dict[str, str]:
        """The topmost concept of what a photo is of, by its key, where labels or boxes say it."""
        if self.tree is None:
            return {}
        found = {}
        for sample in samples:
            names = sample.labels[:1] or sample.objects[:1]
            concepts = self.rules.concepts(names[0], self.tree, sample.source) if names else ()
            if concepts:
                found[sample.key] = self.tree.path(concepts[0])[-1].name
        return found


def photo_metrics(
    samples: Sequence[Sample], seen: Sequence[Observation], truth: Truth
) -> list[PhotoMetric]:
    """Everything that can be asked of the photos; metrics that nothing is known for are left out.

    Args:
        samples: the photos, all of which could be opened.
        seen: what was observed of each.
        truth: what people say of them, for the bundle that observed them.
    """
    vectors = np.stack([each.vector for each in seen if each.vector is not None])
    found = [
        *caption_recall(truth.texts, samples, vectors),
        label_accuracy(truth.texts, samples, vectors),
        *known_names(truth.texts, samples, vectors),
        *tag_shares(samples, seen, truth),
        kinds_right(samples, seen),
        *boxes_found(samples, seen),
    ]
    return [metric for metric in found if metric.asked.any()]


def caption_recall(
    texts: TextVectors, samples: Sequence[Sample], vectors: NDArray[np.float32]
) -> list[PhotoMetric]:
    """Photos found by their captions among the captioned photos of their source."""
    once, five, asked = np.zeros((3, len(samples)), np.float32)
    for source in sorted({sample.source for sample in samples}):
        rows = [
            i for i, s in enumerate(samples) if s.source == source and any(map(_says, s.captions))
        ]
        if len(rows) <= FIRST:
            continue
        said = [(at, c) for at, i in enumerate(rows) for c in samples[i].captions if _says(c)]
        owners = np.array([at for at, _ in said])
        place = ranks(vectors[rows], texts.captions([c for _, c in said]), owners)[0]
        for counts, hits in (
            (once, place < 1),
            (five, place < FIRST),
            (asked, np.ones(len(said))),
        ):
            counts[rows] = np.bincount(owners, hits, len(rows))
    return [
        PhotoMetric("captions find their photo, R@1", once, asked),
        PhotoMetric(f"captions find their photo, R@{FIRST}", five, asked),
    ]


def label_accuracy(
    texts: TextVectors, samples: Sequence[Sample], vectors: NDArray[np.float32]
) -> PhotoMetric:
    """Photos whose one label is the nearest of all labels of their source."""
    right, asked = np.zeros((2, len(samples)), np.float32)
    for source in sorted({sample.source for sample in samples}):
        rows = [i for i, s in enumerate(samples) if s.source == source and len(s.labels) == 1]
        classes = sorted({samples[i].labels[0] for i in rows})
        if len(classes) < 2:
            continue
        best = (vectors[rows] @ texts.classes(classes).T).argmax(1)
        right[rows] = [
            classes[at] == samples[i].labels[0] for at, i in zip(best, rows, strict=True)
        ]
        asked[rows] = 1
    return PhotoMetric("label of the source, top-1", right, asked)


def known_names(
    texts: TextVectors, samples: Sequence[Sample], vectors: NDArray[np.float32]
) -> list[PhotoMetric]:
    """Photos whose label is among the nearest of the 1,000 names that the start knew."""
    try:
        names = ImagenetNames()
    except TrainingError:
        return []  # the list of names cannot be fetched
    place = np.array([names.of(sample) for sample in samples])
    rows = np.flatnonzero(place >= 0)
    once, five, asked = np.zeros((3, len(samples)), np.float32)
    if rows.size:
        classes = texts.classes([each[0] for each in names.vocabulary.names])
        scores = vectors[rows] @ classes.T
        own = scores[np.arange(len(rows)), place[rows]]
        rank = (scores >= own[:, None]).sum(1) - 1
        once[rows], five[rows], asked[rows] = rank < 1, rank < FIRST, 1
    return [
        PhotoMetric("1,000 names, top-1", once, asked),
        PhotoMetric(f"1,000 names, top-{FIRST}", five, asked),
    ]


def tag_shares(
    samples: Sequence[Sample], seen: Sequence[Observation], truth: Truth
) -> list[PhotoMetric]:
    """Labels among the first tags of their photo, and sure tags that people say too."""
    if truth.tree is None or truth.labels is None:
        return []
    first, labelled, right, sure = np.zeros((4, len(samples)), np.float32)
    for i, (sample, found) in enumerate(zip(samples, seen, strict=True)):
        if len(sample.labels) == 1:
            concepts = truth.rules.concepts(sample.labels[0], truth.tree, sample.source)
            kinds = {each.name for concept in concepts for each in truth.tree.below(concept)}
            if kinds:
                labelled[i] = 1
                first[i] = any(tag.name in kinds for tag in found.tags[:FIRST])
        said = [truth.labels.place[t.name] for t in found.tags if t.sure and t.name in truth.tree]
        if said:
            states = truth.labels([sample])[0][said]
            sure[i] = np.count_nonzero(states != UNKNOWN)
            right[i] = np.count_nonzero(states == PRESENT)
    return [
        PhotoMetric(f"the label is among the first {FIRST} tags", first, labelled),
        PhotoMetric("sure tags that people say too", right, sure),
    ]


def kinds_right(samples: Sequence[Sample], seen: Sequence[Observation]) -> PhotoMetric:
    """Pictures whose kind is right."""
    right, asked = np.zeros((2, len(samples)), np.float32)
    for i, (sample, found) in enumerate(zip(samples, seen, strict=True)):
        known = real(sample)
        if known is not None and found.kind:
            asked[i], right[i] = 1, found.kind == known.kind
    return PhotoMetric("kind of picture", right, asked)


def boxes_found(samples: Sequence[Sample], seen: Sequence[Observation]) -> list[PhotoMetric]:
    """Drawn boxes that an object of the same label covers, and objects that such a box confirms.

    An object counts only if its label is one that is boxed in its source.
    """
    boxed: dict[str, set[str]] = {}
    for sample in samples:
        boxed.setdefault(sample.source, set()).update(each.label for each in sample.boxes)
    found, drawn, right, shown = np.zeros((4, len(samples)), np.float32)
    for i, (sample, observed) in enumerate(zip(samples, seen, strict=True)):
        if not sample.boxes:
            continue
        left = [each for each in sample.boxes if not each.crowd]
        crowds = [each for each in sample.boxes if each.crowd]
        drawn[i] = len(left)
        for each in observed.objects:
            if each.label not in boxed[sample.source]:
                continue
            same = [b for b in left if b.label == each.label and iou(b.box, each.box) >= OVERLAP]
            if same:
                left.remove(max(same, key=lambda b: iou(b.box, each.box)))
                found[i] += 1
            elif any(c.label == each.label and _inside(each.box, c.box) for c in crowds):
                continue  # one of many in one box is neither right nor wrong
            shown[i] += 1
            right[i] += bool(same)
    return [
        PhotoMetric("drawn boxes that are found", found, drawn),
        PhotoMetric("shown boxes that are drawn", right, shown),
    ]


def iou(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    common = _area(_common(one, other))
    union = _area(one) + _area(other) - common
    return common / union if union > 0 else 0.0


def _inside(one: Box, other: Box) -> bool:
    return _area(_common(one, other)) >= OVERLAP * max(_area(one), 1e-9)


def _common(one: Box, other: Box) -> Box:
    return (
        max(one[0], other[0]),
        max(one[1], other[1]),
        min(one[2], other[2]),
        min(one[3], other[3]),
    )


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _says(caption: str) -> bool:
    return any(char.isalnum() for char in caption)
