"""The base class of heads: their network, training data, loss and metrics."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from numpy.typing import NDArray
from torch import Tensor, nn

from ansa_train.data.pack import Split
from ansa_train.data.pictures import Pictures
from ansa_train.settings import RecipeFile, settings_from

Read = Callable[[NDArray[Any]], Any]
"""One photo's raw output, float32 of the head's shape -> its signal: the runtime's own reader."""

Settings = TypeVar("Settings")


@dataclass(frozen=True, slots=True)
class HeadRecipe(RecipeFile):
    """Every setting of a head's training, with its default.

    Attributes:
        data: folder of the photos to learn from.
        folder: where checkpoint, curves and the trained head go.
        cache: where branches of pictures and opinions of teachers are kept, for all heads.
        bundle: the bundle whose frozen backbone the head is for; the shipped one if left out.
        steps: optimizer steps.
        batch: pictures a step.
        rate: peak learning rate of AdamW; it warms up over 50 steps and falls as a cosine.
        weight_decay: of AdamW.
        average: decay of the moving average of weights that is measured and kept.
        save_every: steps between checkpoints.
        seed: of everything random.
        head: the head's own settings, see its file.
        start: whether to start from the bundle's own head of that name instead of from nothing.
    """

    data: Path
    folder: Path
    cache: Path
    bundle: Path | None = None
    steps: int = 2000
    batch: int = 256
    rate: float = 1e-3
    weight_decay: float = 0.05
    average: float = 0.99
    save_every: int = 500
    seed: int = 0
    head: Mapping[str, Any] = field(default_factory=dict)
    start: bool = False


@dataclass(frozen=True, slots=True)
class HeadContext:
    """The folders and settings that a head is given.

    Attributes:
        data: folder of the photos.
        cache: a folder of its own for what is slow to make, such as opinions of a teacher.
        size: side of the pictures that the backbone looks at, in pixels.
        seed: of everything random.
        bundle: whose frozen backbone the head is for; the shipped one if None.
    """

    data: Path
    cache: Path
    size: int
    seed: int = 0
    bundle: Path | None = None


class Head(ABC, Generic[Settings]):
    """What is special about a head; :mod:`ansa_train.heads.train_head` does the rest.

    Args:
        place: where it finds what it learns from.
        settings: of the recipe's table ``[head]``.

    Attributes:
        VERSION: of its output's meaning; a bundle says it, and readers know which they read.
        BRANCHES: what of the backbone it reads: "embedding", "features", or "stride4", "stride8",
            "stride16", "stride32"; see :class:`ansa_train.models.feature_taps.FeatureTaps`.
        SETTINGS: dataclass of its settings, every one with a default.
        PARTS: the pretrained parts (:mod:`ansa_train.pretrained`) it learned from, for their
            licences.
    """

    VERSION: ClassVar[int] = 1
    BRANCHES: ClassVar[tuple[str, ...]]
    SETTINGS: ClassVar[type[Any]]
    PARTS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, place: HeadContext, settings: Settings) -> None:
        self.place, self.settings = place, settings

    @abstractmethod
    def pictures(self, split: Split) -> Pictures:
        """What it looks at: learn from "train", calibrate on "dev", report on "test"."""

    @abstractmethod
    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """Makes the untrained network.

        Args:
            shapes: of one picture's branches, by name.

        Returns:
            A module that takes the branches in the order of BRANCHES, each (n, *shape), and gives
            whatever :meth:`loss` wants.
        """

    def batch(self, pictures: int, size: int, rng: random.Random) -> Sequence[int]:
        """The pictures of a step, of so many; any at random if a head does not say otherwise."""
        return [rng.randrange(pictures) for _ in range(size)]

    @abstractmethod
    def loss(self, outputs: Any, rows: Sequence[int], network: nn.Module) -> dict[str, Tensor]:
        """Losses by name; their sum is minimised.

        Args:
            outputs: what the network gives in training.
            rows: which training pictures it was given.
            network: itself, for what is learned beside the output.
        """

    def exported(self, network: nn.Module) -> nn.Module:
        """The form that goes into a bundle: branches -> one tensor (n, *shape); itself as it is."""
        return network

    def files(self) -> dict[str, bytes]:
        """Other files for the bundle, by name; none unless a head says so."""
        return {}

    @abstractmethod
    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """What the reader needs, as JSON-ready values: names, calibration, thresholds.

        Args:
            raw: (n, *shape) of the dev pictures, from the exported network.
        """

    @abstractmethod
    def measure(self, raw: NDArray[Any], read: Read, split: Split) -> dict[str, float]:
        """The metrics by name.

        Args:
            raw: (n, *shape) of the pictures of the split, from the exported network.
            read: the runtime's reader, made of what :meth:`calibrate` gave.
            split: "test"; "dev" while it is being worked on.
        """


def settings_of(kind: type[Head[Any]], recipe: HeadRecipe) -> Any:
    """A head's own settings, from the recipe's table ``[head]``.

    Raises:
        TrainingError: one does not exist or is of the wrong kind.
    """
    return settings_from(kind.SETTINGS, recipe.head, "the table [head]")
