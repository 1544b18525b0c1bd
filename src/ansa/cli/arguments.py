"""Arguments that several commands share, and how they are checked."""

from __future__ import annotations

import argparse
from pathlib import Path

from ansa.cli.extras import add_bundle
from ansa.outputs import check_free


def add_help(parser: argparse.ArgumentParser) -> None:
    """Adds ``-h`` and ``--help``, worded as the other options are."""
    parser.add_argument("-h", "--help", action="help", help="Show this help and exit.")


def add_library(parser: argparse.ArgumentParser) -> None:
    """Adds ``--folder``, ``--library`` and ``--bundle``."""
    parser.add_argument(
        "--folder",
        metavar="FOLDER",
        type=folder,
        help="Use only the photos in this folder and its subfolders. The folder or one above it"
        " must have been indexed.",
    )
    add_library_file(parser)
    add_bundle(parser)


def add_library_file(parser: argparse.ArgumentParser) -> None:
    """Adds ``--library`` to a command that reads a library; see :func:`check_library`."""
    parser.add_argument(
        "--library",
        metavar="FILE",
        help="Use the library in this file instead of the one in the user's data directory.",
    )
    parser.set_defaults(reads_library=True)


def check_library(args: argparse.Namespace) -> None:
    """Checks that the file that ``--library`` names exists, if the command only reads a library.

    Without this check, a typing error in the name would create an empty library.

    Raises:
        LibraryError: no library exists at that path.
    """
    if not getattr(args, "reads_library", False) or args.library is None:
        return
    from ansa.library import LibraryError
    from ansa.library.storage.user_data import path_of

    file = Path(args.library).expanduser()
    # The user's own data lie beside a library that was deleted, and are restored from there.
    if not (file.exists() or path_of(file).exists()):
        raise LibraryError(
            str(file), "no library there", "check its name; `ansa index FOLDER --library` makes one"
        )


def folder(text: str) -> str:
    """Parses the name of a folder, which need not exist, because a drive may be unplugged.

    Raises:
        argparse.ArgumentTypeError: the name is empty, which would mean the current folder.
    """
    if not text:
        raise argparse.ArgumentTypeError("an empty name is no folder; . is this one")
    return text


def positive(text: str) -> int:
    """Parses a whole number of at least 1.

    Raises:
        argparse.ArgumentTypeError: the text is anything else.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!a} is not a number above 0")
    return int(text)


def page(text: str) -> Path:
    """Parses the name of an HTML file to write.

    Raises:
        argparse.ArgumentTypeError: the name does not end in .html, or the file exists and is not an
            unchanged page that ANSA wrote.
    """
    out = Path(text).expanduser()
    if out.suffix.lower() not in (".html", ".htm"):
        raise argparse.ArgumentTypeError(
            f"{text!a} is not the name of a page; it must end in .html"
        )
    try:
        check_free(out, or_ours=True)
    except FileExistsError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return out
