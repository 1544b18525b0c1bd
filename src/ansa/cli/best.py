"""Choose the best photos, no two of them alike, spread over time and subjects.

Clutter and hidden photos are never chosen. The reasons for each choice are printed. Only indexed
photos are considered."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library, folder, page, positive
from ansa.cli.output import count, print_json
from ansa.names import printable
from ansa.outputs import write_page

if TYPE_CHECKING:
    from ansa.library.selection.best import Best

HELP = "Choose the best photos."
EXAMPLE = """\
example:
  ansa best --count 50
  ansa best --count 12 --folder ~/Pictures/2024/Lisbon --report lisbon.html
  ansa best --json | jq -r '.photos[].path'

The first photo is the best one. The cover is the photo that represents all of them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "--count",
        metavar="N",
        type=positive,
        default=50,
        help="Choose at most N photos (default: 50).",
    )
    parser.add_argument(
        "--report", metavar="FILE.html", type=page, help="Also write a page with the photos."
    )
    add_library(parser)
    # The name of --folder in older versions.
    parser.add_argument("--album", dest="folder", type=folder, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Chooses photos and prints them. Returns 0, also if there is nothing to choose from."""
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    with Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library:
        found = library.best(args.count)
        if args.report:
            said = library.descriptions(photo.path for photo in found.photos)
            write_page(args.report, _page(found, said))
    if args.json:
        print_json(found.to_dict())
        return 0
    if found.message:
        print(printable(found.message))
    for photo in found.photos:
        print(f"{photo.merit:.2f}  {printable(str(photo.path))}")
        print(f"      {printable('; '.join(photo.reasons))}")
    if found.cover:
        print(f"cover: {printable(str(found.cover.path))}")
        print(f"      {printable('; '.join(found.cover.reasons))}")
    out_of = "".join(f", {number:,} {why}" for why, number in sorted(found.left_out.items()))
    print(f"{count(len(found.photos), 'photo')} of {found.among:,} chosen{out_of}")
    return 0


def _page(found: Best, said: Mapping[Path, str]) -> str:
    from ansa.render.contact_sheet import Row, contact_sheet

    photos = [(photo.path, photo.merit) for photo in found.photos]
    return contact_sheet(
        [Row("Worth showing", photos, found.message, said)], title="The best photos"
    )
