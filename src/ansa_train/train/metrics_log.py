"""Logs metrics: learning curves in files, one line of progress on the terminal."""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path
from typing import Any

from ansa.atomic_write import write_atomically
from ansa_train.errors import TrainingError

NAMES = "losses", "dev"
"""Of the curves: by step, and on dev photos."""


class MetricsLog:
    """Writes rows by step to CSV files, and to TensorBoard if wanted.

    Args:
        folder: where ``losses.csv``, ``dev.csv`` and TensorBoard's files go.
        step: steps done; rows after it, left by a run that was stopped, are dropped, as they will
            be made again.
        tensorboard: also write for TensorBoard.

    Raises:
        TrainingError: TensorBoard is wanted and not installed.
    """

    def __init__(self, folder: Path, step: int, *, tensorboard: bool = False) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            _drop_after(folder / f"{name}.csv", step)
        self._board = _board(folder, step) if tensorboard else None

    def add(self, name: str, step: int, row: dict[str, float]) -> None:
        """Adds one row to a curve, one of :data:`NAMES`. The names of the values stay the same."""
        file = self._folder / f"{name}.csv"
        new = not file.exists()
        with file.open("a", newline="") as stream:
            writer = csv.writer(stream)
            if new:
                writer.writerow(["step", *row])
            writer.writerow([step, *(float(f"{value:.7g}") for value in row.values())])
        if self._board is not None:
            for key, value in row.items():
                self._board.add_scalar(f"{name}/{key}", value, step)

    def close(self) -> None:
        """Flushes what TensorBoard has not written yet."""
        if self._board is not None:
            self._board.close()


class TrainingProgress:
    """One line that is drawn again at every step, on a terminal only.

    Args:
        first: steps done already.
        last: step at which the run ends.
        samples: photos a step, of all processes.
        shown: whether this process draws.
    """

    def __init__(self, first: int, last: int, samples: int, *, shown: bool = True) -> None:
        self._first, self._last, self._samples = first, last, samples
        self._start = time.monotonic()
        self._shown = shown and sys.stderr.isatty()
        self.rate = 0.0

    def line(self, step: int, losses: dict[str, float]) -> str:
        """``step 7/980, 61 photos/s, 12 min left: captions 2.1``."""
        elapsed = time.monotonic() - self._start
        done = max(1, step - self._first)
        self.rate = done * self._samples / max(elapsed, 1e-9)
        left = elapsed / done * (self._last - step)
        minutes = f"{left / 60:.0f} min" if left >= 60 else f"{left:.0f} s"
        said = " ".join(f"{name} {value:.3f}" for name, value in losses.items())
        return f"step {step}/{self._last}, {self.rate:.0f} photos/s, {minutes} left: {said}"

    def show(self, step: int, losses: dict[str, float]) -> None:
        """Draws the line."""
        line = self.line(step, losses)
        if self._shown:
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leaves the last line as it is."""
        if self._shown:
            print(file=sys.stderr)

    def say(self, message: str) -> None:
        """Prints a message to stderr that stays."""
        print(f"\r\033[K{message}" if self._shown else message, file=sys.stderr, flush=True)


def _drop_after(file: Path, step: int) -> None:
    """Keep the rows up to a step; one that was cut short goes too."""
    first, *rows = (file.read_text().splitlines() if file.exists() else []) or [""]
    columns = first.count(",")
    whole = [row.split(",") for row in rows if row.count(",") == columns]
    kept = [",".join(row) for row in whole if row[0].isdigit() and int(row[0]) <= step]
    if not first:
        file.unlink(missing_ok=True)
        return
    if not first.startswith("step,"):
        raise TrainingError(f"{file} is no learning curve; give the run another folder")
    write_atomically(file, "\n".join([first, *kept]) + "\n")


def _board(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise TrainingError(
            "the recipe wants tensorboard, which is not installed: pip install tensorboard"
        ) from error
    return SummaryWriter(str(folder), purge_step=step + 1)
