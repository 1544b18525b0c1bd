"""Make training shards of photos with captions, labels or boxes, with `ansa data build`."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from ansa.cli.arguments import add_help
from ansa.cli.extras import needs_training
from ansa.cli.output import count, print_json, print_problem
from ansa.names import printable

HELP = "Make training shards of photos with captions."
EXAMPLE = """\
example:
  ansa data build captions.csv --out shards
  ansa data build captions_train2017.json instances_train2017.json \\
      --photos train2017 --source coco --out shards
  ansa data build photos-by-class --out shards --dev 5 --test 5

`ansa data build --help` explains the options, and docs/data.md the formats."""

_BUILD = """\
Read photos with captions or labels, shrink and encode each photo once, merge duplicates, and write
WebDataset shards with a manifest. If the command is interrupted, run it again and it continues.
Photos that are left out are counted, and named in refused.csv. The command needs ansa[train]."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    build = actions.add_parser(
        "build",
        help=HELP,
        add_help=False,
        description=_BUILD,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_help(build)
    add = build.add_argument
    add("sources", metavar="SOURCE", nargs="+", type=Path, help="The files and folders to read.")
    add("--out", metavar="FOLDER", type=Path, required=True, help="The folder for the shards.")
    add(
        "--format",
        choices=["auto", "coco", "table", "sidecar", "tars", "labels"],
        help="The format of the sources (default: recognized by suffix and content).",
    )
    add(
        "--photos",
        metavar="FOLDER",
        type=Path,
        help="The folder that paths in the sources start from. Photos outside it are left out.",
    )
    for column in ("photo", "text", "label"):
        add(f"--{column}-column", metavar="NAME", help=f"The table's column of {column}s.")
    add("--size", metavar="PIXELS", type=int, help="The longest shorter side (default: 288).")
    add("--encoding", choices=["jpeg", "webp"], help="How photos are stored (default: jpeg).")
    add("--quality", metavar="1-100", type=int, help="The encoding quality (default: 90).")
    add("--shard-mb", metavar="MB", type=int, help="The largest shard (default: 256 MB).")
    add(
        "--shard-samples",
        metavar="N",
        type=int,
        help="The most samples in a shard (default: 10,000).",
    )
    add("--licence", metavar="TEXT", help="The licence of photos whose source states none.")
    add("--source", metavar="NAME", help="The data set's name (default: of each file or folder).")
    add(
        "--split",
        choices=["train", "dev", "test"],
        help="The split of photos whose source states none (default: train).",
    )
    add("--dev", metavar="PERCENT", type=float, help="The share for dev, chosen by content hash.")
    add("--test", metavar="PERCENT", type=float, help="The share for test, chosen by content hash.")
    add(
        "--dedupe",
        choices=["exact", "print"],
        help="Merge photos with equal pixels (exact), or also those that look the same (print, the"
        " default).",
    )
    add(
        "--workers",
        metavar="N",
        type=_positive,
        help="The number of processes (default: one per core).",
    )
    add(
        "--engine",
        choices=["local", "ray"],
        default="local",
        help="How to run; ray needs ansa[scale].",
    )
    add(
        "--ray-address",
        metavar="ADDR",
        help="The address of a Ray cluster (default: start a local Ray).",
    )
    add(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="Print one JSON document and nothing else.",
    )
    build.set_defaults(command_error=build.error)


def run(args: argparse.Namespace) -> int:
    """Builds the shards. Returns 0 even if single photos were left out; each is reported."""
    if args.ray_address and args.engine != "ray":
        args.command_error("--ray-address needs --engine ray")
    with needs_training("data build"):
        from ansa_train.data.builder.job import REFUSED, Engine, build
        from ansa_train.data.builder.settings import BuildSettings

    names = BuildSettings.__dataclass_fields__
    given = {k: v for k, v in vars(args).items() if k in names and v is not None}
    settings = BuildSettings(**given | {"sources": tuple(args.sources)})
    engine = Engine(args.engine, args.workers, args.ray_address)
    with closing(_Bars()) as bars:
        built = build(settings, args.out, engine, bars)
    if args.json:
        print_json(built.to_dict())
        return 0
    if built.refused:
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in built.refused.items())
        print_problem(f"left out: {kinds}; named in {args.out / REFUSED}")
    print(_summary(built))
    return 0


class _Bars:
    """Shows a progress bar on stderr for each step, if stderr is a terminal."""

    def __init__(self) -> None:
        self._step = ""
        self._bar: Any = None

    def __call__(self, step: str, done: int, total: int | None) -> None:
        from tqdm import tqdm

        if step != self._step:
            self.close()
            quiet = not sys.stderr.isatty()
            self._step, self._bar = step, tqdm(desc=step, initial=done, leave=False, disable=quiet)
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _summary(built: Any) -> str:
    splits = ", ".join(f"{number:,} {split}" for split, number in built.splits.items())
    line = f"{printable(built.folder)}: {count(built.samples, 'sample')} ({splits})"
    line += f" in {count(built.shards, 'shard')}"
    return f"{line}; {count(built.duplicates, 'duplicate')} merged" if built.duplicates else line


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number
