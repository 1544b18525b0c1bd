"""Find photos by a description in your own words, by a similar photo, or by both.

A query may be in English or another language, and needs no quotation marks. The number before a
photo is the chance that it is what you asked for. If nothing in the library matches, the command
says so, and shows the nearest photos. Only indexed photos are searched."""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library, page
from ansa.cli.output import count, print_json, print_problem
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library import Match, SearchResult

HELP = "Find photos by a description in your own words."
EXAMPLE = """\
example:
  ansa search a dog on a beach
  ansa search beach last summer -people --explain
  ansa search "two people in Portugal on a trip, summer 2023"
  ansa search "cat or dog at home without people"
  ansa search "beach^2 sunset" --not people --after 2023 --before 2024-07
  ansa search --like holiday/IMG_0042.jpg --limit 5
  ansa search a birthday cake --report cakes.html --open"""

_RANKED = "tag", "text", "name", "ocr", "like"
"""The parts of a query that give scores. Facts such as dates only filter."""

_MINUS = "\0-"  # what stands for the minus sign of a word that is no option
_WORD = re.compile(r"-(?!h$)[^\W\d_]\w+", re.UNICODE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "query",
        metavar="QUERY",
        nargs="*",
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
    parser.add_argument(
        "--all",
        action="store_true",
        dest="every",
        help="Show every shot of a burst and every copy, instead of one of each.",
    )
    parser.add_argument(
        "--report", metavar="FILE.html", type=page, help="Also write a page with the photos."
    )
    parser.add_argument(
        "--open", action="store_true", help="Open a page with the photos in the browser."
    )
    parser.add_argument(
        "--show",
        action="store_true",
        help="Show the photos in the terminal, if it is kitty, iTerm2 or one that knows sixels.",
    )
    add_library(parser)


def prepare(words: Sequence[str]) -> list[str]:
    """Marks words such as ``-people``, so that they are not taken for options."""
    return [_MINUS + word[1:] if _WORD.fullmatch(word) else word for word in words]


def run(args: argparse.Namespace) -> int:
    """Searches and prints the photos found. Returns 0, also if there are none."""
    result = find(args)
    if args.report or args.open:
        _write_page(result, args)
    return show(result, args)


def find(args: argparse.Namespace) -> SearchResult:
    """Searches the library for what the arguments ask."""
    words = [args.query] if isinstance(args.query, str) else args.query
    query = " ".join(word.replace(_MINUS, "-") for word in words or ()) or None
    if not query and not args.like:
        args.usage_error("say what to search for: a QUERY, --like PHOTO or both")
    from ansa.library import Library
    from ansa.library.search.parse import parse_query
    from ansa.model.analyzer import Analyzer

    try:
        parse_query(query or "all")
    except ValueError as error:
        args.usage_error(str(error))
    with Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library:
        return library.search(
            query,
            like=args.like,
            without=args.without,
            after=args.after,
            before=args.before,
            limit=args.limit,
            every=getattr(args, "every", False),
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
    protocol = None
    if getattr(args, "show", False):
        from ansa.cli.terminal_images import protocol_of

        protocol = protocol_of(os.environ) if sys.stdout.isatty() else None
        if protocol is None:
            print_problem("this terminal shows no pictures; --open shows them in the browser")
    grade = result.grade
    for match in result.matches:
        if match.grade != grade:
            grade = match.grade
            print(_BELOW[grade])
        score = f"{match.score:5.2f}" if ranked else " " * 5
        print(printable(f"{score}  {'  '.join(_told(match, explain=args.explain))}"))
        if args.explain:
            print(printable(f"       {'; '.join(reason.text for reason in match.reasons)}"))
        if protocol:
            from ansa.cli.terminal_images import preview

            print(preview(match.path, protocol))
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


_BELOW = {
    "matches": "these match:",
    "perhaps": "perhaps these, too:",
    "not here": "the nearest of the others:",
}


def _told(match: Match, *, explain: bool) -> Iterator[str]:
    """Yields what there is to say of a photo in a line: its name, date, place and one reason."""
    yield _near_name(match.path)
    if match.facts.taken:
        yield f"{match.facts.taken:%Y-%m-%d}"
    if match.place:
        yield match.place
    if match.second is not None:
        yield f"at {_clock(match.second)}"
    if match.alike:
        yield f"and {count(len(match.alike), 'shot')} like it"
    seen = [reason for reason in match.reasons if reason.kind not in ("date", "place")]
    if seen and not explain:
        yield min(seen, key=lambda reason: reason.kind == "text").text


def _near_name(path: Path) -> str:
    """Returns the name of a file as seen from the current folder, if it is inside it."""
    with suppress(OSError, ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


def _write_page(result: SearchResult, args: argparse.Namespace) -> None:
    """Writes the page with the photos, and opens it if that was asked for."""
    from ansa.outputs import write_page
    from ansa.render.contact_sheet import Row, contact_sheet

    words = [args.query] if isinstance(args.query, str) else args.query or ()
    title = " ".join(words).replace(_MINUS, "-") or f"like {args.like}"
    photos = [(match.path, match.score) for match in result.matches]
    html = contact_sheet([Row(title, photos, result.message)], title="Photos found")
    out = args.report
    if out is None:
        out = Path(tempfile.mkdtemp(prefix="ansa-")) / "photos.html"
    write_page(out, html)
    if args.open:
        webbrowser.open(out.absolute().as_uri())


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
