"""Reports and runs replace only their own files, never other files of the same names."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from ansa_train import checkpoint
from ansa_train.errors import TrainingError

_COMMANDS = ("ansa ", "python -m ansa.", "python -m research.")
"""How the commands begin that write reports, or once wrote them."""


def report_files(prefix: Path) -> tuple[Path, Path, Path]:
    """The paths PREFIX.md, PREFIX.json and PREFIX.svg, checked by :func:`check_report`."""
    page, document, picture = (
        prefix.with_name(f"{prefix.name}.{suffix}") for suffix in ("md", "json", "svg")
    )
    check_report(document, page, picture)
    return page, document, picture


def check_report(document: Path, *others: Path) -> None:
    """Checks that the files of a report may be written.

    Args:
        document: its figures as JSON, which say by which command they were made.
        others: its page and picture.

    Raises:
        TrainingError: one of the files is there, and the document is none of ours.
    """
    there = [str(file) for file in (document, *others) if file.exists()]
    command = _read(document).get("command")
    ours = isinstance(command, str) and command.startswith(_COMMANDS)
    if there and not ours:
        raise TrainingError(f"{', '.join(there)}: no report of ANSA's; give --out another name")


def check_run(folder: Path, said: str, results: Collection[str]) -> None:
    """Checks that a run may leave its results in a folder.

    Args:
        folder: of the run.
        said: the name of the file that says what a run left there.
        results: the names of the others.

    Raises:
        TrainingError: files of these names are there, and of no run.
    """
    if any((folder / name).exists() for name in (checkpoint.NAME, checkpoint.BEFORE)):
        return
    if _read(folder / said).keys() & {"metrics", "points lost"}:
        return
    if there := [name for name in (said, *results) if (folder / name).exists()]:
        raise TrainingError(
            f"{folder} holds {', '.join(there)}, which no run left there; give another folder"
        )


def _read(file: Path) -> dict[str, object]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
