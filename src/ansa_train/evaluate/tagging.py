"""Tagging by free text and by a linear head: average precision of each tag, and the mean (mAP).

Average precision is the area under the precision-recall steps, as in scikit-learn: no
interpolation, photos of one score counted together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.model.analyzer import Analyzer
from ansa_train.data.labels.caption_nouns import mentioned, nouns
from ansa_train.data.pack import Sample
from ansa_train.evaluate.bootstrap import Estimate, Statistic, Weights, estimate
from ansa_train.evaluate.linear_classifier import Features, train_head
from ansa_train.evaluate.task import EvaluationError, Table, TagScore, Vectors, looked_up
from ansa_train.evaluate.zeroshot import class_vectors

LEAST_TRAIN = 10
"""Photos to learn from that must show a tag for it to be counted."""

PENALTIES = (1.0, 0.3, 0.1, 0.03, 0.01)
"""From the strongest, as the next is then quickly found from it."""

Scores = NDArray[np.floating[Any]]
"""(photos, tags), greater where a tag is likelier."""

Truth = NDArray[np.bool_]
"""(photos, tags)."""


@dataclass(frozen=True, slots=True)
class TaggedPhotos:
    """Photos, and the tags that are true of each.

    Attributes:
        samples: the photos.
        tags: what each shows; all else is absent.
    """

    samples: Sequence[Sample]
    tags: Sequence[frozenset[str]]

    def truth(self, names: Sequence[str]) -> Truth:
        """Whether each photo has each tag, (photos, names)."""
        rows = [[name in tags for name in names] for tags in self.tags]
        return np.array(rows, bool).reshape(len(rows), len(names))

    def opened(self, vectors: Vectors) -> TaggedPhotos:
        """The photos that could be opened."""
        pairs = [(s, t) for s, t in zip(self.samples, self.tags, strict=True) if s in vectors]
        return TaggedPhotos([s for s, _ in pairs], [t for _, t in pairs])


@dataclass(frozen=True, slots=True)
class Tagging:
    """The task of tagging the photos of one set.

    Attributes:
        name: of the set and its tags.
        train: what the head learns from.
        choose: what its penalty is chosen on; a fifth of ``train`` if empty.
        test: what is reported.
        least: how many of ``test`` must show a tag for it to be counted.
    """

    name: str
    train: TaggedPhotos
    choose: TaggedPhotos
    test: TaggedPhotos
    least: int = 5

    @property
    def samples(self) -> Sequence[Sample]:
        """The photos that a linear head is fitted on, and those that tags are measured on."""
        return [*self.train.samples, *self.choose.samples, *self.test.samples]

    def names(self) -> list[str]:
        """The tags that enough photos show, in train and where it is reported."""
        known, asked = (
            Counter(t for tags in s.tags for t in tags) for s in (self.train, self.test)
        )
        return sorted(t for t in known if known[t] >= LEAST_TRAIN and asked[t] >= self.least)

    def measure(self, analyzer: Analyzer, vectors: Vectors) -> list[Table]:
        """Tables of the average precision of tags, by name and by a linear head."""
        train, choose, test = (s.opened(vectors) for s in (self.train, self.choose, self.test))
        names = replace(self, train=train, test=test).names()
        if not names:
            raise EvaluationError(
                f"{self.name}: no tag is shown by {LEAST_TRAIN} photos to learn from and "
                f"{self.least} to report on"
            )
        _, x = looked_up(test.samples, vectors, self.name)
        _, known = looked_up(train.samples, vectors, self.name)
        chosen = None
        if choose.samples:
            chosen = looked_up(choose.samples, vectors, self.name)[1], choose.truth(names)
        truth = test.truth(names)
        linear = head_scores(known, train.truth(names), chosen, x)
        named = x @ class_vectors(analyzer, names).T
        about = (
            f"{len(names):,} tags on {len(test.samples):,} photos; head trained on "
            f"{len(train.samples):,} others"
        )
        figures = {
            "mAP, zero-shot": mean_average_precision(named, truth),
            "mAP, linear head": mean_average_precision(linear, truth),
        }
        tags = tag_scores(names, truth, linear, named)
        return [Table("tagging", self.name, about, figures, tags)]


def head_scores(
    train: Features, truth: Truth, choose: tuple[Features, Truth] | None, test: Features
) -> Scores:
    """Scores of a linear head for the ``test`` photos.

    Args:
        train: (n, f) what it learns from.
        truth: (n, tags).
        choose: features and truth its penalty is chosen on; a fifth of ``train`` if None.
        test: (m, f).
    """
    fit, chosen = (train, truth), choose
    if chosen is None:
        order = np.random.default_rng(0).permutation(len(train))
        held, rest = order[: len(train) // 5], order[len(train) // 5 :]
        fit, chosen = (train[rest], truth[rest]), (train[held], truth[held])
    best, quality, head = PENALTIES[0], -1.0, None
    for penalty in PENALTIES:
        head = train_head(*fit, penalty, head)
        found = map_of(head(chosen[0]), chosen[1])
        if found > quality:  # not so when nothing can be chosen by: NaN
            best, quality = penalty, found
    return train_head(train, truth, best, head)(test)


def average_precision(
    scores: NDArray[np.floating[Any]], truth: NDArray[np.bool_], weights: Weights
) -> NDArray[np.float32]:
    """(draws,) average precision of one tag where photos count as ``weights`` says.

    With weights of one it is ``sklearn.metrics.average_precision_score``; NaN where no photo that
    counts shows the tag.

    Args:
        scores: (photos,).
        truth: (photos,).
        weights: (draws, photos).
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    weights = weights[:, order]
    seen = np.cumsum(weights, 1)[:, ends]
    right = np.cumsum(weights * truth[order], 1)[:, ends]
    gained = np.diff(right, axis=1, prepend=np.float32(0))
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.where(seen > 0, right / seen, 0)
        found: NDArray[np.float32] = (gained * precision).sum(1) / right[:, -1]
    return found


