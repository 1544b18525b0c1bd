"""The training loop of heads and pruning on one machine, with checkpoints and curves."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor, nn

from ansa_train import checkpoint
from ansa_train.errors import TrainingError
from ansa_train.train.ema import update
from ansa_train.train.metrics_log import MetricsLog, TrainingProgress

Network = TypeVar("Network", bound=nn.Module)

WRITTEN = 10
"""Every so many steps the losses go into a curve."""


class LoopSettings(Protocol):
    """The settings of a recipe that the loop needs.

    Attributes:
        folder: where checkpoint and curves go.
        steps: optimizer steps.
        rate: peak learning rate of AdamW; it warms up and falls as a cosine.
        average: decay of the moving average of weights that is measured and kept.
        save_every: steps between checkpoints.
    """

    @property
    def folder(self) -> Path: ...  # noqa: D102 - see the class
    @property
    def steps(self) -> int: ...  # noqa: D102
    @property
    def rate(self) -> float: ...  # noqa: D102
    @property
    def average(self) -> float: ...  # noqa: D102
    @property
    def save_every(self) -> int: ...  # noqa: D102


def run_training_loop(
    network: Network,
    recipe: LoopSettings,
    identity: Mapping[str, Any],
    losses: Callable[[int], dict[str, Tensor]],
    *,
    weight_decay: float = 0.0,
    warm_up: int = 20,
    clip: float = 1.0,
    samples: int = 1,
    begin: Callable[[int], object] = lambda step: None,
    changed: Callable[[], object] = lambda: None,
    measure: Callable[[Network], Mapping[str, float]] = lambda averaged: {},
) -> Network:
    """Trains to the recipe's last step, from its last checkpoint if there is one.

    Args:
        network: what learns; its parameters that need gradients.
        recipe: see :class:`LoopSettings`.
        identity: of the run; a checkpoint of another is refused.
        losses: of a step, by name; their sum is made less.
        weight_decay: of matrices; vectors have none.
        warm_up: steps over which the rate rises to its peak.
        clip: greatest length of the gradient.
        samples: a step, for the line of progress.
        begin: called before the first step of this process, with its number.
        changed: called after each change of the weights.
        measure: of the averaged network at each checkpoint, for a curve.

    Returns:
        the averaged network.

    Raises:
        TrainingError: a loss is not finite, or the checkpoint cannot be used or written.
    """
    averaged = copy.deepcopy(network).requires_grad_(False)
    learned = [p for p in network.parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in learned if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in learned if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=recipe.rate)
    step = 0
    if stands := checkpoint.last(recipe.folder):
        file, saved = stands
        checkpoint.same_run(file, saved, dict(identity))
        with checkpoint.loadable(file):
            step = saved["step"]
            network.load_state_dict(saved["network"])
            averaged.load_state_dict(saved["averaged"])
            optimizer.load_state_dict(saved["optimizer"])
    curves, progress = (
        MetricsLog(recipe.folder, step),
        TrainingProgress(step, recipe.steps, samples),
    )
    begin(step)
    while step < recipe.steps:
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * _rate(step, recipe.steps, warm_up)
        found = losses(step)
        total = torch.stack(list(found.values())).sum()
        if not torch.isfinite(total):
            raise TrainingError(f"step {step}: the loss is not finite; lower the rate")
        optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(learned, clip)
        optimizer.step()
        changed()
        step += 1
        update(averaged, network, recipe.average, step)
        shown = {name: loss.item() for name, loss in found.items()}
        progress.show(step, shown)
        last = step == recipe.steps
        if step % WRITTEN == 0 or last:
            curves.add("losses", step, shown)
        if step % recipe.save_every == 0 or last:
            state = {
                "identity": dict(identity),
                "step": step,
                "network": network.state_dict(),
                "averaged": averaged.state_dict(),
                "optimizer": optimizer.state_dict(),
            }
            checkpoint.save(recipe.folder, state)
            if dev := dict(measure(averaged)):
                curves.add("dev", step, dev)
                said = " ".join(f"{name} {value:.2f}" for name, value in dev.items())
                progress.say(f"{progress.line(step, shown)}; dev: {said}")
    curves.close()
    progress.end()
    return averaged.eval()


def _rate(step: int, steps: int, warm_up: int) -> float:
    return min(1.0, (step + 1) / warm_up) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
