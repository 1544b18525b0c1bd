"""Keep the library up to date with folders: what changes in them is known within two seconds.

The folders are indexed first. Then new, changed, moved and deleted photos are taken in as they
come, more slowly on battery and beside other work, until Ctrl-C. --install has this started with
every login, by systemd on Linux and by launchd on macOS."""

from __future__ import annotations

import argparse
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.cli.arguments import folder
from ansa.cli.extras import add_bundle, check_extra, needs_extra
from ansa.cli.index import summary, text_summary
from ansa.cli.output import print_json, print_problem
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library import IndexReport

HELP = "Keep the library up to date with folders as they change."
EXAMPLE = """\
example:
  ansa watch ~/Pictures
  ansa watch ~/Pictures ~/Phone --install
  ansa watch --uninstall"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "folders", metavar="FOLDER", nargs="*", type=folder, help="A folder to watch."
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--install", action="store_true", help="Have the folders watched from the next login on."
    )
    what.add_argument("--uninstall", action="store_true", help="Remove what --install has written.")
    parser.add_argument(
        "--text",
        action="store_true",
        help="Also read the text in new receipts, documents, screenshots and the like; takes about"
        " a second for each, beside the rest.",
    )
    parser.add_argument(
        "--library",
        metavar="FILE",
        help="Keep the library in this file instead of the user's data directory.",
    )
    add_bundle(parser)


def run(args: argparse.Namespace) -> int:
    """Watches until Ctrl-C, or installs or removes the service. Returns 0."""
    if args.uninstall:
        from ansa.library.watching.service import uninstall

        return _say(args, "removed", uninstall())
    if not args.folders:
        args.usage_error("name a FOLDER to watch, or --uninstall")
    if args.text:
        check_extra("watch --text", "ocr")
    if args.install:
        from ansa.library.watching.service import install

        return _say(args, "written", install(_arguments(args)))
    return _watch(args)


def _arguments(args: argparse.Namespace) -> list[str]:
    words = ["watch", *(str(Path(each).expanduser().absolute()) for each in args.folders)]
    for name in ("library", "bundle"):
        if value := getattr(args, name):
            words += [f"--{name}", str(Path(value).expanduser().absolute())]
    return [*words, "--text"] if args.text else words


def _say(args: argparse.Namespace, done: str, service: object) -> int:
    from ansa.library.watching.service import Service

    assert isinstance(service, Service)
    if args.json:
        print_json({done: [str(file) for file in service.files], "now": service.now})
        return 0
    for file in service.files:
        print(f"{done} {printable(str(file))}")
    print(f"at once, not only from the next login on: {printable(service.now)}")
    return 0


def _watch(args: argparse.Namespace) -> int:
    check_extra("watch", "watch")
    from ansa.library import Library
    from ansa.library.index_report import IndexReport
    from ansa.library.indexing.text_in_background import BackgroundText
    from ansa.library.indexing.text_run import TextReport
    from ansa.model.analyzer import Analyzer

    total = IndexReport()

    def say(line: str) -> None:
        if not args.json:
            print(printable(f"{time.strftime('%H:%M:%S')}  {line}"), flush=True)

    def told(report: TextReport) -> None:
        say(text_summary(report))

    def tell(where: Path, report: IndexReport) -> None:
        nonlocal total
        total += report
        say(f"{where}: {summary(report).splitlines()[0]}")
        if text and report.analyzed:
            text.ask()
        for problem in report.problems:
            print_problem(str(problem))

    analyzer = Analyzer(args.bundle) if args.bundle else None
    text = None
    with (
        needs_extra("watch", "watch"),
        ExitStack() as beside,
        Library(database=args.library, analyzer=analyzer) as library,
        suppress(KeyboardInterrupt),
    ):  # which is how a watch ends
        if args.text:
            text = BackgroundText(
                args.folders, args.library, analyzer, warn=print_problem, told=told
            )
            beside.callback(text.stop)
        library.watch(args.folders, tell=tell, warn=print_problem, stop=threading.Event())
    if args.json:
        print_json(total.to_dict())
    return 0
