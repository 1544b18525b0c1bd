"""Teach ANSA a tag of your own, such as "my cat Miso", with a few example photos.

`ansa search` then finds the tag like any other. The command prints how accurate the tag is on
examples that were held out, and suggests which photos to label next. You can add examples at any
time. If you label a photo twice, the last label counts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library, positive
from ansa.cli.extras import check_extra, needs_extra
from ansa.cli.output import count, print_json, print_problem, status
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library.custom_tags.training import CustomTag

HELP = "Teach a tag of your own with a few example photos."
EXAMPLE = """\
example:
  ansa teach "my cat Miso" --yes ~/Pictures/Miso --no ~/Pictures/other-cats
  ansa teach "my cat Miso" --yes IMG_0042.jpg --no IMG_0043.jpg
  ansa teach "my cat Miso"                 # its accuracy, and photos to label next
  ansa teach                               # lists all your tags
  ansa teach "my cat Miso" --forget

Name photos by file or folder. They must have been indexed. Teaching needs pip install
'ansa[teach]'; searching does not."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="The name of the tag.")
    parser.add_argument(
        "--yes",
        metavar="PHOTO",
        nargs="+",
        action="extend",
        default=[],
        help="Photos that show it.",
    )
    parser.add_argument(
        "--no",
        metavar="PHOTO",
        nargs="+",
        action="extend",
        default=[],
        help="Photos that do not show it.",
    )
    parser.add_argument(
        "--suggest",
        metavar="N",
        type=positive,
        default=8,
        help="Suggest N photos to label next (default: 8).",
    )
    parser.add_argument(
        "--forget", action="store_true", help="Delete the tag and all of its examples."
    )
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Teaches, lists or deletes tags. Returns 1 if a given photo is not in the library, else 0."""
    if not args.name and (args.yes or args.no or args.forget):
        args.usage_error("say what the tag is called: NAME")
    if args.name is not None and not (args.name.strip() and args.name.isprintable()):
        args.usage_error("a NAME is of printable characters")
    if args.name and len(args.name) > 100:
        args.usage_error("a NAME has at most 100 characters")
    if args.forget and (args.yes or args.no):
        args.usage_error("--forget deletes the tag; --yes and --no add to it")
    if args.yes or args.no:
        check_extra("teach", "teach")
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    with (
        Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library,
        needs_extra("teach", "teach"),
    ):
        if args.forget:
            return _say_forgotten(args, library.forget_tag(args.name))
        if not args.name:
            return _say_all(args, library.lessons())
        lesson = library.teach(args.name, args.yes, args.no, suggest=args.suggest)
    for problem in lesson.problems:
        print_problem(str(problem))
    if args.json:
        print_json(lesson.to_dict())
    else:
        _say(lesson)
    return status(len(lesson.problems))


def _say(lesson: CustomTag) -> None:
    print(_about(lesson))
    for path in lesson.doubtful:
        print(f"doubtful     {printable(str(path))}")
    for each in lesson.suggestions:
        print(f"next   {each.score:.2f}  {printable(str(each.path))}")
    failed = f", {len(lesson.problems):,} failed" if lesson.problems else ""
    print(
        f"{count(lesson.shown + lesson.absent, 'example')}, {count(lesson.found, 'photo')} found"
        f"{failed}"
    )


def _about(lesson: CustomTag) -> str:
    name = printable(lesson.name)
    line = f"{name}: {lesson.shown:,} yes, {lesson.absent:,} no"
    if lesson.accuracy is not None:
        line += f"; accuracy {lesson.accuracy:.0%}, cross-validated in {lesson.folds} parts"
    if lesson.tag:
        line += f"; {count(lesson.found, 'photo')} have it"
    return f"{line}\n  {lesson.message}" if lesson.message else line


def _say_all(args: argparse.Namespace, lessons: tuple[CustomTag, ...]) -> int:
    if args.json:
        print_json({"taught": [lesson.to_dict() for lesson in lessons]})
        return 0
    for lesson in lessons:
        print(_about(lesson))
    print(f"{count(len(lessons), 'tag')} taught")
    return 0


def _say_forgotten(args: argparse.Namespace, was_there: bool) -> int:
    if args.json:
        print_json({"name": args.name, "forgotten": was_there})
    elif was_there:
        print(f"{printable(args.name)} is forgotten; 1 tag deleted")
    else:
        print(f"nothing was taught as {printable(args.name)}; 0 tags deleted")
    return 0
