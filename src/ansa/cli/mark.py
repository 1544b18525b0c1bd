"""Mark photos as favourites, or hide them.

A mark belongs to the content of a photo, so it survives renaming and moving. The file is not
changed. `ansa search` still finds hidden photos, but best photos, memories and wallpapers leave
them out."""

from __future__ import annotations

import argparse

from ansa.cli.arguments import add_library
from ansa.cli.output import count, print_json, print_problem, status
from ansa.names import printable

HELP = "Mark photos as favourites, or hide them."
EXAMPLE = """\
example:
  ansa mark favourite IMG_0042.jpg IMG_0043.jpg
  ansa mark hidden ~/Pictures/work
  ansa mark none IMG_0042.jpg              # removes the mark
  ansa mark favourite                      # lists all favourites

Name photos by file or folder. They must have been indexed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "mark", choices=["favourite", "hidden", "none"], help="The mark; none removes a mark."
    )
    parser.add_argument(
        "photos",
        metavar="PHOTO",
        nargs="*",
        help="A file or folder. Without any, the photos with that mark are listed.",
    )
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Marks or lists photos. Returns 1 if a given photo is not in the library, else 0."""
    if args.mark == "none" and not args.photos:
        args.usage_error("name the photos whose mark to remove")
    from ansa.library import Library
    from ansa.library.personal.marks import MarkResult, marked_files

    with Library(args.folder, database=args.library) as library:
        if args.photos:
            done = library.mark(args.photos, None if args.mark == "none" else args.mark)
        else:
            done = MarkResult(tuple(marked_files(library, args.mark)))
    for problem in done.problems:
        print_problem(str(problem))
    if args.json:
        print_json({"mark": args.mark} | done.to_dict())
        return status(len(done.problems))
    for path in done.photos:
        print(printable(str(path)))
    what = {"favourite": "favourite", "hidden": "hidden", "none": "without a mark"}[args.mark]
    failed = f", {len(done.problems):,} failed" if done.problems else ""
    print(f"{count(len(done.photos), 'photo')} {what}{failed}")
    return status(len(done.problems))
