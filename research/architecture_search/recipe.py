"""Every setting of a search, read from TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any

from ansa_train.errors import TrainingError
from ansa_train.settings import NotNegative, Positive, Range, read_settings
from research.architecture_search.space import Candidate, Space

SHIPPED = "shipped"
"""The point that is always tried, and that all others are compared to."""


@dataclass(frozen=True, slots=True)
class SearchRecipe:
    """Every setting of a search, with its default.

    Attributes:
        data: folder of the training tars.
        folder: what the search knows: teacher, captions, the study, ranks of every trial, reports.
        trials: how many candidates to measure in all.
        photos: training photos, each with captions: what the linear map is fitted on.
        dev_photos: dev photos with captions, at most.
        tuned: of the training photos, how many every candidate is fine-tuned on, each once: an
            equal number of photos and not of seconds, so that neither a busy machine nor a
            candidate's own speed changes what it learns. Speed counts once, as the other objective.
        seen: of the training photos, how many weights are inherited by.
        batch: photos a step.
        rate: peak learning rate.
        warm_up: share of the steps in which it rises to that.
        weight_decay: of AdamW.
        dim: length of the vector of the network that is timed.
        rounds: how often it takes turns with the yardstick.
        seed: of everything random.
        space: what is searched.
        points: candidates that are tried first, by name; :data:`SHIPPED` is always among them.
    """

    data: Path
    folder: Path
    trials: Positive = 18
    photos: Positive = 1024
    dev_photos: Positive = 2000
    tuned: Positive = 384
    seen: Positive = 256
    batch: Positive = 16
    rate: Annotated[float, Range(least=0)] = 7e-5
    warm_up: Annotated[float, Range(least=0)] = 0.1
    weight_decay: Annotated[float, Range(least=0)] = 0.05
    dim: Positive = 512
    rounds: Positive = 40
    seed: NotNegative = 0
    space: Space = field(default_factory=Space)
    points: Mapping[str, Candidate] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> SearchRecipe:
        """A recipe from TOML.

        Raises:
            TrainingError: it cannot be read, or a setting does not exist, is impossible or missing.
        """
        recipe = read_settings(cls, file)
        points = {SHIPPED: Candidate(), **recipe.points}
        for name, point in points.items():
            if point not in recipe.space:
                raise TrainingError(f"{file}: the point {name} ({point}) is not in the space")
        return replace(recipe, points=points)

    def terms(self) -> dict[str, Any]:
        """What every trial of a study must share for their figures to be comparable."""
        free = {"data", "folder", "trials", "space", "points"}
        terms = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in free}
        return terms | {"space": self.space.choices()}

    def point(self, candidate: Candidate) -> str | None:
        """The name a candidate has among the points."""
        return next((name for name, known in self.points.items() if known == candidate), None)


def parameters(candidate: Candidate) -> dict[str, Any]:
    """A candidate as the study names its settings."""
    return asdict(candidate)
