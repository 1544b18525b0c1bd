"""Measure the quality of bundles on photos with captions or labels.

It measures retrieval by captions, zero-shot classification, linear probes and tags. Each figure has
a 95 % interval. If several bundles are given, each is compared with the first on the same photos.
With --slices it measures one bundle under each condition of use instead: in the dark, with noise,
small in the frame, indoors, ..., and says where it falls behind. The command needs ansa[train]."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansa.cli.extras import needs_training
from ansa.cli.output import count, print_json, print_problem, status
from ansa.cli.slice_options import add_slices, run_slices
from ansa.names import printable

HELP = "Measure the quality of bundles on photos with captions or labels."
_REMEDY = "open it in another program and save it again, or leave it out of the dataset"
EXAMPLE = """\
example:
  ansa evaluate mybundle --labels photos-by-class
  ansa evaluate mybundle --captions captions.csv --json
  ansa evaluate old new --pack shards --split test --out results/quality
  ansa evaluate mybundle --slices --pack shards --out results/slices"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "bundles",
        metavar="BUNDLE",
        nargs="*",
        help="The folder of a bundle (default: the one that ships).",
    )
    parser.add_argument(
        "--captions",
        metavar="DATASET",
        type=Path,
        action="append",
        default=[],
        help="Photos with captions: COCO's JSON, a CSV or TSV file, tars, or texts beside photos.",
    )
    parser.add_argument(
        "--photos",
        metavar="FOLDER",
        type=Path,
        help="The folder that paths in --captions start from (default: the folder of that file).",
    )
    parser.add_argument(
        "--labels",
        metavar="FOLDER",
        type=Path,
        action="append",
        default=[],
        help="Photos in folders that are named after what they show. Folders train/ and test/ above"
        " them are used as splits.",
    )
    parser.add_argument(
        "--pack",
        metavar="DATA",
        type=Path,
        help="A folder of shards. All that its captions, labels and boxes allow is measured.",
    )
    parser.add_argument(
        "--split",
        choices=["dev", "test"],
        default="dev",
        help="The split to measure on (default: dev).",
    )
    parser.add_argument(
        "--out", metavar="PREFIX", type=Path, help="Write PREFIX.md, PREFIX.json and PREFIX.svg."
    )
    add_slices(parser)


def run(args: argparse.Namespace) -> int:
    """Measures the bundles. Returns 1 if a photo could not be opened, else 0."""
    if args.slices:
        return run_slices(args)
    if not (args.captions or args.labels or args.pack):
        args.usage_error("say what to measure on: --captions, --labels or --pack")
    with needs_training("evaluate"):
        from ansa_train.evaluate.captions import read_captions
        from ansa_train.evaluate.datasets import caption_tasks, folder_tasks, pack_tasks
        from ansa_train.evaluate.report import command_line
        from ansa_train.evaluate.run import evaluate, write
        from ansa_train.output_files import report_files
    if args.out:
        report_files(args.out)  # before minutes of work
    from ansa.model.analyzer import Analyzer

    analyzers = [Analyzer(bundle) for bundle in args.bundles or [None]]
    tasks: list[Any] = []
    refused: list[Any] = []
    skipped = 0
    for dataset in args.captions:
        captioned = read_captions(dataset, args.split, args.photos)
        tasks += caption_tasks(dataset.resolve().stem, captioned.samples, args.split)
        refused += captioned.refused
    for folder in args.labels:
        found, no_photos = folder_tasks(folder, args.split)
        tasks += found
        skipped += no_photos
    if args.pack:
        tasks += pack_tasks(args.pack, args.split)
    report = evaluate(
        analyzers,
        tasks,
        split=args.split,
        command=command_line(_words(args)),
        skipped=skipped,
        refused=refused,
        progress=_progress,
    )
    problems = [*report.refused, *report.failed]
    for problem in problems:
        print_problem(f"{problem.photo}: {problem.reason}")
    written = write(report, args.out) if args.out else []
    if args.json:
        told = [{"file": p.photo, "reason": p.reason, "remedy": _REMEDY} for p in problems]
        print_json(report.to_dict() | {"problems": told})
    else:
        print(report.to_markdown())
        print(*(f"written: {printable(str(file))}" for file in written), sep="\n")
        opened = report.photos - len(report.failed)
        print(f"{count(opened, 'photo')} done, {len(problems)} failed, {skipped} skipped")
    return status(len(problems))


def _words(args: argparse.Namespace) -> list[str]:
    words = ["ansa", "evaluate", *args.bundles]
    for dataset in args.captions:
        words += ["--captions", str(dataset)]
    words += ["--photos", str(args.photos)] if args.photos else []
    for folder in args.labels:
        words += ["--labels", str(folder)]
    if args.pack:
        words += ["--pack", str(args.pack)]
    return [*words, "--split", args.split]


def _progress(items: Iterable[Any], total: int) -> Iterable[Any]:
    from tqdm import tqdm

    shown: Iterable[Any] = tqdm(
        items,
        desc="analyzing",
        unit="photo",
        total=total,
        leave=False,
        disable=not sys.stderr.isatty(),
    )
    return shown
