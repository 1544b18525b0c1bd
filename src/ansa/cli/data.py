"""Turn photos with captions, labels or boxes into shards to train on: `ansa data build`."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from ansa.cli.extras import needs_training
from ansa.cli.output import count, print_json, print_problem
from ansa.names import printable

HELP = "make training shards of photos and captions"
EXAMPLE = """\
example:
  ansa data build captions.csv --out shards
  ansa data build captions_train2017.json instances_train2017.json \\
      --photos train2017 --source coco --out shards
  ansa data build photos-by-class --out shards --dev 5 --test 5

`ansa data build --help` explains the settings, docs/data.md the formats."""

_BUILD = """\
Read captioned or labelled photos, shrink and encode each once, merge duplicates, write WebDataset
shards with a manifest. Stopped at any time, the same command goes on; what had to be left out is
counted and named in refused.csv. Needs ansa[train]."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's own arguments."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    build = actions.add_parser(
        "build",
        help=HELP,
        description=_BUILD,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = build.add_argument
    add("sources", metavar="SOURCE", nargs="+", type=Path, help="files and folders, see docs")
    add("--out", metavar="FOLDER", type=Path, required=True, help="where the shards go")
    add(
        "--format",
        choices=["auto", "coco", "table", "sidecar", "tars", "labels"],
        help="of the sources (default: told by suffix and content)",
    )
    add("--photos", metavar="FOLDER", type=Path, help="paths start here, and must stay below")
    for column in ("photo", "text", "label"):
        add(f"--{column}-column", metavar="NAME", help=f"the table's column of {column}s")
    add("--size", metavar="PIXELS", type=int, help="the shorter side, at most (default: 288)")
    add("--encoding", choices=["jpeg", "webp"], help="of the photos (default: jpeg)")
    add("--quality", metavar="1-100", type=int, help="of the encoding (default: 90)")
    add("--shard-mb", metavar="MB", type=int, help="photos of a shard, at most (default: 256)")
    add("--shard-samples", metavar="N", type=int, help="samples of a shard (default: 10,000)")
    add("--licence", metavar="TEXT", help="of photos whose source states none")
    add("--source", metavar="NAME", help="name of the set (default: of each file or folder)")
    add("--split", choices=["train", "dev", "test"], help="of photos without one (default: train)")
    add("--dev", metavar="PERCENT", type=float, help="share that goes to dev, by content")
    add("--test", metavar="PERCENT", type=float, help="share that goes to test, by content")
    add(
        "--dedupe",
        choices=["exact", "print"],
        help="merge photos of equal pixels, or also those that look the same (default: print)",
    )
    add("--workers", metavar="N", type=_positive, help="processes (default: one a core)")
    add("--engine", choices=["local", "ray"], default="local", help="ray needs ansa[scale]")
    add("--ray-address", metavar="ADDR", help="of a cluster (default: a local Ray is started)")
    add("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    build.set_defaults(command_error=build.error)


def run(args: argparse.Namespace) -> int:
    """Builds; problems with single photos are reported and do not fail it."""
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
    """A bar on stderr for each step, if that is a terminal."""

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
