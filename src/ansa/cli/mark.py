"""Make photos favourites, or hide them from all that is chosen for you.

A mark stays with the photo's content, wherever its file goes; the file is not touched. A hidden
photo is still searched, and is in no selection, memory or wallpaper."""

from __future__ import annotations

import argparse

from ansa.cli.arguments import add_library
from ansa.cli.output import count, print_json, print_problem, status
from ansa.names import printable

HELP = "make photos favourites, or hide them"
EXAMPLE = """\
example:
  ansa mark favourite IMG_0042.jpg IMG_0043.jpg
  ansa mark hidden ~/Pictures/work
  ansa mark none IMG_0042.jpg              # takes its mark away
  ansa mark favourite                      # lists them

Photos are given by file or folder, and have to be indexed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's own arguments."""
    parser.add_argument("mark", choices=["favourite", "hidden", "none"])
    parser.add_argument("photos", metavar="PHOTO", nargs="*", help="none: list the marked ones")
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Marks; 1 if a photo that was given is not in the library."""
    if args.mark == "none" and not args.photos:
        args.usage_error("say which: PHOTO")
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
