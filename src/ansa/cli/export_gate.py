"""The options of ``ansa export`` that compare the new bundle with its predecessor."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansa.cli.extras import needs_training
from ansa.cli.output import print_progress
from ansa.model.bundle import Bundle

NONE = "none"


def add_gate(parser: argparse.ArgumentParser) -> None:
    """Adds ``--predecessor`` and what belongs to it."""
    gate = parser.add_argument_group("the comparison with the predecessor")
    gate.add_argument(
        "--predecessor",
        metavar="BUNDLE",
        help="The bundle to compare with (default: the one in FOLDER, or else BUNDLE itself);"
        f" {NONE!r} to compare with nothing.",
    )
    gate.add_argument(
        "--pack",
        metavar="DATA",
        type=Path,
        help="A folder of shards, on whose dev photos all figures of both bundles are compared."
        " Without it only regression sets are.",
    )
    gate.add_argument(
        "--regression",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="A further regression set, besides those that ship. Repeat the option for several.",
    )
    gate.add_argument(
        "--accepted",
        metavar="FILE.toml",
        type=Path,
        help="Tables [[accepted]] with the figure that may be worse and the reason (default: those"
        " of RECIPE.toml).",
    )
    gate.add_argument(
        "--rules",
        metavar="FILE.toml",
        type=Path,
        help="What the labels of --pack mean, as in recipes/data/labels.toml.",
    )


def gated(
    args: argparse.Namespace, write: Callable[[argparse.Namespace, Path], Bundle]
) -> tuple[Bundle, Any | None]:
    """Writes a bundle beside its place, compares it, and puts it there if nothing speaks against.

    Args:
        args: of the command.
        write: writes the bundle into a folder.

    Returns:
        the bundle in its place, and the verdict of :mod:`ansa_train.regression.gate`; None if there
        is no predecessor.

    Raises:
        TrainingError: the bundle falls behind, and what was in the folder stands.
    """
    with needs_training("export"):
        from ansa_train.data.labels.label_rules import LabelRules
        from ansa_train.export.replace_bundle import check_place, trial_place
        from ansa_train.recipe import Recipe, read_accepted
        from ansa_train.regression.compare import GateSettings, compare, every_set
        from ansa_train.regression.place import place_compared

    folder = check_place(args.folder)
    predecessor = _predecessor(args, folder)
    if predecessor is None:
        return write(args, args.folder), None
    accepted = read_accepted(args.accepted) if args.accepted else ()
    if not args.accepted and not args.source.is_dir():
        accepted = Recipe.read(args.source).accepted
    settings = GateSettings(
        data=args.pack,
        sets=tuple(args.regression),
        rules=LabelRules.read(args.rules) if args.rules else LabelRules(),
        accepted=accepted,
    )
    every_set(settings.sets)  # a set that cannot be read ends this before the work
    trial = trial_place(folder)
    try:
        made = write(args, trial)
        verdict = compare(made, predecessor, settings, print_progress)
        verdict.check()
        return place_compared(made, folder, verdict), verdict
    finally:
        shutil.rmtree(trial, ignore_errors=True)  # of this run's own making


def _predecessor(args: argparse.Namespace, folder: Path) -> Bundle | None:
    if args.predecessor == NONE:
        return None
    if args.predecessor is not None:
        return Bundle.open(args.predecessor)
    if folder.exists() and any(folder.iterdir()):
        return Bundle.open(folder)
    return Bundle.open(args.source) if args.source.is_dir() else None
