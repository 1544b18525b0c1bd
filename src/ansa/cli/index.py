"""Analyze the new and changed photos of a folder and its subfolders, and store their signals.

Photos are only read. Renamed and moved photos keep their signals. If the command is interrupted,
run it again and it continues. Trash folders, thumbnails and other folders that systems make for
themselves are left out, unless FOLDER is one of them.

--text then reads the text in receipts, documents, screenshots, signs and the like, so that `ansa
search` finds them by what they say. Each picture is read once, which takes about a second."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.cli.arguments import folder
from ansa.cli.extras import add_bundle, needs_extra
from ansa.cli.output import add_strict, count, print_json, print_problem, progress_bar, status

if TYPE_CHECKING:
    from ansa.library import IndexReport
    from ansa.library.indexing.text_run import TextReport

_LONG = 60  # seconds from which on it is told how long reading texts will take
_MANY_MINUTES = 100

HELP = "Analyze a folder of photos and add it to the library."
EXAMPLE = """\
example:
  ansa index ~/Pictures
  ansa index /media/holiday --library holiday.sqlite --json
  ansa index ~/Pictures --text             # also reads signs, receipts, ...; needs 'ansa[ocr]'
  ansa index ~/Pictures --rebuild          # if its file is damaged"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument("folder", metavar="FOLDER", type=folder, help="The folder to index.")
    parser.add_argument(
        "--library",
        metavar="FILE",
        help="Keep the library in this file instead of the user's data directory.",
    )
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="Set a damaged library file aside and build a new one. Favourites, custom tags and"
        " everything else you entered are kept.",
    )
    parser.add_argument(
        "--text",
        action="store_true",
        help="Also read the text in pictures that show some, so that searches find it. May be"
        " stopped, and goes on the next time.",
    )
    add_strict(parser)
    add_bundle(parser)


def run(args: argparse.Namespace) -> int:
    """Indexes the folder. Returns 1 if a folder could not be listed or no photo could be read."""
    if args.rebuild:
        _rebuild(args.library)
    if args.text:
        from ansa.model.text_reader import reader_id

        with needs_extra("index --text", "ocr"):
            reader_id()  # so that it is not missed only after hours
    report = index_folder(args.folder, args.library, args.bundle)
    told = report.to_dict()
    if not args.json:
        print(summary(report))
    failed = 0
    if args.text:
        text = read_text(args.folder, args.library, args.bundle)
        told["text"], failed = text.to_dict(), text.failed
        if not args.json:
            print(text_summary(text))
    if args.json:
        print_json(told)
    return index_status(report, strict=args.strict) or int(args.strict and failed > 0)


def index_folder(where: str, library: str | None, bundle: str | None) -> IndexReport:
    """Indexes a folder, with a progress bar if stderr is a terminal; prints each problem there."""
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    with (
        Library(where, database=library, analyzer=Analyzer(bundle)) as opened,
        progress_bar("indexing") as progress,
    ):
        report = opened.index(progress=progress)
    for file in report.repaired:
        print_problem(f"{file}: what the library kept of it was damaged; it was read again")
    for problem in report.problems:
        print_problem(str(problem))
    return report


def read_text(where: str, library: str | None, bundle: str | None) -> TextReport:
    """Reads the text in an indexed folder's pictures, with a progress bar if stderr is a terminal;
    prints each problem there, and how long a long run will take."""
    from tqdm import tqdm

    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    with (
        Library(where, database=library, analyzer=Analyzer(bundle)) as opened,
        progress_bar("reading text", "picture") as progress,
    ):

        def expect(seconds: float, pictures: int) -> None:
            if seconds >= _LONG:
                tqdm.write(expected(seconds, pictures), file=sys.stderr)

        report = opened.read_text(progress=progress, expect=expect)
    for problem in report.problems:
        print_problem(str(problem))
    return report


def expected(seconds: float, pictures: int) -> str:
    """How long it will take to read the text in some pictures, in a line for people."""
    minutes = round(seconds / 60)
    long = count(minutes, "minute") if minutes < _MANY_MINUTES else f"{seconds / 3600:.1f} hours"
    each = f"{seconds / pictures:.1f} seconds each"
    return (
        f"ansa: reading the text in {count(pictures, 'more picture')} takes about {long} ({each});"
        " it may be stopped, and the same command goes on"
    )


def text_summary(report: TextReport) -> str:
    """The counts of what was read, as a line of text. Omits zeros."""
    parts = [
        f"{number:,} {what}"
        for number, what in (
            (report.read, "read now"),
            (report.before, "read before"),
            (report.failed, "failed"),
        )
        if number
    ]
    line = f"{count(report.pictures, 'picture')} that may show text"
    line += f": {', '.join(parts)}" if parts else ""
    return f"{line}; {report.found:,} with text" if report.read else line


def _rebuild(library: str | None) -> None:
    from ansa.library.session import default_database
    from ansa.library.storage.rebuild import rebuild

    database = Path(library).expanduser() if library else default_database()
    done = rebuild(database.absolute())
    print_problem(f"{database}: {done or 'not damaged, so it is kept'}")


def index_status(report: IndexReport, *, strict: bool) -> int:
    """The exit status of a report. Photos that were skipped on purpose do not count as failures."""
    failed = report.failed + report.quarantined + (report.away if strict else 0)
    return status(report.unreadable, unread=failed, done=report.done, strict=strict)


def summary(report: IndexReport) -> str:
    """The counts as text: files on one line, missing dates and places on another. Omits zeros."""
    kinds = ("new", "changed", "moved", "unchanged", "skipped", "failed", "quarantined")
    parts = [f"{getattr(report, kind):,} {kind}" for kind in kinds if getattr(report, kind)]
    line = f"{count(report.found, 'photo')} found" + (f": {', '.join(parts)}" if parts else "")
    if report.paired:
        line += f"; {report.paired:,} more one with the photo beside them"
    if report.missing:
        line += f"; {report.missing:,} no longer there"
    if report.away:
        line += f"; {report.away:,} in folders that are perhaps not connected"
    if report.dropped:
        line += f"; {report.dropped:,} dropped, in bins and the like"
    if report.unreadable:
        line += f"; {count(report.unreadable, 'folder')} could not be listed"
    if report.repaired:
        line += f"; {len(report.repaired):,} damaged in the library and read again"
    if report.analyzed:
        line += f"; {report.rate:.1f} photos/s"
    unsaid = [
        f"{number:,} {what}"
        for number, what in (
            (report.no_time, "without a time"),
            (report.no_place, "without a place"),
            (report.weak_times, "with a time that is not from EXIF"),
        )
        if number
    ]
    lines = [line, f"of them {', '.join(unsaid)}"] if unsaid else [line]
    return "\n".join([*lines, *_unread(report)])


def _unread(report: IndexReport) -> Iterator[str]:
    """What the folder holds that was not read, by kinds, and what would have more of it read."""
    from ansa.photo.file_kinds import kind_named

    kinds = [(kind_named(name), number) for name, number in report.unread.most_common()]
    if kinds:
        parts = [count(number, kind.name) for kind, number in kinds]
        yield f"not read: {', '.join(parts)}"
    for kind, _ in kinds:
        if kind.remedy:
            yield f"to read {kind.name}s: {kind.remedy}"
