"""Saves the state of a run completely or not at all, and loads it only into the same run."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from ansa.atomic_write import open_atomic
from ansa_train.errors import TrainingError

NAME = "checkpoint.pt"
BEFORE = "checkpoint.before.pt"
"""The one before it: a disk may lose of a file what it said it had written."""


class DamagedCheckpoint(TrainingError):  # noqa: N818 - the name says what it is
    """A file that is no checkpoint, or no longer a whole one."""


def save(folder: Path, state: dict[str, Any]) -> None:
    """Writes the state of a run. The state before it is kept beside it.

    Args:
        folder: of the run.
        state: tensors, numbers, strings, and lists and dicts of them.

    Raises:
        TrainingError: it could not be written; the one before stands.
    """
    file = folder / NAME
    try:
        with open_atomic(file, keep=folder / BEFORE) as stream:
            torch.save(state, stream)
    except (OSError, RuntimeError) as error:  # torch's writer reports a full disk as the latter
        stands = f"; the one before it stands in {folder}" if _stands(folder) else ""
        raise TrainingError(
            f"{file} could not be written ({error}){stands}; make room and run it again"
        ) from error


def load(file: Path) -> dict[str, Any]:
    """Reads the state in a file. Nothing in the file is run as code.

    Raises:
        TrainingError: there is no such file, or it cannot be read.
        DamagedCheckpoint: it is none of ours, or not whole.
    """
    try:
        with file.open("rb") as stream:
            try:
                # torch reads tensors without comparing their checksums.
                with zipfile.ZipFile(stream) as archive:
                    damaged = archive.testzip()
                stream.seek(0)
                state = None if damaged else torch.load(stream, "cpu", weights_only=True)
            except Exception as error:  # its parsers raise nearly every kind on damaged bytes
                raise _damaged(file) from error
    except FileNotFoundError:
        raise TrainingError(f"{file}: there is no such checkpoint; train first") from None
    except OSError as error:
        raise TrainingError(
            f"{file} cannot be read ({error.strerror}); see that you may read it"
        ) from error
    if damaged:
        raise _damaged(file)
    if not isinstance(state, dict) or not {"step", "averaged"} <= state.keys():
        raise DamagedCheckpoint(f"{file} is no checkpoint of a training run; give another file")
    return state


def last(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """Finds the state that a run goes on from: its last checkpoint, or the one before it.

    That the last one is damaged is said on stderr.

    Returns:
        None if the run has none yet.

    Raises:
        TrainingError: no checkpoint of the run can be used.
    """
    file, before = folder / NAME, folder / BEFORE
    if not file.exists():  # a run may have been killed while the one took the other's place
        return (before, load(before)) if before.exists() else None
    try:
        return file, load(file)
    except DamagedCheckpoint as error:
        if not before.exists():
            raise
        try:
            state = load(before)
        except TrainingError:
            raise TrainingError(
                f"{file} and {before.name} are damaged; remove both to begin anew"
            ) from error
    print(f"{file} is damaged; going on from step {state['step']} in {before}", file=sys.stderr)
    return before, state


@contextmanager
def loadable(file: Path) -> Iterator[None]:
    """Wraps code that puts a state into networks, and turns its errors into clear ones.

    Raises:
        TrainingError: it is of others than those.
    """
    try:
        yield
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        why = " ".join(str(error).split())[:200]
        raise TrainingError(
            f"{file} does not fit the networks of this recipe ({why}); give this run another folder"
        ) from error


def _damaged(file: Path) -> DamagedCheckpoint:
    before = file.with_name(BEFORE)
    rest = f", which goes on from {BEFORE}" if file != before and before.exists() else ""
    return DamagedCheckpoint(f"{file} is damaged or no checkpoint; remove it and train again{rest}")


def _stands(folder: Path) -> bool:
    return (folder / NAME).exists() or (folder / BEFORE).exists()


def same_run(file: Path, saved: dict[str, Any], identity: dict[str, Any]) -> None:
    """Refuses a state that a run of another recipe left.

    Args:
        file: where it was found.
        saved: the state.
        identity: the settings that a run cannot change on the way.

    Raises:
        TrainingError: one of them differs; it is named.
    """
    before = saved.get("identity")
    if before is None:
        raise TrainingError(
            f"{file} is of an earlier version; give this run another folder, and it as the start"
        )
    for name, value in identity.items():
        if before.get(name) != value:
            raise TrainingError(
                f"{file} is of another recipe: its {name} is {before.get(name)!r}, "
                f"this one's {value!r}; give this run another folder"
            )
