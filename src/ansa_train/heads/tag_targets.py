"""What the tags head learns from: how surely a photo shows a concept, and how much that counts.

What people say of a photo comes first. The teacher of the 1,000 classes, the detection teacher and
the kind of the picture tell about the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ansa.taxonomy.tree import Tree
from ansa_train.data.labels.coco_classes import LABELS
from ansa_train.data.labels.concept_labels import ABSENT, PRESENT, UNMENTIONED
from ansa_train.data.pack import Sample
from ansa_train.taxonomy.teacher_classes import softmax

WRITTEN = frozenset(("screenshot", "receipt", "barcode", "qr code"))
"""Kinds of pictures that show text, codes and drawn things, and none of what photos show."""

DRAWN = frozenset(("painting", "cartoon", "sketch", "meme"))
"""Kinds of pictures that a teacher which saw only photos is not asked about."""

OF_WRITTEN = ("document", "electronics", "look", "sign", "art")
"""What pictures of a kind in WRITTEN may show, with all kinds of it."""

EVEN_SCORE, STEEPNESS = 0.3, 12.0
"""The score at which an object is as likely there as not, and how fast that changes around it."""


@dataclass(frozen=True, slots=True)
class TagSettings:
    """Settings of the tags head.

    Attributes:
        labels: TOML file that says what labels mean (:mod:`ansa_train.data.labels.label_rules`);
            none if empty.
        held_out: sources that nothing is learned from; their training photos tune the head.
        left_out: sources of which no photo is used, as others repeat them.
        most: training photos without captions of a source; 0 for all.
        most_dev: dev photos without captions of a source; 0 for all.
        most_held_out: training photos of a source held out that tune the head; 0 for all.
        most_test: test photos without captions of a source; 0 for all.
        degraded: degraded copies of training photos that are learned from beside them; see
            :mod:`ansa_train.data.augment.degraded_copies`.
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
        silence: how much a tag counts as wrong there that three captions or more do not mention.
        brief_silence: the same of one caption or two, which name less of what is to be seen.
        support: in dev photos, how much the precision of all tags at a score counts for each.
        likely: least probability of a sure tag that dev photos show.
        strict: least probability from which tags are sure that they do not show.
        prior: in dev photos, how much the calibration of all tags counts for each.
    """

    labels: str = ""
    held_out: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    most: int = 0
    most_dev: int = 0
    most_held_out: int = 0
    most_test: int = 0
    degraded: int = 0
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
    silence: float = 0.35
    brief_silence: float = 0.15
    support: float = 8.0
    likely: float = 0.85
    strict: float = 0.93
    prior: float = 20.0


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
        """Selects the concepts that are classes, that can be learned, or that hold such ones."""
        names = [concept.name for concept in tree]
        known = kinds.any(0) | learned
        kept = {above.name for i in np.flatnonzero(known) for above in tree.path(tree[names[i]])}
        places = np.array([i for i, name in enumerate(names) if name in kept], np.int64)
        pruned = Tree(tuple(concept for concept in tree if concept.name in kept))
        return cls(pruned, places, kinds[:, places], learned[places] | ~kinds[:, places].any(0))


class TagTargets:
    """Targets and weights of every photo and concept.

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
        """Targets, 0..1, and weights of some photos, float32 (rows, concepts) each."""
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
