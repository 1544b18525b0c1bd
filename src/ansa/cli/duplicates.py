"""Find groups of photos of which you need only one: exact copies, edited or resized copies, and
shots of a burst.

For each group the command prints which photo to keep, and why. It deletes nothing. --move-to
moves the other photos and their sidecars into a folder, and --undo moves them all back.
Favourites are not moved, nor are photos that have a RAW file or a film beside them. Only indexed
photos are compared."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library, page
from ansa.cli.output import count, print_json, print_problem, status
from ansa.names import printable
from ansa.outputs import write_page

if TYPE_CHECKING:
    from ansa.library.cleanup.duplicates import Duplicate, Duplicates, Group
    from ansa.library.cleanup.moves import MoveResult
    from ansa.render.contact_sheet import Row

HELP = "Find copies of photos, and say which one to keep."
EXAMPLE = """\
example:
  ansa duplicates
  ansa duplicates --report duplicates.html
  ansa duplicates --only exact --move-to ~/copies
  ansa duplicates --undo ~/copies"""

_MOST_GROUPS = 500
_MOST_OTHERS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "--only",
        choices=["exact", "edited", "burst"],
        action="append",
        help="Find only this kind of duplicate. Repeat the option to find several kinds.",
    )
    parser.add_argument(
        "--report", metavar="FILE.html", type=page, help="Also write a page with thumbnails."
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--move-to",
        metavar="FOLDER",
        type=Path,
        help="Move every duplicate into this folder, except the photos to keep.",
    )
    what.add_argument(
        "--undo",
        metavar="FOLDER",
        type=Path,
        help="Move everything back that --move-to moved into this folder.",
    )
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Finds duplicates and moves them if asked to. Returns 1 if a move failed, else 0."""
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    with Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library:
        if args.undo:
            return _say_moved(args, library.undo_move(args.undo), {})
        found = library.duplicates()
        if args.only:
            found = found.only(args.only)
        if args.report:
            files = {each.path for group in found.groups[:_MOST_GROUPS] for each in group.others}
            files |= {group.keep for group in found.groups[:_MOST_GROUPS]}
            _write_report(found, args.report, library.descriptions(files))
        if args.move_to:
            moved = library.move_duplicates(found, args.move_to)
            return _say_moved(args, moved, found.to_dict())
    if args.json:
        print_json(found.to_dict())
        return 0
    for group in found.groups:
        print(f"keep  {printable(str(group.keep))}")
        for other in group.others:
            print(f"      {printable(str(other.path))}")
            print(f"        {_about(other)}; {other.reason}")
    _say_counts(found)
    return 0


def _about(other: Duplicate) -> str:
    if other.relation == "exact":
        return "exact copy"
    return f"{other.relation}, {other.similarity:.3f} alike"


def _say_counts(found: Duplicates) -> None:
    if found.message:
        print(printable(found.message))
    if found.gone:
        print(f"{count(len(found.gone), 'file')} gone or changed since; run `ansa index`")
    parts = [f"{found.count(kind):,} {kind}" for kind in ("exact", "edited", "burst")]
    print(f"{count(found.photos, 'photo')} compared: {', '.join(parts)}")


def _say_moved(args: argparse.Namespace, moved: MoveResult, found: dict[str, object]) -> int:
    for problem in (*moved.held, *moved.problems):
        print_problem(str(problem))
    if args.json:
        print_json(found | moved.to_dict())
    else:
        for old, new in (*moved.files, *moved.beside):
            print(f"{printable(str(old))} -> {printable(str(new))}")
        along = f" with {count(len(moved.beside), 'file')} beside" if moved.beside else ""
        held = f", {len(moved.held):,} held back" if moved.held else ""
        noun = "file" if args.undo else "photo"
        moves = count(len(moved.files), noun)
        print(f"{moves} moved{along}{held}, {len(moved.problems):,} failed")
        if moved.files and args.move_to:
            print(f"`ansa duplicates --undo {printable(str(args.move_to))}` moves them back")
    return status(len(moved.problems))


def _write_report(found: Duplicates, out: Path, said: Mapping[Path, str]) -> None:
    from ansa.render.contact_sheet import contact_sheet

    rows = [_row(group, said) for group in found.groups[:_MOST_GROUPS]]
    shown = "" if len(rows) == len(found.groups) else f", the first {len(rows)} of them shown"
    title = f"Duplicates: {count(len(found.groups), 'group')}{shown}"
    write_page(out, contact_sheet(rows, title=title))


def _row(group: Group, descriptions: Mapping[Path, str]) -> Row:
    from ansa.render.contact_sheet import Row

    shown = group.others[:_MOST_OTHERS]
    said = [f"{x.path.name}: {_about(x)}; {x.reason}" for x in shown]
    if len(shown) < len(group.others):
        said.append(f"and {len(group.others) - len(shown):,} more")
    photos = [(group.keep, 1.0), *((other.path, other.similarity) for other in shown)]
    return Row(f"Keep {group.keep.name}", photos, " \N{MIDDLE DOT} ".join(said), descriptions)
