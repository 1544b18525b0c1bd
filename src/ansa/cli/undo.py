"""Undo the last change that you made with `ansa mark` or `ansa tag`, or in the app.

Run it again to undo the change before it. The last 50 changes can be undone. Photos and files are
never changed by these commands."""

from __future__ import annotations

import argparse

from ansa.cli.arguments import add_library
from ansa.cli.output import count, print_json
from ansa.names import printable

HELP = "Undo the last mark or correction."
EXAMPLE = """\
example:
  ansa tag --search "dog" --not dog
  ansa undo"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Undoes the last change. Returns 0, also if there is nothing to undo."""
    from ansa.library import Library

    with Library(args.folder, database=args.library) as library:
        done = library.undo_last_change()
    if args.json:
        print_json(done.to_dict() if done else {"undone": None, "photos": []})
    elif done is None:
        print("there is nothing to undo")
    else:
        for path in done.photos:
            print(printable(str(path)))
        print(f"undone: {printable(done.what)}; {count(len(done.photos), 'photo')}")
    return 0
