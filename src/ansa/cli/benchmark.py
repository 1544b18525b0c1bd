"""Measure what a bundle costs: latency, memory, disk space, parameters and multiply-adds.

The same run measures, for comparison, what this machine needs for the arithmetic alone, the same
networks in float32, a separate network for each task, and other bundles. The command needs
ansa[train] and an idle machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from ansa.cli.extras import add_bundle, needs_training
from ansa.cli.output import print_json, print_progress
from ansa.model.bundle import Bundle
from ansa.names import printable

HELP = "Measure the latency, memory and size of a bundle."
EXAMPLE = """\
example:
  ansa benchmark
  ansa benchmark --choose
  ansa benchmark --bundle mybundle --against oldbundle --out results/benchmark"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    add_bundle(parser)
    parser.add_argument(
        "--against",
        metavar="FOLDER",
        action="append",
        default=[],
        help="Compare with this bundle, such as an older one or one before compression. Repeat the"
        " option for several. Query latency is compared with the first one's text network in"
        " float32.",
    )
    parser.add_argument(
        "--choose",
        action="store_true",
        help="Only find the fastest variant of the image network on this machine, and use it from"
        " now on.",
    )
    parser.add_argument(
        "--rounds",
        metavar="N",
        type=int,
        default=10,
        help="Measure everything N times in turn (default: 10).",
    )
    parser.add_argument(
        "--repeats",
        metavar="N",
        type=int,
        default=3,
        help="Load everything again N times (default: 3).",
    )
    parser.add_argument(
        "--out", metavar="PREFIX", type=Path, help="Write PREFIX.md, PREFIX.json and PREFIX.svg."
    )


def _choose(args: argparse.Namespace) -> int:
    from ansa.model.autotune import choose_variant

    choice = choose_variant(Bundle.open(args.bundle))
    if args.json:
        print_json({"form": choice.variant, "seconds": dict(choice.seconds)})
        return 0
    for name, seconds in choice.seconds.items():
        print(f"{name}: {seconds * 1e3:.1f} ms a photo{', used' if name == choice.variant else ''}")
    if choice.file is None:
        print("the choice could not be stored; set ANSA_FORM instead")
    else:
        print(f"stored in {printable(str(choice.file))}; ANSA_FORM overrides it")
    return 0


def run(args: argparse.Namespace) -> int:
    """Measures the bundle. Returns 1 if it misses a target, else 0."""
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
