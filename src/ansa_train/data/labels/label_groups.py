"""The choices that the labels of photos make, in groups of labels that exclude each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from ansa_train.data.labels.class_prompts import label_vocabulary
from ansa_train.data.pack import Sample

Choice = tuple[range, int]
"""The label names a photo is a choice among, and the right one."""


class LabelGroups:
    """Every label of the training photos, in groups that exclude each other.

    Attributes:
        groups: the labels of each group.
        vocabulary: all of them, as names.
    """

    def __init__(self, samples: Iterable[Sample]) -> None:
        samples = list(samples)
        self._common = common_labels(samples)
        choices = {choice for sample in samples for choice in self._of(sample)}
        self.groups = {
            group: sorted(name for g, name in choices if g == group)
            for group in sorted({g for g, _ in choices})
        }
        self.vocabulary, self._ranges = label_vocabulary(self.groups)

    def __len__(self) -> int:
        return len(self.vocabulary)

    def choices(self, sample: Sample) -> list[Choice]:
        """The choices that a photo's labels make; none for a label that is new."""
        found = []
        for group, name in self._of(sample):
            if name in self.groups.get(group, ()):
                among = self._ranges[group]
                found.append((among, among[self.groups[group].index(name)]))
        return found

    def _of(self, sample: Sample) -> list[tuple[str, str]]:
        return label_choices(sample, self._common.get(sample.source, frozenset()))


def label_choices(sample: Sample, common: Set[str] = frozenset()) -> list[tuple[str, str]]:
    """The choices that a sample's labels make, as (group, label).

    Labels exclude each other within a source only; kinds of picture are a group of their own.

    Args:
        sample: the photo.
        common: labels that say nothing about it, as its whole source has them.
    """
    own = [label for label in sample.labels if label not in common]
    choices = [(sample.source, own[0])] if len(own) == 1 else []
    return choices if sample.kind == "photo" else [*choices, ("kind", sample.kind)]


def common_labels(samples: Sequence[Sample]) -> dict[str, frozenset[str]]:
    """The labels that every photo of a source has, where each photo has one label beside them.

    A picture of a "daisy" is a "flower" too, as are all of its source: what it is a choice among
    are the daisies, roses and tulips. In a source whose photos show several things, none excludes
    another, and all of its labels are common.
    """
    sources: dict[str, list[frozenset[str]]] = {}
    for sample in samples:
        if sample.labels:
            sources.setdefault(sample.source, []).append(frozenset(sample.labels))
    found = {}
    for source, labels in sources.items():
        shared = frozenset.intersection(*labels)
        rest = [own - shared for own in labels]
        exclusive = all(len(own) <= 1 for own in rest)
        if not any(rest):
            shared = frozenset()  # one label alone: the group has one name
        found[source] = shared if exclusive else frozenset.union(*labels)
    return found
