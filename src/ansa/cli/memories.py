"""Propose memories: trips, albums, birthdays, holidays, this day in other years, and themes.

Each memory has a title, a cover, a short selection of photos in the order of time, a mood with a
tempo for music, and the reasons for it. A dismissed memory is not proposed again. Only indexed
photos are considered."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library, page, positive
from ansa.cli.extras import check_extra, needs_extra
from ansa.cli.output import (
    add_strict,
    count,
    print_json,
    print_problem,
    progress_bar,
    status,
)
from ansa.names import printable
from ansa.outputs import write_page

if TYPE_CHECKING:
    from ansa.library import Library
    from ansa.library.memories.memories import Memories, Memory

HELP = "Propose memories such as trips, and make films of them."
EXAMPLE = """\
example:
  ansa memories
  ansa memories --report memories.html
  ansa memories 45ba0622
  ansa memories 45ba0622 --movie lisbon.mp4 --music song.mp3
  ansa memories --dismiss 45ba0622
  ansa memories --like 45ba0622
  ansa memories 45ba0622 --without IMG_0042.jpg"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "memory", metavar="ID", nargs="?", help="Show only this memory and its photos."
    )
    parser.add_argument(
        "--limit",
        metavar="N",
        type=positive,
        default=24,
        help="Propose at most N memories (default: 24).",
    )
    parser.add_argument("--dismiss", metavar="ID", help="Do not propose this memory again.")
    parser.add_argument("--restore", metavar="ID", help="Propose a dismissed memory again.")
    parser.add_argument(
        "--like", metavar="ID", help="Say that you like this memory: ones like it come sooner."
    )
    parser.add_argument("--unlike", metavar="ID", help="Take that back.")
    parser.add_argument(
        "--without",
        metavar="PHOTO",
        nargs="+",
        help="Leave these photos out of the memory ID, and show others instead.",
    )
    parser.add_argument(
        "--with",
        metavar="PHOTO",
        nargs="+",
        dest="with_",
        help="Allow these photos in the memory ID again.",
    )
    parser.add_argument(
        "--today",
        metavar="DATE",
        type=_day,
        help="Propose memories as if today were this date, such as 2024-05-14.",
    )
    parser.add_argument(
        "--report", metavar="FILE.html", type=page, help="Also write a page with the photos."
    )
    parser.add_argument("--movie", metavar="OUT.mp4", help="Write a film of the memory ID.")
    parser.add_argument(
        "--music", metavar="FILE", help="The music of the film, which is cut to its beat."
    )
    parser.add_argument(
        "--size",
        metavar="WxH",
        type=_size,
        default=(1280, 720),
        help="The width and height of the film in pixels (default: 1280x720).",
    )
    add_strict(parser)
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Proposes memories. Returns 1 if a film could not be made, else 0."""
    if args.movie and not args.memory:
        args.usage_error("--movie writes one memory: name its ID, as in `ansa memories ID --movie`")
    if (args.without or args.with_) and not args.memory:
        args.usage_error("name the memory, as in `ansa memories ID --without PHOTO`")
    if args.without and args.with_:
        args.usage_error("use either --without or --with")
    if args.music and not args.movie:
        args.usage_error("--music goes with --movie OUT.mp4")
    if args.movie:
        check_extra("memories --movie", "movie")
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    with Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library:
        if args.dismiss or args.restore:
            return _dismiss(args, library)
        if args.like or args.unlike:
            return _like(args, library)
        if args.without or args.with_:
            return _leave_out(args, library)
        limit = None if args.memory else args.limit
        with progress_bar("choosing memories") as progress:
            found = library.memories(today=args.today, limit=limit, progress=progress)
        if args.memory:
            found = found.only(args.memory, library.database)
        if args.movie:
            return _film(args, library, found.memories[0])
        if args.report:
            files = {shot.path for memory in found.memories for shot in memory.photos}
            write_page(args.report, _page(found, library.descriptions(files)))
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


def _like(args: argparse.Namespace, library: Library) -> int:
    memory, liked = args.like or args.unlike, bool(args.like)
    title = library.like_memory(memory, liked, today=args.today)
    if args.json:
        print_json({"memory": memory, "title": title, "liked": liked})
    else:
        print(f"{printable(title)} is {'a favourite' if liked else 'no favourite any more'}")
    return 0


def _leave_out(args: argparse.Namespace, library: Library) -> int:
    again = bool(args.with_)
    files = args.with_ or args.without
    done = library.leave_out(args.memory, files, again=again, today=args.today)
    for problem in done.problems:
        print_problem(str(problem))
    if args.json:
        print_json({"memory": args.memory, "left_out": not again} | done.to_dict())
    else:
        what = "may be in it again" if again else "left out"
        print(f"{count(len(done.photos), 'photo')} {what}")
    return status(len(done.problems))


def _film(args: argparse.Namespace, library: Library, memory: Memory) -> int:
    with (
        needs_extra("memories --movie", "movie"),
        progress_bar("movie", "frame") as progress,
    ):
        made = library.movie(
            memory, args.movie, music=args.music, size=args.size, progress=progress
        )
    for problem in made.problems:
        print_problem(str(problem))
    if args.json:
        print_json({"memory": memory.to_dict(), "movie": made.to_dict()})
        return status(unread=len(made.problems), done=made.photos, strict=args.strict)
    print(f"{printable(str(made.path))}: {printable(memory.title)}")
    heard = "beats of the music" if made.heard else "beats"
    print(f"cut to {heard}, {made.tempo:.0f} a minute")
    photos = count(made.photos, "photo")
    print(f"{photos} in {made.seconds:.0f} seconds, {len(made.problems):,} failed")
    return status(unread=len(made.problems), done=made.photos, strict=args.strict)


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


def _page(found: Memories, said: Mapping[Path, str]) -> str:
    from ansa.render.contact_sheet import Row, contact_sheet

    rows = [
        Row(
            memory.title,
            [(shot.path, f"{shot.taken:%Y-%m-%d}" if shot.taken else "") for shot in memory.photos],
            f"{memory.mood.name} \N{MIDDLE DOT} {'; '.join(memory.reasons)}",
            said,
        )
        for memory in found.memories
    ]
    return contact_sheet(rows, title=found.message or "Memories")


def _size(text: str) -> tuple[int, int]:
    parts = re.fullmatch(r"(\d{2,4})x(\d{2,4})", text, re.ASCII)
    size = (int(parts[1]), int(parts[2])) if parts else (0, 0)
    if min(size) < 16 or size[0] % 2 or size[1] % 2:
        raise argparse.ArgumentTypeError(f"{text!a} is no size such as 1920x1080, in even numbers")
    return size


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!a} is not a day like 2024-05-14") from None
