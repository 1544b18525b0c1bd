"""Builds the objective that a recipe names."""

from __future__ import annotations

from torch import nn

from ansa_train.data.caption_embeddings import CaptionEmbeddings
from ansa_train.data.datasets import TrainingPhotos
from ansa_train.data.labels.class_prompts import Vocabulary, imagenet
from ansa_train.distributed import Processes
from ansa_train.models.towers import Towers
from ansa_train.recipe import Recipe
from ansa_train.train.objectives.image_text import ImageTextObjective
from ansa_train.train.objectives.objective import Objective
from ansa_train.train.objectives.prompt_bank import PromptBank


def build_objective(
    recipe: Recipe,
    towers: Towers,
    classifier: nn.Linear,
    photos: TrainingPhotos,
    meanings: CaptionEmbeddings | None,
    among: Processes,
) -> Objective:
    """Builds the objective, on the device of the process.

    Args:
        recipe: of the run.
        towers: what learns.
        classifier: features -> the teacher's classes, used if there is a teacher.
        photos: what they are called.
        meanings: what captions mean, if there is a text network that knows.
        among: the processes.
    """
    taught = imagenet() if recipe.asks_teacher else Vocabulary(())
    texts = PromptBank(Vocabulary(taught.names + photos.labels.vocabulary.names))
    soft = recipe.softness and recipe.objective == "infonce"
    objective = ImageTextObjective(
        recipe,
        towers,
        classifier if len(taught) else None,
        texts,
        photos.labels,
        meanings if soft else None,
        among,
    )
    objective.own.to(among.device)
    return objective
