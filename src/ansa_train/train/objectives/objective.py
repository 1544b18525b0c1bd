"""The interface of all objectives."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from torch import Tensor, nn

from ansa_train.data.batch import Batch


class Objective(Protocol):
    """Computes the losses of a batch, each a process's part of the mean over all rows.

    Attributes:
        own: parameters that only the objective has; saved with the run.
        weights: of the losses in the sum that is minimised.
    """

    own: nn.ModuleDict
    weights: dict[str, float]

    @property
    def stale(self) -> bool:
        """Whether :meth:`refresh` must come before the next step."""

    def choose(self, batch: Batch, rng: random.Random) -> list[int]:
        """The classes whose sentences this step embeds; the same in every process."""

    def sentences(self, classes: Sequence[int], rng: random.Random) -> list[str]:
        """A sentence for each class; the same in every process."""

    def losses(
        self,
        batch: Batch,
        classes: Sequence[int],
        rng: random.Random,
        features: Tensor,
        captions: Tensor,
        sentences: Tensor,
    ) -> dict[str, Tensor]:
        """The losses by name, scalars.

        Args:
            batch: this process's share.
            classes: from :meth:`choose`.
            rng: the same numbers in every process.
            features: (n, f) of the batch's images.
            captions: (captioned * k, d) of its captions.
            sentences: (m, d) of this process's share of the sentences of all classes chosen.
        """

    def prepare(self, features: Tensor) -> None:
        """Learns how features of the photos vary, before the first step.

        Args:
            features: (n, f) of this process's share of many photos.
        """

    def refresh(self, read: Callable[[Sequence[str]], Tensor], rng: random.Random) -> None:
        """Embeds every class again, without gradients.

        Args:
            read: sentences -> (m, d).
            rng: the same numbers in every process.
        """

    def state(self) -> dict[str, Any]:
        """The state for a checkpoint, beside ``own``."""

    def restore(self, state: dict[str, Any]) -> None:
        """Resumes from :meth:`state`."""
