"""Remove a folder from the library: an indexed folder, or one inside it.

The photos are not touched. The library deletes its signals of photos that are in no other
indexed folder; indexing the folder again restores them. Favourites, hidden photos, custom tags
and dismissed memories are kept. On a terminal the command asks for confirmation. Without a
FOLDER it lists the indexed folders."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, TextIO

from ansa.cli.arguments import add_library_file, folder
from ansa.cli.extras import add_bundle
from ansa.cli.output import count, print_json
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library import Library
    from ansa.library.indexing.forget import ForgetResult

HELP = "Remove a folder from the library, but no photo from the disk."
EXAMPLE = """\
example:
  ansa forget                              # lists the indexed folders
  ansa forget ~/Pictures/old --dry-run     # what would be forgotten
  ansa forget ~/Pictures/old
  ansa forget /media/usb --yes             # without asking"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", type=folder, help="The folder to remove."
    )
    parser.add_argument("--yes", action="store_true", help="Do not ask for confirmation.")
    parser.add_argument(
        "--dry-run", action="store_true", help="Only say what would be removed from the library."
    )
    add_library_file(parser)
    add_bundle(parser)  # accepted like everywhere, though it makes no difference


def run(args: argparse.Namespace) -> int:
    """Removes the folder or lists folders. Returns 1 if the user declined, else 0."""
    from ansa.library import Library

    with Library(database=args.library) as library:
        if args.folder is None:
            return _list(library, args.json)
        ask = not (args.yes or args.dry_run) and sys.stdin.isatty() and sys.stderr.isatty()
        if ask:
            _say(library.forget(args.folder, dry_run=True), sys.stderr)
            print("forget it? [y/N] ", end="", file=sys.stderr, flush=True)
            if sys.stdin.readline().strip().lower() not in ("y", "yes"):
                print("nothing was forgotten", file=sys.stderr)
                return 1
        done = library.forget(args.folder, dry_run=args.dry_run)
    if args.json:
        print_json(done.to_dict())
    else:
        _say(done, sys.stdout)
    return 0


def _say(what: ForgetResult, where: TextIO) -> None:
    lost, elsewhere = count(what.lost, "photo"), count(what.elsewhere, "photo")
    verb = "forgotten" if what.done else "would be forgotten"
    lines = [f"{printable(str(what.folder))}: {count(what.files, 'file')} {verb}"]
    if what.lost:
        lines.append(f"  {lost} in no other folder of the library: their signals are deleted")
    if what.told:
        lines.append(f"  your marks and labels of {what.told:,} of them are kept")
    if what.elsewhere:
        lines.append(f"  {elsewhere} in other folders, too: they stay in the library")
    if what.again:
        lines.append(f"  what is in it comes back with `ansa index {printable(str(what.again))}`")
    print("\n".join(lines), file=where)


def _list(library: Library, as_json: bool) -> int:
    from ansa.library.indexing.forget import known_folders

    known = known_folders(library)
    if as_json:
        print_json({"folders": [each.to_dict() for each in known]})
        return 0
    for each in known:
        away = "" if each.there else ", not there now"
        print(f"{printable(str(each.folder))}  {count(each.photos, 'photo')}{away}")
    print(count(len(known), "folder"))
    return 0
