"""Measure what a bundle costs: time, memory, disk, parameters, multiply-adds, each head's share.

Beside it stand the physical floor of this machine, the same networks in float32, a network for each
task, and other bundles, all in one run. Needs ansa[train], and a quiet machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from ansa.cli.extras import add_bundle, needs_training
from ansa.cli.output import print_json, print_progress
from ansa.model.bundle import Bundle
from ansa.names import printable

HELP = "measure what a bundle costs in time, memory and disk"
EXAMPLE = """\
example:
  ansa benchmark
  ansa benchmark --choose
  ansa benchmark --bundle mybundle --against oldbundle --out results/benchmark"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's own arguments."""
    add_bundle(parser)
    parser.add_argument(
        "--against",
        metavar="FOLDER",
        action="append",
        default=[],
        help="an older bundle, or what it was before it was compressed; again for more. "
        "A query is held against the first one's text network in float32",
    )
    parser.add_argument(
        "--choose",
        action="store_true",
        help="only find which form of the image network is quickest here, and use it from now on",
    )
    parser.add_argument(
        "--rounds", metavar="N", type=int, default=10, help="turns that everything has (10)"
    )
    parser.add_argument(
        "--repeats", metavar="N", type=int, default=3, help="how often all is loaded anew (3)"
    )
    parser.add_argument(
        "--out", metavar="PREFIX", type=Path, help="write PREFIX.md, PREFIX.json and PREFIX.svg"
    )


def _choose(args: argparse.Namespace) -> int:
    from ansa.model.autotune import choose_variant

    choice = choose_variant(Bundle.open(args.bundle))
    if args.json:
        print_json({"form": choice.form, "seconds": dict(choice.seconds)})
        return 0
    for name, seconds in choice.seconds.items():
        print(f"{name}: {seconds * 1e3:.1f} ms a look{', used' if name == choice.form else ''}")
    if choice.file is None:
        print("the choice could not be kept; set ANSA_FORM instead")
    else:
        print(f"kept in {printable(str(choice.file))}; ANSA_FORM overrides it")
    return 0


def run(args: argparse.Namespace) -> int:
    """Measures; 1 if a bar is missed."""
    if args.choose:
        return _choose(args)
    if min(args.rounds, args.repeats) < 1:
        args.usage_error("--rounds and --repeats must be at least 1")
    with needs_training("benchmark"):
        from ansa_train.benchmark.report import to_markdown, write
        from ansa_train.benchmark.run import BenchmarkSettings, measure
        from ansa_train.evaluate.report import command_line
        from ansa_train.output_files import report_files

    if args.out:
        report_files(args.out)  # before minutes of work
    budget = measure(
        Bundle.open(args.bundle),
        [Bundle.open(folder) for folder in args.against],
        BenchmarkSettings(args.rounds, args.repeats),
        command=command_line(_words(args)),
        progress=print_progress,
    )
    written = write(budget, args.out) if args.out else []
    if args.json:
        print_json(budget.to_dict())
    else:
        print(to_markdown(budget))
        print(*(f"written: {printable(str(file))}" for file in written), sep="\n")
    return 1 if any(bar.passed is False for bar in budget.bars()) else 0


def _words(args: argparse.Namespace) -> list[str]:
    words = ["ansa", "benchmark", *(["--bundle", args.bundle] if args.bundle else [])]
    for folder in args.against:
        words += ["--against", folder]
    return [*words, "--rounds", str(args.rounds), "--repeats", str(args.repeats)]
