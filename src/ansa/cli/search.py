"""Find photos by a description in your own words, by a similar photo, or by both.

If nothing in the library matches well, the command says so. Only indexed photos are searched."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library
from ansa.cli.output import count, print_json
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library import SearchResult

HELP = "Find photos by a description in your own words."
EXAMPLE = """\
example:
  ansa search "a dog on a beach"
  ansa search "beach last summer -people" --explain
  ansa search "two people in Portugal on a trip, summer 2023"
  ansa search "cat or dog at home without people"
  ansa search "beach^2 sunset" --not people --after 2023 --before 2024-07
  ansa search --like holiday/IMG_0042.jpg --limit 5"""

_RANKED = "tag", "text", "like"
"""The parts of a query that give scores. Facts such as dates only filter."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "query",
        metavar="QUERY",
        nargs="?",
        type=_text,
        help="What the photo shows, how many people are on it, and when, where, on which trip or "
        'with which camera it was taken. "cat or dog" finds both, '
        '-word and -"some words" exclude, word^2 counts twice, and camera:NAME, place:NAME and '
        "date:TIME must match exactly.",
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="Show how the query was understood, and why each photo was found.",
    )
    parser.add_argument("--like", metavar="PHOTO", help="Find photos that look like this one.")
    parser.add_argument(
        "--not", metavar="TEXT", dest="without", type=_text, help="Leave out photos that show this."
    )
    parser.add_argument(
        "--after",
        metavar="DATE",
        type=_moment,
        help="Find photos taken on or after this date: 2023, 2023-07-14, 14.7.2023, last summer.",
    )
    parser.add_argument(
        "--before", metavar="DATE", type=_moment, help="Find photos taken before this date."
    )
    parser.add_argument(
        "--limit",
        metavar="N",
        type=_positive,
        default=20,
        help="Show at most N photos (default: 20).",
    )
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Searches and prints the photos found. Returns 0, also if there are none."""
    return show(find(args), args)


def find(args: argparse.Namespace) -> SearchResult:
    """Searches the library for what the arguments ask."""
    if not args.query and not args.like:
        args.usage_error("say what to search for: a QUERY, --like PHOTO or both")
    from ansa.library import Library
    from ansa.library.search.parse import parse_query
    from ansa.model.analyzer import Analyzer

    try:
        parse_query(args.query or "all")
    except ValueError as error:
        args.usage_error(str(error))
    with Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library:
        return library.search(
            args.query,
            like=args.like,
            without=args.without,
            after=args.after,
            before=args.before,
            limit=args.limit,
        )


def show(result: SearchResult, args: argparse.Namespace) -> int:
    """Prints the photos found, as lines or as JSON. Returns 0, also if there are none."""
    if args.json:
        print_json(result.to_dict())
        return 0
    if args.explain:
        for step in result.steps:
            print(printable(str(step)))
    if result.message:
        print(printable(result.message))
    if result.suggestions:
        near = ", ".join(f"{tag} ({photos:,})" for tag, photos in result.suggestions)
        print(printable(f"did you mean {near}?"))
    ranked = any(step.kind in _RANKED for step in result.steps if step.wanted)
    for match in result.matches:
        score = f"{match.score:6.3f}" if ranked else " " * 6
        at = "" if match.second is None else f"  at {_clock(match.second)}"
        print(f"{score}  {printable(str(match.path))}{at}")
        if args.explain:
            print(printable(f"        {'; '.join(reason.text for reason in match.reasons)}"))
    shown = len(result.matches)
    if result.away:
        drive = "on a drive that is not connected, or moved since the last `ansa index`"
        print(f"{count(result.away, 'photo')} of these not there now: {drive}")
    if result.good or not shown:
        print(f"{count(shown, 'photo')} found")
    else:
        print(f"0 photos found; the nearest {shown:,} shown")
    return 0


def _clock(second: float) -> str:
    """A time in a film: "0:07", "1:02:33"."""
    minutes, seconds = divmod(int(second), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _moment(text: str) -> str:
    from ansa.library.search.times import parse_moment

    try:
        parse_moment(text)
        return text
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _text(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("an empty text")
    return text


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!a} is not a number above 0")
    return int(text)
