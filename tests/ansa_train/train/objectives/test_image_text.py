"""The losses of one batch, with two processes and with one."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ansa_train.data.batch import Batch
from ansa_train.data.labels.class_prompts import Vocabulary
from ansa_train.data.labels.label_groups import LabelGroups
from ansa_train.distributed import Processes
from ansa_train.models.towers import Towers
from ansa_train.recipe import Recipe
from ansa_train.train.objectives.image_text import ImageTextObjective
from ansa_train.train.objectives.prompt_bank import PromptBank
from tests.ansa_train.data.labels.test_label_groups import sample
from tests.ansa_train.together import together

CLASSES = Vocabulary(tuple((f"thing{i}",) for i in range(7)))
LABELS = ("cat", "dog", "horse")
RECIPE = Recipe(
    Path(), Path(), architecture="tiny", text="tiny", dim=8, dropout=0.0, prompts=6, synthetic=8
)
COUNT, CAPTIONED = 6, 4


def _objective(recipe: Recipe, among: Processes) -> tuple[ImageTextObjective, Towers]:
    torch.manual_seed(0)
    towers = Towers("tiny", "tiny", 8)
    classifier = nn.Linear(towers.image.backbone.features, len(CLASSES))
    labels = LabelGroups([sample(labels=(name,)) for name in LABELS])
    texts = PromptBank(Vocabulary(CLASSES.names + labels.vocabulary.names))
    return ImageTextObjective(recipe, towers, classifier, texts, labels, None, among), towers


def _share(among: Processes) -> tuple[Batch, Tensor, Tensor]:
    """Of a batch of six photos: two or one with captions, one or two labelled ones."""
    samples = [sample(key=f"c{i}", captions=("x",)) for i in range(CAPTIONED)]
    samples += [sample(key=f"l{i}", labels=(LABELS[i],)) for i in range(COUNT - CAPTIONED)]
    torch.manual_seed(1)
    features, captions = torch.randn(COUNT, 3000), torch.randn(2 * CAPTIONED, 8)
    teacher = torch.randn(COUNT, len(CLASSES))
    own = [*among.share(range(CAPTIONED)), *among.share(range(CAPTIONED, COUNT))]
    captioned = len(among.share(range(CAPTIONED)))
    said = [j for i in own[:captioned] for j in (2 * i, 2 * i + 1)]
    batch = Batch(
        torch.zeros(len(own), 1),
        [samples[i] for i in own],
        ["x"] * len(said),
        captioned,
        teacher[own],
    )
    return batch, features[own], nn.functional.normalize(captions[said], dim=-1)


def _step(among: Processes, recipe: Recipe) -> list[dict[str, float]]:
    """Two steps in a row, so that the second remembers the first."""
    objective, towers = _objective(recipe, among)
    rng, seen = random.Random(0), []
    batch, features, captions = _share(among)
    features = features[:, : towers.image.backbone.features]
    torch.manual_seed(2)
    objective.refresh(lambda said: torch.ones(len(said), 8), rng)
    every = nn.functional.normalize(torch.randn(30, 8), dim=-1)
    for _ in range(2):
        classes = objective.choose(batch, rng)
        said = objective.sentences(classes, rng)
        fresh = every[[_number(text) for text in among.share(said)]]
        losses = objective.losses(batch, classes, rng, features, captions, fresh)
        seen.append(among.average(losses))
    return seen


def _number(text: str) -> int:
    return sum(map(ord, text)) % 30


@pytest.mark.parametrize("objective", ["infonce", "sigmoid"])
def test_two_processes_have_the_losses_of_one(tmp_path: Path, objective: Any) -> None:
    recipe = replace(RECIPE, objective=objective)
    whole = _step(Processes(), recipe)
    assert whole[0].keys() == {"captions", "teacher", "classifier", "synthetic", "labels"}
    for part in together(2, tmp_path, _step, recipe):
        for one, other in zip(part, whole, strict=True):
            assert one == pytest.approx(other, rel=1e-4, abs=1e-6)


def test_losses_that_weigh_nothing_are_not_computed() -> None:
    bare = replace(RECIPE, weight_teacher=0, weight_classifier=0, weight_synthetic=0)
    objective, _ = _objective(replace(bare, weight_labels=0), Processes())
    assert objective.weights == {"captions": 1.0}


def test_what_a_checkpoint_keeps_gives_the_same_losses() -> None:
    first, towers = _objective(RECIPE, Processes())
    batch, features, captions = _share(Processes())
    features = features[:, : towers.image.backbone.features]
    first.refresh(lambda said: torch.zeros(len(said), 8), random.Random(0))
    assert not first.stale
    fresh = torch.eye(8)[:3]
    first.losses(batch, [0, 1, 8], random.Random(1), features, captions, fresh)
    second, _ = _objective(RECIPE, Processes())
    assert second.stale
    second.restore(first.state())
    second.own.load_state_dict(first.own.state_dict())
    expected, found = (
        o.losses(batch, [0, 2, 9], random.Random(2), features, captions, fresh)
        for o in (first, second)
    )
    torch.testing.assert_close(found, expected, rtol=0, atol=0)
