"""One trial: a candidate inherits its weights, learns for a short while, and is measured."""

from __future__ import annotations

import copy
import math
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ansa_train.losses.distillation import distillation
from ansa_train.models.mobilenet import Backbone, normalise
from ansa_train.models.presets import parameters
from ansa_train.models.teacher import FrozenNetwork
from research.architecture_search.latency import Latency, Stopwatch
from research.architecture_search.quality import Quality, measure
from research.architecture_search.recipe import SearchRecipe
from research.architecture_search.space import Candidate
from research.architecture_search.trial_data import TrialData, squares
from research.architecture_search.weight_inheritance import ParentNetwork, set_blend

_SEEN_SIZE = 224  # pixels, of the photos that weights are inherited by
_BATCH = 64


class Diverged(Exception):  # noqa: N818 - the name says what happened
    """The loss of a candidate is not a number."""


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """What a trial found.

    Attributes:
        quality: on dev photos.
        latency: of the network with hard-swish, as it would ship.
        parameters: of the backbone.
        loss: divergence from the teacher over the last tenth of training, in nats.
        seconds: the trial took.
    """

    quality: Quality
    latency: Latency
    parameters: int
    loss: float
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Everything but the ranks, by name."""
        return {
            **{f"recall_{k}": value for k, value in self.quality.recall.items()},
            "divergence": self.quality.divergence,
            "agreement": self.quality.agreement,
            "latency_ratio": self.latency.ratio,
            "milliseconds": self.latency.milliseconds,
            "parameters": self.parameters,
            "loss": self.loss,
            "seconds": self.seconds,
        }


class TrialBench:
    """What all trials share; made when the first needs it."""

    def __init__(self, recipe: SearchRecipe, material: TrialData) -> None:
        self.recipe, self.material = recipe, material

    @cached_property
    def whole(self) -> ParentNetwork:
        """The network whose parts are tried."""
        return ParentNetwork(squares(self.material.train[: self.recipe.seen], _SEEN_SIZE))

    @cached_property
    def stopwatch(self) -> Stopwatch:
        """What times them."""
        return Stopwatch(self.recipe.dim, self.recipe.rounds)

    def run(self, candidate: Candidate) -> Outcome:
        """One trial; what it finds does not depend on the trials before it.

        Raises:
            Diverged: the loss is no longer a number.
        """
        started = time.monotonic()
        whole, stopwatch = self.whole, self.stopwatch
        torch.manual_seed(self.recipe.seed)
        network, classifier = whole.part(candidate)
        pixels = squares(self.material.train, candidate.size)
        tuned = slice(self.recipe.tuned)
        teacher = self.material.train_teacher[tuned]
        loss = fine_tune(network, classifier, pixels[tuned], teacher, self.recipe)
        network.eval()
        frozen = FrozenNetwork(copy.deepcopy(network))
        train = _features(frozen, pixels)
        del pixels
        dev = _features(frozen, squares(self.material.dev, candidate.size))
        with torch.inference_mode():
            quality = measure(train, dev, classifier(dev), self.material)
        set_blend(network, 1.0)
        latency = stopwatch.time(network, candidate.size)
        seconds = time.monotonic() - started
        return Outcome(quality, latency, parameters(network), loss, seconds)


def fine_tune(
    network: Backbone,
    classifier: nn.Linear,
    pixels: NDArray[np.uint8],
    teacher: NDArray[np.float32],
    recipe: SearchRecipe,
) -> float:
    """Distil the teacher's class distribution, each photo once, mirrored half the time; in place.

    Activations stay ReLU6, as the start has them: growing hard-swish takes longer than a trial.

    Returns:
        The mean loss over the last tenth of the steps.

    Raises:
        Diverged: the loss is no longer a number.
    """
    rng = np.random.default_rng(recipe.seed)
    network.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    trained = [*network.parameters(), *classifier.parameters()]
    optimizer = torch.optim.AdamW(
        trained, lr=recipe.rate, betas=(0.9, 0.98), weight_decay=recipe.weight_decay
    )
    order = rng.permutation(len(pixels))
    batches = np.array_split(order, max(1, len(order) // recipe.batch))
    losses = []
    for step, batch in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * schedule((step + 1) / len(batches), recipe.warm_up)
        mirrored = rng.random(len(batch)) < 0.5
        seen = np.where(mirrored[:, None, None, None], pixels[batch, :, ::-1], pixels[batch])
        x = normalise(torch.from_numpy(seen)).contiguous(memory_format=torch.channels_last)
        loss = distillation(classifier(network(x)), torch.from_numpy(teacher[batch])).mean()
        if not math.isfinite(loss.item()):
            raise Diverged(f"the loss is {loss.item()} at step {step + 1}")
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(trained, 5.0)
        optimizer.step()
        losses.append(loss.item())
    return float(np.mean(losses[-max(1, len(losses) // 10) :]))


def schedule(done: float, warm_up: float) -> float:
    """Share of the peak learning rate after a share of the run: a rise, then half a cosine."""
    if done < warm_up:
        return done / warm_up
    return 0.5 * (1.0 + math.cos(math.pi * (done - warm_up) / (1.0 - warm_up)))


@torch.inference_mode()
def _features(frozen: FrozenNetwork, pixels: NDArray[np.uint8]) -> Tensor:
    starts = range(0, len(pixels), _BATCH)
    return torch.cat([frozen(pixels[i : i + _BATCH]).float() for i in starts])
