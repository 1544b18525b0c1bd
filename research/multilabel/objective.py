"""Multi-label classification: how the predecessor's backbone was pretrained, without text."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.data.batch import Batch
from ansa_train.data.caption_embeddings import CaptionEmbeddings
from ansa_train.data.datasets import TrainingPhotos
from ansa_train.data.labels.class_prompts import imagenet
from ansa_train.distributed import Processes
from ansa_train.models.towers import Towers
from ansa_train.recipe import Recipe
from research.multilabel.loss import multilabel
from research.multilabel.recipe import MultiLabelRecipe
from research.multilabel.targets import LabelTargets


class MultiLabelObjective:
    """The objective "multilabel": labels, frequent nouns of captions, the teacher's classes.

    The teacher's distribution is a soft target of every one of its classes.

    Args:
        recipe: of the run.
        features: length of the image features.
        targets: which labels and nouns the photos show.
        taught: how many classes the teacher has; 0 without one.
        among: the processes.
    """

    def __init__(
        self, recipe: Recipe, features: int, targets: LabelTargets, taught: int, among: Processes
    ) -> None:
        self._recipe, self._targets, self._among = recipe, targets, among
        self.own = nn.ModuleDict({"head": nn.Linear(features, len(targets) + taught)})
        self._head = self.own["head"]
        self.weights = {"labels": 1.0}
        if taught:
            self.weights["teacher"] = recipe.weight_teacher

    def choose(self, batch: Batch, rng: random.Random) -> list[int]:
        """No sentences are needed."""
        return []

    def sentences(self, classes: Sequence[int], rng: random.Random) -> list[str]:
        """No sentences are needed."""
        return []

    def losses(
        self,
        batch: Batch,
        classes: Sequence[int],
        rng: random.Random,
        features: Tensor,
        captions: Tensor,
        sentences: Tensor,
    ) -> dict[str, Tensor]:
        """The loss of labels and nouns, and that of the teacher if it has a weight, in nats."""
        logits = self._head(F.dropout(features, self._recipe.dropout))
        known = len(self._targets)
        target, weight = (t.to(logits.device) for t in self._targets(batch.samples))
        some = weight.sum(-1) > 0
        labels = multilabel(logits[some, :known], target[some], weight[some])
        losses = {"labels": self._among.mean(labels)}
        if "teacher" in self.weights:
            assert batch.teacher is not None
            opinion = batch.teacher.softmax(-1)
            each = multilabel(logits[:, known:], opinion, torch.ones_like(opinion))
            losses["teacher"] = self._among.mean(each)
        return losses

    @property
    def stale(self) -> bool:
        """Always False: there are no embeddings of classes."""
        return False

    def prepare(self, features: Tensor) -> None:
        """Does nothing: no loss depends on how features vary."""

    def refresh(self, read: Callable[[Sequence[str]], Tensor], rng: random.Random) -> None:
        """No sentences are needed."""

    def state(self) -> dict[str, Any]:
        """Nothing beside its head."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Does nothing: :meth:`state` is empty."""


def build_multilabel(
    recipe: Recipe,
    towers: Towers,
    classifier: nn.Linear,
    photos: TrainingPhotos,
    meanings: CaptionEmbeddings | None,
    among: Processes,
) -> MultiLabelObjective:
    """Builds the objective; see :func:`ansa_train.train.objectives.build.build_objective`."""
    assert isinstance(recipe, MultiLabelRecipe)
    targets = LabelTargets(photos.train, photos.labels, recipe.unmentioned)
    classes = len(imagenet()) if recipe.asks_teacher else 0
    objective = MultiLabelObjective(recipe, towers.image.backbone.features, targets, classes, among)
    objective.own.to(among.device)
    return objective