def mean_average_precision(scores: Scores, truth: Truth) -> Estimate:
    """mAP over the tags, each with the same weight; on a draw, over the tags it holds."""
    return estimate(_mean_over_tags(scores, truth), len(truth), centred=True)


def map_of(scores: Scores, truth: Truth) -> float:
    """mAP in 0..1, over the tags that some photo shows."""
    return float(_mean_over_tags(scores, truth)(np.ones((1, len(truth)), np.float32))[0])


def tag_scores(
    names: Sequence[str], truth: Truth, linear: Scores, named: Scores | None
) -> list[TagScore]:
    """The average precision of every single tag."""
    once = np.ones((1, len(truth)), np.float32)

    def percent(scores: Scores, tag: int) -> float:
        return 100.0 * float(average_precision(scores[:, tag], truth[:, tag], once)[0])

    return [
        TagScore(
            name,
            int(truth[:, tag].sum()),
            None if named is None else percent(named, tag),
            percent(linear, tag),
        )
        for tag, name in enumerate(names)
    ]


def caption_tags(
    train: Sequence[Sample], choose: Sequence[Sample], test: Sequence[Sample]
) -> tuple[TaggedPhotos, TaggedPhotos, TaggedPhotos]:
    """Photos tagged by the nouns at least two of their captions mention; nouns are of ``train``."""
    known = nouns(caption for sample in train for caption in sample.captions)

    def tagged(samples: Sequence[Sample]) -> TaggedPhotos:
        return TaggedPhotos(samples, [mentioned(sample.captions, known) for sample in samples])

    return tagged(train), tagged(choose), tagged(test)


def box_tags(samples: Sequence[Sample]) -> TaggedPhotos:
    """Photos tagged by the labels of their boxes."""
    return TaggedPhotos(samples, [frozenset(sample.objects) for sample in samples])


def _mean_over_tags(scores: Scores, truth: Truth) -> Statistic:
    def statistic(weights: Weights) -> NDArray[np.floating[Any]]:
        each = [
            average_precision(scores[:, tag], truth[:, tag], weights)
            for tag in range(truth.shape[1])
        ]
        found = np.stack(each)
        there = ~np.isnan(found)
        with np.errstate(invalid="ignore"):
            mean: NDArray[np.floating[Any]] = np.where(there, found, 0).sum(0) / there.sum(0)
        return mean

    return statistic
