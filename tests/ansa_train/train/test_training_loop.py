from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ansa_train.errors import TrainingError
from ansa_train.train.training_loop import run_training_loop


@dataclass(frozen=True)
class Steps:
    folder: Path
    steps: int = 40
    rate: float = 0.1
    average: float = 0.5
    save_every: int = 20


def learn(recipe: Steps, stop: int = 1000, size: float = 1.0) -> nn.Linear:
    """To answer 1; stopped, as with Ctrl-C, before a step."""
    torch.manual_seed(0)
    network = nn.Linear(2, 1)

    def losses(step: int) -> dict[str, Tensor]:
        if step == stop:
            raise KeyboardInterrupt
        return {"far": size * (network(torch.ones(1, 2)) - 1).square().mean()}

    return run_training_loop(network, recipe, {"target": 1}, losses)


def test_it_learns_and_leaves_a_curve(tmp_path: Path) -> None:
    network = learn(Steps(tmp_path))
    assert float(network(torch.ones(1, 2))) == pytest.approx(1.0, abs=0.1)
    rows = list(csv.DictReader((tmp_path / "losses.csv").read_text().splitlines()))
    assert [row["step"] for row in rows] == ["10", "20", "30", "40"]
    assert float(rows[-1]["far"]) < 0.1 * float(rows[0]["far"])


def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole, halves = Steps(tmp_path / "whole"), Steps(tmp_path / "halves")
    with pytest.raises(KeyboardInterrupt):
        learn(halves, stop=30)
    assert torch.equal(learn(whole).weight, learn(halves).weight)
    assert (whole.folder / "losses.csv").read_text() == (halves.folder / "losses.csv").read_text()


def test_a_loss_that_is_not_finite_ends_the_run_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="step 0: the loss is not finite; lower the rate"):
        learn(Steps(tmp_path), size=float("nan"))


def test_a_finished_run_learns_no_more(tmp_path: Path) -> None:
    recipe = replace(Steps(tmp_path), steps=20)
    assert torch.equal(learn(recipe).weight, learn(recipe, stop=0).weight)
