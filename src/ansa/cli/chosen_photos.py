"""Photos that a command is about: named by file or folder, or found by a search."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.cli.arguments import positive
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library import Library


def add_chosen_photos(parser: argparse.ArgumentParser) -> None:
    """Adds ``PHOTO ...``, ``--search`` and ``--limit``."""
    parser.add_argument("photos", metavar="PHOTO", nargs="*", help="A file or folder.")
    parser.add_argument(
        "--search",
        metavar="QUERY",
        help="Use the photos that this search finds, as `ansa search` does. They are printed.",
    )
    parser.add_argument(
        "--limit",
        metavar="N",
        type=positive,
        default=20,
        help="With --search: use the first N photos (default: 20).",
    )


def chosen_photos(args: argparse.Namespace, library: Library) -> list[str | Path]:
    """Returns the files and folders that were named, and then the files that were found.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    found: list[str | Path] = list(args.photos)
    if args.search is not None:
        try:
            matches = library.search(args.search, limit=args.limit, every=True).matches
        except ValueError as error:
            args.usage_error(str(error))
        found += [match.path for match in matches]
    return found


def print_chosen(path: Path, words: str) -> None:
    """Prints a photo and what is said of it."""
    print(f"{printable(str(path))}\n  {printable(words)}")
