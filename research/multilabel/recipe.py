"""The recipe of a multi-label run: that of pretraining, with another objective."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ansa_train.errors import TrainingError
from ansa_train.recipe import Recipe
from ansa_train.settings import Share, read_settings


@dataclass(frozen=True, slots=True)
class MultiLabelRecipe(Recipe):
    """Every setting of a run, with its default; see :class:`ansa_train.recipe.Recipe`.

    Attributes:
        objective: "multilabel": classification without text.
        unmentioned: weight of nouns that captions do not mention, 0..1.
    """

    objective: Literal["multilabel"] = "multilabel"  # type: ignore[assignment] # another one
    unmentioned: Share = 0.2

    @classmethod
    def read(cls, file: Path) -> MultiLabelRecipe:
        """Reads a recipe from TOML.

        Raises:
            TrainingError: there is no such file, or a setting is wrong; the message names it.
        """
        return read_settings(cls, file)

    @property
    def reads_text(self) -> bool:
        """Always False: there is no text network to train."""
        return False

    @property
    def asks_teacher(self) -> bool:
        """Whether the teacher's classes are labels, too."""
        return bool(self.weight_teacher)


def read_any_recipe(file: Path) -> Recipe:
    """Reads the recipe of a run, with text or without.

    Raises:
        TrainingError: it is neither; the message says what is wrong with it as a recipe with text.
    """
    try:
        return Recipe.read(file)
    except TrainingError:
        try:
            return MultiLabelRecipe.read(file)
        except TrainingError:
            pass
        raise
