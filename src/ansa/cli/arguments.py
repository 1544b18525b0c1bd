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
    parser.add_argument("--library", metavar="FILE", help="the library, if it was put elsewhere")
    add_bundle(parser)


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
