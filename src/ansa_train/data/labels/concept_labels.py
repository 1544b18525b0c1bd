"""Weak labels: which concepts each photo shows, by labels, boxes, captions and the teacher.

What was not annotated is unknown, not absent: only a label that excludes others, boxes of classes
that were all looked for, and, a little, captions that do not mention a thing speak against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.taxonomy.tree import Concept, Tree, key, singulars
from ansa_train.data.labels.caption_nouns import words
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.data.pack import Sample

REVIEWED = "reviewed"
"""The source of samples that people were asked about, one label at a time: labels that they do not
name are unknown."""

UNKNOWN, ABSENT, UNMENTIONED, PRESENT = 0, 1, 2, 3
"""What people say of a photo and a concept; the greater is believed."""


def mentioned(
    caption: str, tree: Tree, ambiguous: frozenset[str] = frozenset()
) -> Iterator[Concept]:
    """The concepts that a caption mentions. The longest name wins: "hot dog" is no dog.

    Args:
        caption: a sentence.
        tree: of the concepts.
        ambiguous: words that are too often something else than the concept so called.
    """
    said = words(caption)
    at = 0
    while at < len(said):
        for length in (3, 2, 1):
            phrase = " ".join(said[at : at + length])
            found = _meant(phrase, tree, ambiguous) if at + length <= len(said) else None
            if found:
                yield found
                break
        at += length


def _meant(phrase: str, tree: Tree, ambiguous: frozenset[str]) -> Concept | None:
    phrase = key(phrase)
    found = tree.find(phrase)
    if found:
        safe = ambiguous.isdisjoint(singulars(phrase))
        return found[0] if len(found) == 1 and safe else None
    stem = phrase.removesuffix("s")
    if stem == phrase or " " in phrase:
        return None
    for doing in (f"{stem}ing", f"{stem}{stem[-1:]}ing", f"{stem[:-1]}ing"):  # "runs", "swims"
        if doing not in ambiguous and (found := tree.find(doing)):
            return found[0]
    return None


@dataclass(frozen=True, slots=True)
class ExclusiveLabels:
    """Sets of labels that exclude each other.

    Attributes:
        members: places of a group's concepts in the tree.
        boxed: places of the concepts that boxes are drawn around, by source.
        said: how often training captions mention each concept of the tree, or a kind of it.
    """

    members: Mapping[str, frozenset[int]]
    boxed: Mapping[str, frozenset[int]]
    said: NDArray[np.int64]


class ConceptLabels:
    """The state of every concept in every photo: present, absent, unmentioned or unknown.

    Args:
        tree: of the concepts.
        train: the training photos, which say what groups and words there are.
        rules: what labels mean.
        more: other photos that say what groups there are, of sources held out of training.
        least: training photos whose captions mention a concept, for silence about it to mean
            something; it does so too for what photos are labelled by.

    Attributes:
        seldom: the share of captioned photos that a concept which is not spoken of is below.
    """

    def __init__(
        self,
        tree: Tree,
        train: Sequence[Sample],
        rules: LabelRules = LabelRules(),  # noqa: B008 - immutable
        *,
        more: Sequence[Sample] = (),
        least: int = 10,
    ) -> None:
        self.tree, self.rules = tree, rules
        self.place = {concept.name: i for i, concept in enumerate(tree)}
        self.above = [self._places(tree.path(concept)) for concept in tree]
        self.below = [self._places(tree.below(concept)) for concept in tree]
        self._words: dict[str, tuple[int, ...]] = {}
        members: dict[str, set[int]] = {}
        boxed: dict[str, set[int]] = {}
        literally, said = np.zeros((2, len(tree)), np.int64)
        for sample in (*train, *more):
            for group, concept in self.choices(sample):
                members.setdefault(group, set()).add(concept)
            if sample.objects:
                boxed.setdefault(sample.source, set()).update(self._labels(sample, sample.objects))
        for sample in train:
            mentions = self._mentions(sample)
            literally[list(mentions)] += 1
            said[list({above for c in mentions for above in self.above[c]})] += 1
        self.groups = ExclusiveLabels(
            {group: frozenset(places) for group, places in members.items()},
            {source: frozenset(places) for source, places in boxed.items()},
            said,
        )
        spoken = {*map(int, np.flatnonzero(said >= least))}
        spoken = spoken.union(*members.values(), *boxed.values())
        # Who names no dog saw no beagle; but nobody says "nature", whatever there is of it.
        named = [c for c in np.flatnonzero(literally >= least) if tree.concepts[c].parent]
        spoken.update(*(self.below[c] for c in named))
        self._spoken = sorted(spoken)
        self.seldom = least / max(1, sum(bool(sample.captions) for sample in train))

    def __call__(self, samples: Sequence[Sample]) -> NDArray[np.uint8]:
        """(photos, concepts) of the states."""
        states = np.full((len(samples), len(self.tree)), UNKNOWN, np.uint8)
        for row, sample in zip(states, samples, strict=True):
            self._fill(row, sample)
        return states

    def choices(self, sample: Sample) -> list[tuple[str, int]]:
        """Groups a photo is a choice of, and the concept chosen."""
        labels = () if sample.source == REVIEWED else sample.labels
        found = [(sample.source, place) for place in self._labels(sample, labels)]
        if sample.kind != "photo":
            found += [("kind", place) for place in self._labels(sample, [sample.kind])]
        return found

    def _fill(self, row: NDArray[np.uint8], sample: Sample) -> None:
        present: set[int] = set()
        absent: set[int] = set()
        if sample.captions:
            mentions = self._mentions(sample)
            row[self._spoken] = UNMENTIONED
            for concept in mentions:  # it may be any kind of what was said
                row[list(self.below[concept])] = UNKNOWN
                present |= self.above[concept]
        for group, concept in self.choices(sample):
            present |= self.above[concept]
            kin = self.above[concept] | self.below[concept]
            if group not in self.rules.open:
                absent |= self.groups.members.get(group, frozenset()) - kin
        if sample.source == REVIEWED:
            places = self._labels(sample, sample.labels)
            present.update(*(self.above[place] for place in places))
        absent |= self._labels(sample, sample.absent)
        if sample.kind == "photo":
            absent |= self.groups.members.get("kind", frozenset())
        if sample.objects:
            there = {a for c in self._labels(sample, sample.objects) for a in self.above[c]}
            present |= there
            absent |= self.groups.boxed.get(sample.source, frozenset()) - there
        absent = {kind for concept in absent - present for kind in self.below[concept]}
        row[list(absent - present)] = ABSENT
        row[list(present)] = PRESENT

    def _labels(self, sample: Sample, labels: Sequence[str]) -> set[int]:
        found = (self.rules.concepts(label, self.tree, sample.source) for label in labels)
        return {self.place[concept.name] for some in found for concept in some}

    def _mentions(self, sample: Sample) -> set[int]:
        found: set[int] = set()
        for caption in sample.captions:
            if caption not in self._words:
                found_here = mentioned(caption, self.tree, self.rules.ambiguous)
                concepts = {self.place[concept.name] for concept in found_here}
                self._words[caption] = tuple(concepts)
            found.update(self._words[caption])
        return found

    def _places(self, concepts: Sequence[Concept]) -> frozenset[int]:
        return frozenset(self.place[concept.name] for concept in concepts)
