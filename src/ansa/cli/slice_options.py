"""The options of ``ansa evaluate --slices``: every metric under every condition of use."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansa.cli.arguments import positive
from ansa.cli.extras import needs_training
from ansa.cli.output import count, print_json, print_problem, status
from ansa.names import printable

_REMEDY = "open it in another program and save it again, or leave it out of the data"


def add_slices(parser: argparse.ArgumentParser) -> None:
    """Adds ``--slices`` and what belongs to it."""
    slices = parser.add_argument_group("slices: one bundle under each condition of use")
    slices.add_argument(
        "--slices",
        action="store_true",
        help="Measure every metric under every condition, on --pack or on --labels.",
    )
    slices.add_argument(
        "--slice",
        metavar="NAME",
        action="append",
        default=[],
        dest="only",
        help="Measure only this slice. Repeat the option for several slices.",
    )
    slices.add_argument(
        "--most",
        metavar="N",
        type=positive,
        help="Measure on at most N photos of each source, chosen by a hash of their names.",
    )
    slices.add_argument(
        "--made",
        metavar="N",
        type=int,
        default=300,
        help="Put N photos under made conditions, such as two stops less light (default: 300; 0:"
        " none).",
    )
    slices.add_argument(
        "--rules",
        metavar="FILE.toml",
        type=Path,
        help="What the labels of the sources mean, as in recipes/data/labels.toml.",
    )
    slices.add_argument(
        "--faces",
        action="store_true",
        help="Find faces and measure their apparent skin tone. Use it only with photos of people"
        " who agreed to that.",
    )
    add_engine(slices)


def add_engine(group: argparse._ArgumentGroup) -> None:
    """Adds ``--engine``, ``--workers`` and ``--ray-address`` to a command that looks at photos."""
    group.add_argument(
        "--engine",
        choices=["local", "ray"],
        default="local",
        help="How to run; ray needs ansa[scale].",
    )
    group.add_argument(
        "--workers",
        metavar="N",
        type=positive,
        help="Look at N photos at once (default: one per core).",
    )
    group.add_argument(
        "--ray-address",
        metavar="ADDR",
        help="The address of a Ray cluster (default: start a local Ray).",
    )


def run_slices(args: argparse.Namespace) -> int:
    """Measures the slices. Returns 1 if a photo could not be opened, else 0."""
    if len(args.bundles) > 1:
        args.usage_error("--slices measures one bundle")
    if args.captions or bool(args.pack) == bool(args.labels):
        args.usage_error("--slices needs --pack or --labels")
    with needs_training("evaluate"):
        from ansa_train.data.labels.label_rules import LabelRules
        from ansa_train.data.pack import read_pack
        from ansa_train.data.photo_selection import limit_per_source
        from ansa_train.evaluate.datasets import read_label_folder
        from ansa_train.evaluate.report import command_line
        from ansa_train.output_files import report_files
        from ansa_train.slicing.observe import ObservationEngine
        from ansa_train.slicing.report import SliceReport, write
        from ansa_train.slicing.run import SliceSettings, measure_slices
    if args.out:
        report_files(args.out)  # before minutes of work
    skipped = 0
    if args.pack:
        samples, train = read_pack(args.pack, [args.split]), read_pack(args.pack, ["train"])
    else:
        found = [read_label_folder(folder) for folder in args.labels]
        # A folder is one source; its classes are labels.
        every = [
            replace(sample, source=folder.resolve().name)
            for folder, each in zip(args.labels, found, strict=True)
            for sample in each.samples
        ]
        skipped = sum(each.skipped for each in found)
        samples = [s for s in every if s.split == args.split or s.split == "test"]
        train = [s for s in every if s.split == "train"]
    if args.most:
        samples = limit_per_source(samples, most=args.most, captioned=True)
    settings = SliceSettings(
        faces=args.faces,
        made=args.made,
        only=tuple(args.only),
        rules=LabelRules.read(args.rules) if args.rules else LabelRules(),
        engine=ObservationEngine(args.engine, args.workers, args.ray_address),
    )
    bundle = Path(args.bundles[0]) if args.bundles else None
    measured = measure_slices(bundle, samples, train, settings, with_bar)
    report = SliceReport(command_line(_words(args)), args.split, measured)
    for problem in measured.failed:
        print_problem(f"{problem.photo}: {problem.reason}")
    written = write(report, args.out) if args.out else []
    if args.json:
        told = [{"file": p.photo, "reason": p.reason, "remedy": _REMEDY} for p in measured.failed]
        print_json(report.to_dict() | {"problems": told})
    else:
        print(report.to_markdown())
        print(*(f"written: {printable(str(file))}" for file in written), sep="\n")
        failed = len(measured.failed)
        print(f"{count(measured.photos, 'photo')} done, {failed} failed, {skipped} skipped")
    return status(len(measured.failed))


def with_bar(items: Iterable[Any], total: int) -> Iterable[Any]:
    """The items, with a progress bar on stderr if that is a terminal."""
    from tqdm import tqdm

    shown: Iterable[Any] = tqdm(
        items, "observing", total, unit="photo", leave=False, disable=not sys.stderr.isatty()
    )
    return shown


def _words(args: argparse.Namespace) -> list[str]:
    words = ["ansa", "evaluate", *args.bundles, "--slices"]
    words += ["--pack", str(args.pack)] if args.pack else []
    for folder in args.labels:
        words += ["--labels", str(folder)]
    for name in args.only:
        words += ["--slice", name]
    words += ["--most", str(args.most)] if args.most else []
    words += ["--made", str(args.made)]
    words += ["--rules", str(args.rules)] if args.rules else []
    words += ["--faces"] if args.faces else []
    return [*words, "--split", args.split]
