"""The state of a run on disk: whole or not at all, and never taken for another run's."""

from __future__ import annotations

import os
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from ansa.factory.errors import FactoryError

NAME = "checkpoint.pt"


def save(folder: Path, state: dict[str, Any]) -> None:
    """Write the state; the one before it stands until this one does.

    Args:
        folder: of the run.
        state: tensors, numbers, strings, and lists and dicts of them.

    Raises:
        FactoryError: it could not be written; the one before stands.
    """
    file = folder / NAME
    fresh = file.with_suffix(".new")
    try:
        with fresh.open("wb") as stream:
            torch.save(state, stream)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(file)
    except (OSError, RuntimeError) as error:  # torch's writer reports a full disk as the latter
        fresh.unlink(missing_ok=True)
        stands = f"; the one before it stands in {folder}" if file.exists() else ""
        raise FactoryError(
            f"{file} could not be written ({error}){stands}; make room and run it again"
        ) from error


def load(file: Path) -> dict[str, Any]:
    """The state in a file; nothing in it is run as code.

    Raises:
        FactoryError: there is no such file, or it is none of ours.
    """
    if not file.exists():
        raise FactoryError(f"{file}: there is no such checkpoint; train first")
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except (RuntimeError, UnpicklingError, EOFError, ValueError) as error:
        raise FactoryError(
            f"{file} is damaged or no checkpoint; remove it to begin anew"
        ) from error
    if not isinstance(state, dict) or not {"step", "averaged"} <= state.keys():
        raise FactoryError(f"{file} is no checkpoint of a pretraining run")
    return state


def same_run(file: Path, saved: dict[str, Any], identity: dict[str, Any]) -> None:
    """Refuse a state that was left by a run of another recipe.

    Args:
        file: where it was found.
        saved: the state.
        identity: the settings that a run cannot change on the way.

    Raises:
        FactoryError: one of them differs; it is named.
    """
    before = saved.get("identity")
    if before is None:
        raise FactoryError(
            f"{file} is of an earlier version; give this run another folder, and it as the start"
        )
    for name, value in identity.items():
        if before.get(name) != value:
            raise FactoryError(
                f"{file} is of another recipe: its {name} is {before.get(name)!r}, "
                f"this one's {value!r}; give this run another folder"
            )
