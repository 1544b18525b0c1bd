"""List the kinds of files that ANSA reads, with what is installed here.

`ansa index` counts by these kinds whatever a folder holds that is not read."""

from __future__ import annotations

import argparse

from ansa.cli.output import print_json

HELP = "List the formats that are read, and what they need."
EXAMPLE = """\
example:
  ansa formats
  ansa formats --suffixes"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "--suffixes", action="store_true", help="Also list the suffixes of each kind."
    )


def run(args: argparse.Namespace) -> int:
    """Prints the kinds. Returns 0."""
    from ansa.photo.file_kinds import KINDS

    if args.json:
        print_json({"kinds": [kind.to_dict() for kind in KINDS]})
        return 0
    width = max(len(kind.name) for kind in KINDS) + 1
    for kind in KINDS:
        state = "read" if kind.is_read else kind.remedy or "not read"
        print(f"{kind.name + 's':{width}}  {state}: {kind.formats}")
        if kind.note:
            print(f"{'':{width}}  ({kind.note})")
        if args.suffixes and kind.suffixes:
            print(f"{'':{width}}  {' '.join(sorted(kind.suffixes))}")
    return 0
