"""Mark photos as favourites, hide them, or say what kind of picture they are.

A mark belongs to the content of a photo, so it survives renaming and moving. The file is not
changed. `ansa search` still finds hidden photos, but best photos, memories and wallpapers leave
them out. What you call a photo is never listed by `ansa clutter` and may be a memory; what you call
a receipt, a document or the like is clutter. `ansa undo` takes the last change back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansa.cli.arguments import add_library
from ansa.cli.chosen_photos import add_chosen_photos, chosen_photos
from ansa.cli.output import count, print_json, print_problem, status
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library import Library
    from ansa.library.index_report import Problem

HELP = "Mark photos as favourites, hide them, or name their kind."
EXAMPLE = """\
example:
  ansa mark favourite IMG_0042.jpg IMG_0043.jpg
  ansa mark hidden ~/Pictures/work
  ansa mark photo lecture.jpg              # it is no clutter
  ansa mark document --search "price list" --limit 3
  ansa mark none IMG_0042.jpg              # removes the mark and the kind
  ansa mark favourite                      # lists all favourites

Name photos by file or folder. They must have been indexed."""

_MARKS = "favourite", "hidden"
_KINDS = "photo", "receipt", "document", "screenshot", "meme", "code", "drawing", "blank"
_WORDS = {"favourite": "favourite", "hidden": "hidden", "none": "without a mark"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "mark",
        choices=[*_MARKS, *_KINDS, "none"],
        help="The mark, or the kind of picture; none removes both.",
    )
    add_chosen_photos(parser)
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Marks or lists photos. Returns 1 if a given photo is not in the library, else 0."""
    given = bool(args.photos or args.search is not None)
    if args.mark == "none" and not given:
        args.usage_error("name the photos whose mark to remove")
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    # Only a search needs the bundle that was named.
    analyzer = Analyzer(args.bundle) if args.search is not None else None
    with Library(args.folder, database=args.library, analyzer=analyzer) as library:
        if given:
            paths, problems = _mark(library, args.mark, chosen_photos(args, library))
        else:
            paths, problems = _marked(library, args.mark), ()
    for problem in problems:
        print_problem(str(problem))
    if args.json:
        print_json(_document(args.mark, paths, problems))
        return status(len(problems))
    for path in paths:
        print(printable(str(path)))
    failed = f", {len(problems):,} failed" if problems else ""
    what = _WORDS.get(args.mark, f"of the kind {args.mark}")
    print(f"{count(len(paths), 'photo')} {what}{failed}")
    return status(len(problems))


def _mark(
    library: Library, mark: Any, photos: list[str | Path]
) -> tuple[list[Path], tuple[Problem, ...]]:
    if mark in _KINDS:
        named = library.set_kind(photos, mark)
        return [photo.path for photo in named.photos], named.problems
    done = library.mark(photos, None if mark == "none" else mark)
    if mark == "none" and any(photo.kind for photo in library.corrections(done.photos).photos):
        library.set_kind(done.photos, None)
    return list(done.photos), done.problems


def _marked(library: Library, mark: Any) -> list[Path]:
    from ansa.library.personal.marks import marked_files

    if mark in _MARKS:
        return marked_files(library, mark)
    return [photo.path for photo in library.corrections().photos if photo.kind == mark]


def _document(mark: str, paths: list[Path], problems: tuple[Problem, ...]) -> dict[str, Any]:
    from ansa.library.personal.marks import MarkResult

    return {"mark": mark} | MarkResult(tuple(paths), problems).to_dict()
