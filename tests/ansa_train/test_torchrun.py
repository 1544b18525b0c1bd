"""The real command: killed, and started by torchrun with one of its processes lost."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ansa_train import checkpoint
from ansa_train.recipe import Recipe
from ansa_train.train.pretrain import pretrain

ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}
PRETRAIN = ["-m", "ansa", "train", "pretrain"]


def _rows(folder: Path) -> list[list[str]]:
    file = folder / "losses.csv"
    return list(csv.reader(file.read_text().splitlines())) if file.exists() else []


def _start(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that what is left of it can be ended with it
    )


def _wait(process: subprocess.Popen[str], ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not ready():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_killed_run_goes_on_exactly_as_if_it_had_not_been(scratch_file: Path) -> None:
    text = scratch_file.read_text().replace("steps = 4", "steps = 40\ndropout = 0.1")
    scratch_file.write_text(text.replace("evaluate_every = 2", "evaluate_every = 3"))
    recipe = Recipe.read(scratch_file)
    process = _start(*PRETRAIN, str(scratch_file))
    _wait(process, lambda: len(_rows(recipe.folder)) > 5)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    assert 3 <= checkpoint.load(recipe.folder / checkpoint.NAME)["step"] < 40
    pretrain(recipe)
    whole = replace(recipe, folder=recipe.folder.with_name("whole"))
    pretrain(whole)
    assert len(_rows(whole.folder)) == 41
    assert _rows(recipe.folder) == _rows(whole.folder)


def _of_rank(rank: int, recipe: Path) -> int | None:
    """The process that torchrun started with a rank for a recipe."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            given = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes()
        except OSError:  # it has just ended, or is not ours
            continue
        if f"RANK={rank}".encode() in given and str(recipe).encode() in command:
            return int(folder.name)
    return None


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
def test_a_lost_worker_is_an_error_and_the_run_goes_on_from_its_checkpoint(
    scratch_file: Path,
) -> None:
    scratch_file.write_text(scratch_file.read_text().replace("steps = 4", "steps = 5000"))
    recipe = Recipe.read(scratch_file)
    run = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    process = _start(*run, *PRETRAIN, str(scratch_file))
    try:
        _wait(process, lambda: len(_rows(recipe.folder)) > 5)
        lost = _of_rank(1, scratch_file)
        assert lost is not None
        os.kill(lost, signal.SIGKILL)
        _, said = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode != 0
    assert "ansa: " in said
    assert "another process of the run" in said
    assert "stands: run the same command again to go on" in said
    step = checkpoint.load(recipe.folder / checkpoint.NAME)["step"]
    assert step >= 4
    done = pretrain(replace(recipe, stop=step + 2))  # and in one process, if there is no other
    assert done["step"] == step + 2
