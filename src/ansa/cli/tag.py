"""Say which tags photos show, and which they do not.

What you say wins over what ANSA recognized: in searches, memories, `ansa clutter`, sidecars and
catalogs. It belongs to the content of a photo, so it survives renaming, moving and better networks.
No photo is changed, and `ansa undo` takes it back.

A tag is one that ANSA knows, one that you taught, or any name that you choose. What is a cat is an
animal, too; what is no dog is no beagle."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library
from ansa.cli.chosen_photos import add_chosen_photos, chosen_photos, print_chosen
from ansa.cli.output import count, print_json, print_problem, status
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library.personal.corrections import Correction, CorrectionResult

HELP = "Correct which tags photos show."
EXAMPLE = """\
example:
  ansa tag IMG_0042.jpg --not dog --is cat
  ansa tag ~/Pictures/wedding --is "Anna's wedding"
  ansa tag --search "dog" --limit 5 --not dog
  ansa tag IMG_0042.jpg --clear dog        # ANSA decides again
  ansa tag IMG_0042.jpg                    # what you said of it
  ansa tag                                 # all that you ever said

Name photos by file or folder. They must have been indexed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    add_chosen_photos(parser)
    for name, help_ in (
        ("is", "The photos show this. Repeat the option to name several tags."),
        ("not", "The photos do not show this."),
        ("clear", "Forget what you said of this tag."),
    ):
        parser.add_argument(
            f"--{name}", metavar="TAG", action="append", default=[], dest=f"{name}_", help=help_
        )
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Corrects or lists tags. Returns 1 if a given photo is not in the library, else 0."""
    says = bool(args.is_ or args.not_ or args.clear_)
    if says and not (args.photos or args.search):
        args.usage_error("name the photos, or find them with --search")
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    with Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library:
        photos = chosen_photos(args, library)
        if says:
            try:
                done = library.correct_tags(
                    photos, here=args.is_, absent=args.not_, clear=args.clear_
                )
            except ValueError as error:
                args.usage_error(str(error))
        else:
            done = library.corrections(photos if args.photos or args.search else None)
    for problem in done.problems:
        print_problem(str(problem))
    if args.json:
        print_json(done.to_dict())
    else:
        _say(done)
    return status(len(done.problems))


def _say(done: CorrectionResult) -> None:
    for photo in done.photos:
        print_chosen(photo.path, _words(photo))
    if done.message:
        print(f"  {printable(done.message)}")
    failed = f", {len(done.problems):,} failed" if done.problems else ""
    print(f"{count(len(done.photos), 'photo')}{failed}")


def _words(photo: Correction) -> str:
    parts = [f"is {name}" for name in photo.here] + [f"is not {name}" for name in photo.absent]
    parts += [f"a picture of the kind {photo.kind}"] if photo.kind else []
    return "; ".join(parts) or "as ANSA sees it"
