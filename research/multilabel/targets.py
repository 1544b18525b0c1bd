"""Presence and weight of every label and noun of a photo: known, weakly absent, or unknown."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ansa_train.data.labels.caption_nouns import mentioned, nouns
from ansa_train.data.labels.label_groups import LabelGroups
from ansa_train.data.pack import Sample


class LabelTargets:
    """Presence and weight of each label of each photo, for a loss over all labels.

    A photo's label is present and the others of its group are absent; a noun of its captions is
    present, the other nouns are absent with little weight, as captions do not tell all. Whatever
    else is unknown.

    Args:
        samples: the training photos.
        labels: of them.
        unmentioned: weight of the nouns that a captioned photo's captions do not mention.
    """

    def __init__(self, samples: Sequence[Sample], labels: LabelGroups, unmentioned: float) -> None:
        self._labels, self._unmentioned = labels, unmentioned
        self._known = nouns(caption for sample in samples for caption in sample.captions)
        self.nouns = sorted(self._known)
        self._place = {noun: len(labels) + i for i, noun in enumerate(self.nouns)}

    def __len__(self) -> int:
        return len(self._labels) + len(self.nouns)

    def __call__(self, samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
        """Presence and weight, (n, labels and nouns) each."""
        present, weight = torch.zeros(2, len(samples), len(self))
        for row, sample in enumerate(samples):
            for among, right in self._labels.choices(sample):
                weight[row, among.start : among.stop] = 1.0
                present[row, right] = 1.0
            if sample.captions:
                weight[row, len(self._labels) :] = self._unmentioned
                for noun in mentioned(sample.captions, self._known, 1):
                    present[row, self._place[noun]] = weight[row, self._place[noun]] = 1.0
        return present, weight
