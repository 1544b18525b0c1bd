"""Show the photos of the library in a browser, on this machine only.

FOLDER is indexed in the background while you look at it; without FOLDER, all indexed folders are
brought up to date. The app needs no network and no account. It listens on this machine only, and
the address that it prints holds a key that is made anew each time. It ends with Ctrl-C."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.cli.arguments import folder
from ansa.cli.extras import add_bundle, check_extra, missing_features, needs_extra
from ansa.cli.output import print_json, print_problem
from ansa.errors import AnsaError
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.app.server import AppServer

HELP = "Show your photos in a browser, on this machine only."
EXAMPLE = """\
example:
  ansa app ~/Pictures
  ansa app --port 8000 --no-browser"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        type=folder,
        nargs="?",
        help="Index this folder, and show only the photos in it.",
    )
    parser.add_argument(
        "--library",
        metavar="FILE",
        help="Keep the library in this file instead of the user's data directory.",
    )
    parser.add_argument(
        "--port",
        metavar="N",
        type=_port,
        default=0,
        help="Listen on this port (default: any free one).",
    )
    parser.add_argument(
        "--host",
        metavar="ADDRESS",
        default="127.0.0.1",
        help="Listen on this address of this machine (default: 127.0.0.1). Any other than a"
        " loopback address lets other machines on the network reach the app, without encryption.",
    )
    parser.add_argument(
        "--review",
        metavar="QUEUE",
        type=Path,
        help="Also show the proposals of this queue, which `ansa mine --queue` made, for you to"
        " answer; needs --annotator.",
    )
    parser.add_argument("--annotator", metavar="NAME", help="The name of who answers --review.")
    parser.add_argument(
        "--no-browser", action="store_true", help="Print the address, but open no browser."
    )
    parser.add_argument(
        "--no-index", action="store_true", help="Do not look for new and changed photos."
    )
    parser.add_argument(
        "--text",
        action="store_true",
        help="Also read the text in receipts, documents, screenshots and the like, after each look"
        " for new photos; takes about a second for each of them.",
    )
    add_bundle(parser)


def run(args: argparse.Namespace) -> int:
    """Runs the app until it is interrupted. Returns 0; an error if it cannot start gives 1."""
    if args.review and not args.annotator:
        args.usage_error("--review needs --annotator, the name of who answers")
    if args.text:
        check_extra("app --text", "ocr")
    server = _server(args)
    if not args.no_index:
        server.context.indexing.ask()
    if args.json:
        print_json({"address": server.address, "host": server.host, "port": server.port})
        sys.stdout.flush()  # a program that reads it through a pipe waits for it
    else:
        print(f"ANSA is at {server.address}", flush=True)
        print("Stop it with Ctrl-C.", flush=True)
    if args.host not in ("127.0.0.1", "::1", "localhost"):
        print_problem(
            f"{printable(args.host)}: other machines that know the address can see the photos, and"
            " the connection is not encrypted"
        )
    if missing := missing_features():
        print_problem(missing)
    with suppress(KeyboardInterrupt):  # the usual way to end it
        server.run(open_browser=not args.no_browser)
    return 0


def _server(args: argparse.Namespace) -> AppServer:
    with needs_extra("app", "app"):
        from ansa.app.context import AppContext, Review
        from ansa.app.security import new_token
    from ansa.library import Library
    from ansa.library.session import default_database

    database = Path(args.library).expanduser() if args.library else default_database()
    # Opened once here, so that a folder or a library that cannot be used is an error at the start.
    with Library(args.folder, database=database) as library:
        where = library.folder
        if where is not None and not where.is_dir() and library.unknown():
            raise AnsaError(f"{printable(str(where))}: no such folder; check its name")
    review = None
    if args.review:
        from ansa.review.proposal import ReviewError
        from ansa.review.queue import ReviewQueue

        if not args.review.is_file():
            file = printable(str(args.review))
            raise ReviewError(f"{file}: there is no such queue; `ansa mine --queue` makes one")
        review = Review(ReviewQueue(args.review), args.annotator)
    context = AppContext(where, database.absolute(), args.bundle, new_token(), review, args.text)
    with needs_extra("app", "app"):  # while the library's file is read for the first page
        from ansa.app.server import AppServer
    try:
        return AppServer(context, args.host, args.port)
    except OSError as error:
        context.close()
        reason = error.strerror or str(error)
        raise AnsaError(
            f"{printable(args.host)}, port {args.port}: the app cannot listen there ({reason});"
            " name another with --port, or leave it out"
        ) from error


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) < 2**16:
        raise argparse.ArgumentTypeError(f"{text!a} is no port, which is a number up to 65535")
    return int(text)
