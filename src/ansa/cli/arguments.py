"""Arguments that several verbs take, checked alike."""

from __future__ import annotations

import argparse
from pathlib import Path

from ansa.cli.extras import add_bundle
from ansa.outputs import check_free


def add_library(parser: argparse.ArgumentParser) -> None:
    """``--folder``, ``--library`` and ``--bundle``: which photos, as seen by what."""
    parser.add_argument(
        "--folder",
        metavar="FOLDER",
        type=folder,
        help="only photos in this folder and its folders, whether it was indexed itself or lies in"
        " one that was",
    )
    add_library_file(parser)
    add_bundle(parser)


def add_library_file(parser: argparse.ArgumentParser) -> None:
    """``--library`` of a verb that reads one: see :func:`check_library`."""
    parser.add_argument("--library", metavar="FILE", help="the library, if it was put elsewhere")
    parser.set_defaults(reads_library=True)


def check_library(args: argparse.Namespace) -> None:
    """A verb that reads a library makes none, as a name with a typing error would have it do.

    Raises:
        LibraryError: there is none where ``--library`` says.
    """
    if not getattr(args, "reads_library", False) or args.library is None:
        return
    from ansa.library import LibraryError
    from ansa.library.storage.user_data import path_of

    file = Path(args.library).expanduser()
    # What was told to a library that was deleted lies beside it, and comes back.
    if not (file.exists() or path_of(file).exists()):
        raise LibraryError(
            str(file), "no library there", "check its name; `ansa index FOLDER --library` makes one"
        )


def folder(text: str) -> str:
    """The name of a folder, there or not: a drive may be away. An empty one would be this one."""
    if not text:
        raise argparse.ArgumentTypeError("an empty name is no folder; . is this one")
    return text


def positive(text: str) -> int:
    """A number above zero."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!a} is not a number above 0")
    return int(text)


def page(text: str) -> Path:
    """A file to write a page to; one that is there already must be a page of ours."""
    out = Path(text).expanduser()
    if out.suffix.lower() not in (".html", ".htm"):
        raise argparse.ArgumentTypeError(f"{text!a} is a page's name only with .html at its end")
    try:
        check_free(out, or_ours=True)
    except FileExistsError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return out
