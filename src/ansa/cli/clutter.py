"""Find pictures that people seldom want among their photos: receipts, documents, screenshots,
memes, codes, blank pictures, and blurred, badly exposed or accidental shots.

The reasons for each picture are printed, and a question mark marks an uncertain one. Nothing is
changed. Only indexed photos are considered."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library
from ansa.cli.output import count, print_json
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library.cleanup.clutter import Clutter

HELP = "Find screenshots, receipts, blurred shots and the like."
EXAMPLE = """\
example:
  ansa clutter
  ansa clutter --kind screenshot --kind receipt --sure
  ansa clutter --json | jq -r '.clutter[] | select(.sure) | .path'"""

_KINDS = (
    *("receipt", "document", "screenshot", "meme", "code", "blank"),
    *("accidental", "blurred", "exposure"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "--kind",
        choices=_KINDS,
        action="append",
        help="Show only this kind. Repeat the option to show several kinds.",
    )
    parser.add_argument("--sure", action="store_true", help="Leave out what is uncertain.")
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Finds clutter and prints it. Returns 0, also if there is none."""
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    found: list[Clutter] = []
    with Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library:
        for each in library.clutter():
            if (each.sure or not args.sure) and each.kind in (args.kind or _KINDS):
                found.append(each)
        waiting = library.waiting()
    found.sort(key=lambda each: (_KINDS.index(each.kind), not each.sure, -each.score))
    counts = Counter(each.kind for each in found)
    if args.json:
        told = {"clutter": [each.to_dict() for each in found], "counts": dict(counts)}
        print_json(told | {"waiting": waiting})
        return 0
    for each in found:
        kind = each.kind if each.sure else f"{each.kind}?"
        print(f"{kind:12} {each.score:.2f}  {printable(str(each.path))}")
        print(f"                   {'; '.join(each.reasons)}")
    parts = "".join(f", {number:,} {kind}" for kind, number in counts.items())
    if waiting:
        print(f"{count(waiting, 'photo')} not analyzed yet; run `ansa index`")
    print(f"{count(len(found), 'photo')} of clutter{parts}")
    return 0
