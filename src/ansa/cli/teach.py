"""Teach a tag by a handful of photos, such as "my cat Miso"; it is searched for like any other.

Says how good it is, on examples held out, and which photos to be told of next. Photos are given by
file or folder, more of them at any time; what was said last counts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library, positive
from ansa.cli.extras import needs_extra
from ansa.cli.output import count, print_json, print_problem, status
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library.custom_tags.training import CustomTag

HELP = "teach a tag by a few photos"
EXAMPLE = """\
example:
  ansa teach "my cat Miso" --yes ~/Pictures/Miso --no ~/Pictures/other-cats
  ansa teach "my cat Miso" --yes IMG_0042.jpg --no IMG_0043.jpg
  ansa teach "my cat Miso"                 # how good it is, what to be told of next
  ansa teach                               # all that were taught
  ansa teach "my cat Miso" --forget

Photos have to be indexed. Teaching needs pip install 'ansa[teach]', searching does not."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's own arguments."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="what the tag is called")
    parser.add_argument(
        "--yes", metavar="PHOTO", nargs="+", action="extend", default=[], help="photos that show it"
    )
    parser.add_argument(
        "--no", metavar="PHOTO", nargs="+", action="extend", default=[], help="photos that do not"
    )
    parser.add_argument(
        "--suggest", metavar="N", type=positive, default=8, help="suggest N photos (8)"
    )
    parser.add_argument(
        "--forget", action="store_true", help="delete the tag and all that was said of it"
    )
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Teaches; 1 if a photo that was given is not in the library."""
    if not args.name and (args.yes or args.no or args.forget):
        args.usage_error("say what the tag is called: NAME")
    if args.name is not None and not (args.name.strip() and args.name.isprintable()):
        args.usage_error("a NAME is of printable characters")
    if args.name and len(args.name) > 100:
        args.usage_error("a NAME has at most 100 characters")
    if args.forget and (args.yes or args.no):
        args.usage_error("--forget deletes the tag; --yes and --no add to it")
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
