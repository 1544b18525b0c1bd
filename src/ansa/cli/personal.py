"""Show, switch off or delete what ANSA learned from your favourites and hidden photos.

ANSA learns on this machine from `ansa mark` alone, and uses the result to choose photos for `ansa
best` and `ansa memories`. The command prints how well the result agrees with your marks."""

from __future__ import annotations

import argparse

from ansa.cli.arguments import add_library
from ansa.cli.extras import check_extra, needs_extra
from ansa.cli.output import count, print_json

HELP = "Show, switch off or delete what was learned from your marks."
EXAMPLE = """\
example:
  ansa mark favourite IMG_0042.jpg IMG_0107.jpg
  ansa personal
  ansa personal --off
  ansa personal --delete

Learning needs pip install 'ansa[teach]'; using what was learned does not."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--on", action="store_true", help="Use what was learned again.")
    what.add_argument(
        "--off", action="store_true", help="Keep what was learned, but do not use it."
    )
    what.add_argument(
        "--delete", action="store_true", help="Delete what was learned, and switch learning off."
    )
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Learns from the marks if they changed, and prints how well the result agrees with them."""
    if args.on:
        check_extra("personal", "teach")
    from ansa.library import Library
    from ansa.library.personal.personal_ranking import delete_personal, personal, switch_personal
    from ansa.model.analyzer import Analyzer

    with (
        Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library,
        needs_extra("personal", "teach"),
    ):
        if args.on or args.off:
            switch_personal(library, args.on)
        if args.delete:
            delete_personal(library)
        found = personal(library)
    if args.json:
        print_json(found.to_dict())
        return 0
    if found.message:
        print(found.message)
    if found.agreement is not None and found.usual is not None:
        print(
            f"agrees with {found.agreement:.0%} of {count(found.pairs, 'pair')} held out"
            f" (aesthetics alone: {found.usual:.0%})"
        )
    used = "used" if found.used else "not used"
    print(f"{count(found.favourites, 'favourite')}, {found.hidden:,} hidden: {used}")
    return 0
