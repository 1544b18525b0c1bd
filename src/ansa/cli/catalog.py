"""Write everything the library knows about each photo into one file for other programs.

The file holds paths, dates, places, cameras, tags (also custom tags), objects, marks and scores.
Its format is JSON, JSON lines or Parquet. It has no captions, because ANSA does not write any."""

from __future__ import annotations

import argparse
from pathlib import Path

from ansa.cli.arguments import add_library
from ansa.cli.extras import check_extra, needs_extra
from ansa.cli.output import count, print_json
from ansa.names import printable

HELP = "Write everything that is known into one file for other programs."
EXAMPLE = """\
example:
  ansa catalog photos.jsonl
  ansa catalog photos.parquet --embeddings
  ansa catalog photos.json --no-places

Parquet needs pip install 'ansa[parquet]'."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "out",
        metavar="FILE",
        type=_out,
        help="The file to create: .json, .jsonl (one photo a line) or .parquet.",
    )
    parser.add_argument(
        "--no-places", action="store_true", help="Leave out where photos were taken."
    )
    parser.add_argument(
        "--embeddings", action="store_true", help="Also write the embedding of each photo."
    )
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the catalog. Returns 0."""
    if args.out.suffix.lower() == ".parquet":
        check_extra("catalog", "parquet")
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    with (
        Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library,
        needs_extra("catalog", "parquet"),
    ):
        made = library.write_catalog(
            args.out, places=not args.no_places, embeddings=args.embeddings
        )
        waiting = library.waiting()
    if args.json:
        print_json({"path": str(made.path), "photos": made.photos, "waiting": waiting})
        return 0
    if waiting:
        print(f"{count(waiting, 'photo')} not analyzed yet; run `ansa index`")
    print(f"{count(made.photos, 'photo')} written to {printable(str(made.path))}")
    return 0


def _out(text: str) -> Path:
    from ansa.library.exports.catalog import SUFFIXES

    out = Path(text).expanduser()
    if out.suffix.lower() not in SUFFIXES:
        raise argparse.ArgumentTypeError(f"{text!a} does not end in {', '.join(SUFFIXES)}")
    return out
