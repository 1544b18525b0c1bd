"""Write tags as keywords into XMP sidecars, PHOTO.jpg.xmp, which most photo programs read.

The command writes the tags that ANSA is sure of and your custom tags. Photos are not changed. A
sidecar that another program wrote (PHOTO.jpg.xmp or PHOTO.xmp) is left alone; with --merge, the
tags are added to what is in it. --describe adds a sentence of what is surely there, which screen
readers speak; a text of yours is never replaced. --remove removes everything that the command ever
wrote."""

from __future__ import annotations

import argparse

from ansa.cli.arguments import add_library
from ansa.cli.output import count, print_json, print_problem, status
from ansa.names import printable

HELP = "Write tags into XMP sidecars for other programs."
EXAMPLE = """\
example:
  ansa sidecars --folder ~/Pictures
  ansa sidecars --folder ~/Pictures --merge
  ansa sidecars --folder ~/Pictures --describe
  ansa sidecars --folder ~/Pictures --remove"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--merge", action="store_true", help="Also add tags to sidecars that other programs wrote."
    )
    what.add_argument(
        "--remove", action="store_true", help="Remove everything that this command ever wrote."
    )
    parser.add_argument(
        "--describe",
        action="store_true",
        help="Also write one sentence for people who cannot see the photo, as alternative text.",
    )
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Writes or removes tags. Returns 1 if a sidecar could not be read or written, else 0."""
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    with Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library:
        done = library.write_sidecars(merge=args.merge, remove=args.remove, describe=args.describe)
    for problem in done.problems:
        print_problem(str(problem))
    if args.json:
        print_json(done.to_dict())
        return status(len(done.problems))
    for path in done.written:
        print(printable(str(path)))
    for path in done.removed:
        print(f"removed {printable(str(path))}")
    for path in done.foreign:
        print(f"left as it is, of another program: {printable(str(path))}")
    if done.gone:
        print(f"{count(done.gone, 'photo')} not where it was, so left out; run `ansa index`")
    print(
        f"{count(len(done.written), 'sidecar')} written, {len(done.removed):,} removed,"
        f" {done.unchanged:,} unchanged, {len(done.foreign):,} of other programs,"
        f" {len(done.problems):,} failed"
    )
    return status(len(done.problems))
