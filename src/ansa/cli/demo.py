"""Index a folder, run a few searches, and write a page with their results to open in a browser.

Without a FOLDER it uses the sample photos of scikit-image and scikit-learn, which
pip install 'ansa[demo]' installs."""

from __future__ import annotations

import argparse
import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from ansa.cli.extras import add_bundle
from ansa.cli.index import index_folder, index_status, summary
from ansa.cli.output import add_strict, print_json, print_problem
from ansa.names import printable
from ansa.outputs import check_free, write_page

HELP = "Index a folder, search it, and write a page with the results."
EXAMPLE = """\
example:
  ansa demo
  ansa demo ~/Pictures --out results"""

# Most libraries have no match for the last search of each list, to show what ANSA says then.
_SEARCHES = (
    "a cat",
    "an astronaut",
    "a cup of coffee",
    "a rocket launch",
    "a motorcycle",
    "a pink flower",
    "a Chinese temple",
    "a page of text",
    "penguins on the ice",
)
_OWN_SEARCHES = (
    "people smiling",
    "a dog",
    "food on a table",
    "a beach",
    "mountains",
    "a birthday party",
    "a city at night",
    "a receipt",
    "a camel in the desert",
)
_CARRIERS = {"skimage": "data", "sklearn": "datasets/images"}
_PHOTOS = {".jpg", ".png"}
_DRAWINGS = {"chessboard_GRAY.png", "chessboard_RGB.png", "color.png", "logo.png", "phantom.png"}
_SHOWN = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument("folder", metavar="FOLDER", nargs="?", help="A folder of your own photos.")
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        type=Path,
        default=Path("build"),
        help="The folder for the page (default: build).",
    )
    parser.add_argument(
        "--library",
        metavar="FILE",
        help="Keep the library in this file instead of the user's data directory.",
    )
    add_strict(parser)
    add_bundle(parser)


def run(args: argparse.Namespace) -> int:
    """Runs the demo. Returns the exit status of ``ansa index``, or 1 without sample photos."""
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer
    from ansa.render.contact_sheet import Row, contact_sheet

    args.out = args.out.expanduser()
    args.out.mkdir(parents=True, exist_ok=True)
    page = args.out / "contact-sheet.html"
    check_free(page, or_ours=True)
    folder, database, searches = args.folder, args.library, _OWN_SEARCHES
    if folder is None:
        folder, database = str(args.out / "demo-photos"), database or str(args.out / "demo.sqlite")
        searches = _SEARCHES
        if not gather(Path(folder)):
            print_problem("no demo photos are installed; pip install 'ansa[demo]'")
            return 1
    report = index_folder(folder, database, args.bundle)
    with Library(folder, database=database, analyzer=Analyzer(args.bundle)) as library:
        results = {text: library.search(text, limit=_SHOWN) for text in searches}
        said = library.descriptions({m.path for each in results.values() for m in each.matches})
    rows = [
        Row(text, [(match.path, match.score) for match in result.matches], result.message, said)
        for text, result in results.items()
    ]
    write_page(page, contact_sheet(rows, title=f"Searches in {Path(folder).name}"))
    if args.json:
        print_json(
            {
                "index": report.to_dict(),
                "searches": {text: result.to_dict() for text, result in results.items()},
                "page": str(page),
            }
        )
        return index_status(report, strict=args.strict)
    print(f"{printable(folder)}: {summary(report)}")
    for text, result in results.items():
        print(f'\nansa search "{text}"')
        if result.message:
            print(f"  {printable(result.message)}")
        for match in result.matches:
            print(f"  {match.score:6.3f}  {printable(match.path.name)}")
    print(f"\nSee the results: open {printable(str(page))} in a browser.")
    own = f" --library {printable(str(database))}" if database else ""
    print(f"See all the photos, and search them as you type: ansa app {printable(folder)}{own}")
    return index_status(report, strict=args.strict)


def gather(folder: Path) -> int:
    """Copies the sample photos of installed packages into ``folder``; returns how many it holds."""
    folder.mkdir(exist_ok=True)
    for package, inside in _CARRIERS.items():
        spec = find_spec(package)  # tells where it is without the seconds its import takes
        for location in (spec and spec.submodule_search_locations) or []:
            for photo in sorted(Path(location, inside).iterdir()):
                copy = folder / photo.name
                if (
                    photo.suffix in _PHOTOS
                    and photo.name not in _DRAWINGS
                    and not os.path.lexists(copy)
                ):
                    shutil.copyfile(photo, copy)
    return sum(1 for _ in folder.iterdir())
