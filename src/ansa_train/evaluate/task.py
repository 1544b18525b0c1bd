"""The interface of evaluation tasks, and their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ansa.model.analyzer import Analyzer
from ansa.scene import Vector
from ansa_train.data.pack import Sample
from ansa_train.errors import TrainingError
from ansa_train.evaluate.bootstrap import Estimate

Vectors = Mapping[Sample, Vector]
"""(d,), unit length, for every photo that could be opened."""


GROUPS = ("retrieval", "zero-shot", "linear probe", "tagging", "nothing matches")
"""What is measured, in the order of a report."""


class EvaluationError(TrainingError):
    """Photos, captions or labels cannot be evaluated; the message says what helps."""


@dataclass(frozen=True, slots=True)
class FailedPhoto:
    """A photo that could not be opened, or an entry that could not be used, and why."""

    photo: str
    reason: str

    def to_dict(self) -> dict[str, str]:
        """JSON-ready values."""
        return {"photo": self.photo, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class TagScore:
    """How well one tag is found, average precision in percent.

    Attributes:
        name: the tag.
        photos: how many photos of the split show it.
        zero_shot: by the vector of its name; None where names are not asked.
        linear: by a linear head.
    """

    name: str
    photos: int
    zero_shot: float | None
    linear: float


@dataclass(frozen=True, slots=True)
class Table:
    """What one task found for one bundle.

    Attributes:
        group: one of :data:`GROUPS`, which share a table and a panel.
        name: of the set.
        about: how many photos of what.
        figures: by name.
        tags: one by one, where the figures are means over tags.
    """

    group: str
    name: str
    about: str
    figures: Mapping[str, Estimate]
    tags: Sequence[TagScore] = field(default=())


class Task(Protocol):
    """One measurement of a bundle."""

    @property
    def samples(self) -> Sequence[Sample]:
        """The photos whose vectors the task needs."""

    def measure(self, analyzer: Analyzer, vectors: Vectors) -> list[Table]:
        """The tables.

        Raises:
            EvaluationError: too few of the photos could be opened.
        """


def looked_up(
    samples: Sequence[Sample], vectors: Vectors, name: str
) -> tuple[list[Sample], Vector]:
    """The samples that could be opened, and their vectors, (n, d).

    Raises:
        EvaluationError: there are none.
    """
    seen = [sample for sample in samples if sample in vectors]
    if not seen:
        raise EvaluationError(f"{name}: none of its {len(samples):,} photos could be opened")
    return seen, np.stack([vectors[sample] for sample in seen])
