"""Propose memories: trips, birthdays and holidays, this day in other years, seasons, and themes.

Each has a title, a cover, a short selection in the order of time, a mood with a tempo for music,
and its reasons. One that is dismissed never comes back."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library, page, positive
from ansa.cli.output import count, print_json
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library import Library
    from ansa.library.memories import Memories, Memory

HELP = "propose memories, with titles, covers and reasons"
EXAMPLE = """\
example:
  ansa memories
  ansa memories --report memories.html
  ansa memories 45ba0622
  ansa memories --dismiss 45ba0622

What they are made of is what `ansa index` has seen."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's own arguments."""
    parser.add_argument("memory", metavar="ID", nargs="?", help="only this one, with its photos")
    parser.add_argument("--limit", metavar="N", type=positive, default=24, help="at most N (24)")
    parser.add_argument("--dismiss", metavar="ID", help="never propose this one again")
    parser.add_argument("--restore", metavar="ID", help="propose one again that was dismissed")
    parser.add_argument(
        "--today", metavar="DATE", type=_day, help="as if today were 2024-05-14, say"
    )
    parser.add_argument(
        "--report", metavar="FILE.html", type=page, help="also write a page with the photos"
    )
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Proposes; 0 also when there is nothing to propose."""
    from ansa.analyzer import Analyzer
    from ansa.library import Library

    with Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library:
        if args.dismiss or args.restore:
            return _dismiss(args, library)
        limit = None if args.memory else args.limit
        found = library.memories(today=args.today, limit=limit)
        if args.memory:
            found = found.only(args.memory, library.database)
    if args.report:
        args.report.write_text(_page(found), encoding="utf-8")
    if args.json:
        print_json(found.to_dict())
        return 0
    if found.message:
        print(printable(found.message))
    for memory in found.memories:
        _print(memory, photos=bool(args.memory))
    photos = sum(len(memory.photos) for memory in found.memories)
    noun = "memory" if len(found.memories) == 1 else "memories"
    print(f"{len(found.memories):,} {noun} of {count(photos, 'photo')}")
    return 0


def _dismiss(args: argparse.Namespace, library: Library) -> int:
    told: dict[str, object] = {}
    if args.dismiss:
        title = library.dismiss_memory(args.dismiss, today=args.today)
        told = {"dismissed": args.dismiss, "title": title}
        line = (
            f"{printable(title)} is dismissed; `ansa memories --restore {args.dismiss}` undoes it"
        )
    else:
        done = library.restore_memory(args.restore)
        told = {"restored": args.restore if done else None}
        line = "1 memory restored" if done else "0 memories restored: this one was not dismissed"
    if args.json:
        print_json(told)
    else:
        print(line)
    return 0


def _print(memory: Memory, *, photos: bool) -> None:
    print(f"{memory.id}  {printable(memory.title)}")
    mood = f"{memory.mood.name}, {memory.mood.tempo} beats a minute"
    print(f"          {memory.kind}, {count(len(memory.photos), 'photo')}; {mood}")
    print(f"          {printable('; '.join(memory.reasons))}")
    print(f"          cover: {printable(str(memory.cover.path))}")
    if photos:
        for shot in memory.photos:
            print(f"  {printable(str(shot.path))}")
            print(f"      {printable('; '.join(shot.reasons))}")


def _page(found: Memories) -> str:
    from ansa.contact_sheet import Row, contact_sheet

    rows = [
        Row(
            memory.title,
            [(shot.path, memory.score) for shot in memory.photos],
            f"{memory.mood.name} \N{MIDDLE DOT} {'; '.join(memory.reasons)}",
        )
        for memory in found.memories
    ]
    return contact_sheet(rows, title=found.message or "Memories")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!a} is not a day like 2024-05-14") from None
