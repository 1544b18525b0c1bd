"""Image-language pretraining: photos and words in one space.

Captions by contrast; a teacher's opinion of every photo, its classes written as sentences; the same
for classes that no photo shows, on features moved there; labels, as a choice among names.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.data.batch import Batch
from ansa_train.data.caption_embeddings import CaptionEmbeddings
from ansa_train.data.labels.label_groups import LabelGroups
from ansa_train.distributed import Processes
from ansa_train.losses.classifier_targets import classifier_targets, pull
from ansa_train.losses.distillation import distillation
from ansa_train.losses.feature_synthesis import synthesize_features
from ansa_train.losses.grouped_cross_entropy import grouped_cross_entropy
from ansa_train.losses.infonce import infonce, soft_targets
from ansa_train.losses.sigmoid import FIRST_BIAS, FIRST_SCALE, sigmoid
from ansa_train.models.towers import Towers
from ansa_train.recipe import Recipe
from ansa_train.train.objectives.prompt_bank import PromptBank

SOFT_TEMPERATURE = 0.1
"""Captions of one scene have a cosine of about 0.7 under MiniLM, unrelated ones 0.1."""


class ImageTextObjective:
    """The objective "infonce" or "sigmoid", whichever the recipe names for the captions.

    Args:
        recipe: of the run.
        towers: what learns.
        classifier: (n, f) features -> the teacher's classes; None without a teacher.
        texts: the teacher's classes, then the labels.
        labels: of the training photos.
        meanings: what captions mean, for soft targets; None for hard ones.
        among: the processes.
    """

    def __init__(
        self,
        recipe: Recipe,
        towers: Towers,
        classifier: nn.Linear | None,
        texts: PromptBank,
        labels: LabelGroups,
        meanings: CaptionEmbeddings | None,
        among: Processes,
    ) -> None:
        self._recipe, self._towers, self._among = recipe, towers, among
        self._texts, self._labels, self._meanings = texts, labels, meanings
        self._taught = len(texts.vocabulary) - len(labels)
        self._covariance = torch.zeros(0)
        self._start = None if classifier is None else classifier.weight.detach().clone()
        self._targets = torch.zeros(0)
        self.own = nn.ModuleDict()
        self._classifier = classifier
        if classifier is not None:
            self.own["classifier"] = classifier
        if recipe.objective == "sigmoid":
            self.own["bias"] = nn.ParameterList([torch.tensor(FIRST_BIAS)])
            if recipe.start is None:
                nn.init.constant_(towers.scales["captions"], FIRST_SCALE)
        self.weights = {"captions": 1.0}
        if classifier is not None:
            self.weights |= {
                "teacher": recipe.weight_teacher,
                "classifier": recipe.weight_classifier,
                "synthetic": recipe.weight_synthetic,
                "targets": recipe.weight_targets,
            }
        if len(labels):
            self.weights["labels"] = recipe.weight_labels
        self.weights = {name: weight for name, weight in self.weights.items() if weight}

    def choose(self, batch: Batch, rng: random.Random) -> list[int]:
        """The classes whose sentences are embedded in this step: those of the batch, and others."""
        if not len(self._texts.vocabulary):
            return []
        seen = [self._taught + right for s in batch.samples for _, right in self._labels.choices(s)]
        if batch.teacher is not None:
            seen += batch.teacher.argmax(-1).tolist()
        everywhere = {c for part in self._among.collect(sorted(set(seen))) for c in part}
        return self._texts.choose(everywhere, self._recipe.prompts, rng)

    def sentences(self, classes: Sequence[int], rng: random.Random) -> list[str]:
        """One sentence for each of the classes, drawn among the templates."""
        return self._texts.sentences(classes, rng) if classes else []

    def losses(
        self,
        batch: Batch,
        classes: Sequence[int],
        rng: random.Random,
        features: Tensor,
        captions: Tensor,
        sentences: Tensor,
    ) -> dict[str, Tensor]:
        """The losses of captions, labels, teacher and synthetic features, those with a weight."""
        towers, mean = self._towers, self._among.mean
        vectors = towers.image.embed(F.dropout(features, self._recipe.dropout))
        losses = {"captions": mean(self._contrast(batch, vectors[: batch.captioned], captions))}
        if not classes:
            return losses
        table = self._texts.with_fresh(classes, self._among.gather(sentences))
        names = table[: self._taught]
        if "teacher" in self.weights:
            assert batch.teacher is not None
            logits = towers.scale("teacher") * vectors @ names.T
            losses["teacher"] = mean(distillation(logits, batch.teacher))
        if "classifier" in self.weights:
            assert self._classifier is not None
            assert batch.teacher is not None
            losses["classifier"] = mean(distillation(self._classifier(features), batch.teacher))
        if "synthetic" in self.weights:
            moved, wanted = self._synthesise(batch, features.detach(), classes, rng)
            logits = towers.scale("teacher") * towers.image.embed(moved) @ names.T
            losses["synthetic"] = mean(distillation(logits, wanted))
        if "targets" in self.weights:
            losses["targets"] = mean(self._pulled(classes, sentences))
        if "labels" in self.weights:
            losses["labels"] = mean(self._choices(batch, vectors, table[self._taught :]))
        return losses

    @property
    def stale(self) -> bool:
        """Whether the embeddings of the classes must be made before the next step."""
        return len(self._texts.table) < len(self._texts.vocabulary)

    def refresh(self, read: Callable[[Sequence[str]], Tensor], rng: random.Random) -> None:
        """Embeds the sentences of every class anew, without gradients."""
        if len(self._texts.vocabulary):
            prompts = self._texts.vocabulary.prompts(rng)
            self._texts.table = self._among.gather(read(self._among.share(prompts)))
        if "targets" in self.weights:
            assert self._start is not None
            project = self._towers.image.project.weight.detach()
            weight, covariance = self._start.to(project), self._covariance.to(project)
            self._targets = classifier_targets(weight, covariance, project)

    def prepare(self, features: Tensor) -> None:
        """Learns how features vary, for the synthesis of features of classes without photos."""
        centred = self._among.gather(features)
        centred = centred - centred.mean(0)
        self._covariance = centred.T @ centred / len(centred)

    def state(self) -> dict[str, Any]:
        """The embeddings of the classes, and how features vary, for a checkpoint."""
        return {
            "covariance": self._covariance,
            "table": self._texts.table,
            "targets": self._targets,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from :meth:`state`."""
        device = self._among.device
        self._covariance = state["covariance"].to(device)
        self._texts.table = state["table"].to(device)
        self._targets = state["targets"].to(device)

    def _contrast(self, batch: Batch, vectors: Tensor, captions: Tensor) -> Tensor:
        """This process's photos and captions against those of all, (n,)."""
        gather, recipe = self._among.gather, self._recipe
        ids = batch.ids().to(vectors.device)
        all_vectors, all_captions, all_ids = gather(vectors), gather(captions), gather(ids)
        same = ids[:, None] == all_ids
        scale = self._towers.scale("captions")
        if recipe.objective == "sigmoid":
            bias = self.own["bias"].get_parameter("0")
            return sigmoid(vectors, all_captions, same, scale, bias)
        target = same / same.sum(-1, keepdim=True)
        if self._meanings is not None:
            own = self._meanings(batch.samples[: batch.captioned]).to(target)
            target = soft_targets(same, own @ gather(own).T, recipe.softness, SOFT_TEMPERATURE)
        return infonce(vectors, captions, all_vectors, all_captions, target, scale)

    def _synthesise(
        self, batch: Batch, features: Tensor, classes: Sequence[int], rng: random.Random
    ) -> tuple[Tensor, Tensor]:
        """Features moved to classes with fresh sentences, and the classifier's view of them."""
        assert self._classifier is not None
        parts = features[: batch.captioned], features[batch.captioned :]
        features = torch.cat([self._among.gather(part) for part in parts])
        centred = features - features.mean(0)
        covariance = centred.T @ centred / len(features)
        known = len(self._covariance) > 0
        self._covariance = torch.lerp(self._covariance, covariance, 0.02) if known else covariance
        candidates = [c for c in classes if c < self._taught]
        drawn = [
            (rng.choice(candidates), rng.randrange(len(features)), rng.uniform(0.5, 5.0))
            for _ in range(self._recipe.synthetic if candidates else 0)
        ]
        mine = list(zip(*self._among.share(drawn), strict=True)) or [(), (), ()]
        device = features.device
        wanted, picked = (torch.tensor(m, dtype=torch.int64, device=device) for m in mine[:2])
        margin = torch.tensor(mine[2], dtype=torch.float32, device=device)
        weight, bias = self._classifier.weight.detach(), self._classifier.bias.detach()
        moved = synthesize_features(
            features[picked], wanted, weight, bias, self._covariance, margin
        )
        return moved, moved @ weight.T + bias

    def _pulled(self, classes: Sequence[int], sentences: Tensor) -> Tensor:
        """How far this process's sentences of the teacher's classes are from their targets."""
        mine = list(self._among.share(classes))
        rows = torch.tensor([i for i, c in enumerate(mine) if c < self._taught])
        which = torch.tensor([c for c in mine if c < self._taught])
        device = sentences.device
        return pull(sentences[rows.to(device)], self._targets[which.to(device)])

    def _choices(self, batch: Batch, vectors: Tensor, names: Tensor) -> Tensor:
        """Cross entropy of each labelled photo's choices among the names of their groups."""
        choices = [(row, c) for row, s in enumerate(batch.samples) for c in self._labels.choices(s)]
        rows = torch.tensor([row for row, _ in choices], dtype=torch.int64, device=vectors.device)
        right = torch.tensor([r for _, (_, r) in choices], dtype=torch.int64, device=vectors.device)
        logits = self._towers.scale("labels") * vectors[rows] @ names.T
        return grouped_cross_entropy(logits, [among for _, (among, _) in choices], right)
