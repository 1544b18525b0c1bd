"""Choose large, good photos for a screen and crop them so that the subject stays whole.

With --clock, the part of the picture behind the clock is calm. Photos are not changed: --out writes
the crops as new files, and --report writes a page that shows them. Only indexed photos are
considered."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library, page, positive
from ansa.cli.output import (
    add_strict,
    count,
    print_json,
    print_problem,
    problems_json,
    status,
)
from ansa.names import fitting, printable
from ansa.outputs import write_page

if TYPE_CHECKING:
    from PIL import Image

    from ansa.library import LibraryError
    from ansa.library.wallpapers.wallpapers import Wallpapers
    from ansa.photo.read import PhotoError

HELP = "Choose and crop photos for a screen."
EXAMPLE = """\
example:
  ansa wallpapers --screen 2560x1440
  ansa wallpapers --screen 1170x2532 --clock top --out ~/wallpapers
  ansa wallpapers --screen 2560x1440 --clock bottom-left --report wallpapers.html"""

_CLOCKS = (
    *("top", "bottom", "left", "right", "centre"),
    *("top-left", "top-right", "bottom-left", "bottom-right"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "--screen", metavar="WxH", type=_screen, required=True, help="Its size in pixels."
    )
    parser.add_argument("--clock", choices=_CLOCKS, help="Where the clock is on the screen.")
    parser.add_argument(
        "--count",
        metavar="N",
        type=positive,
        default=20,
        help="Choose at most N photos (default: 20).",
    )
    parser.add_argument(
        "--out", metavar="FOLDER", type=Path, help="Write the cropped photos into this folder."
    )
    parser.add_argument(
        "--report", metavar="FILE.html", type=page, help="Also write a page that shows the crops."
    )
    add_strict(parser)
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Chooses wallpapers. Returns 1 if one could not be written, else 0."""
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    with Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library:
        found = library.wallpapers(args.screen, clock=args.clock, count=args.count)
        if args.report:
            said = library.descriptions(photo.path for photo in found.photos)
            write_page(args.report, _page(found, said))
    written, unread, unwritten = _write(found, args.out) if args.out else ([], [], [])
    ended = status(len(unwritten), unread=len(unread), done=len(written), strict=args.strict)
    if args.json:
        told = {"written": [str(file) for file in written]}
        print_json(found.to_dict() | told | problems_json([*unread, *unwritten]))
        return ended
    if found.message:
        print(printable(found.message))
    for photo in found.photos:
        print(f"{photo.score:.2f}  {printable(str(photo.path))}")
        print(f"      {'; '.join(photo.reasons)}")
    for file in written:
        print(f"-> {printable(str(file))}")
    out_of = "".join(f", {number:,} {why}" for why, number in sorted(found.left_out.items()))
    failed = len(unread) + len(unwritten)
    wrote = f"; {len(written):,} written, {failed:,} failed" if args.out else ""
    print(f"{count(len(found.photos), 'wallpaper')} of {found.among:,} photos{out_of}{wrote}")
    return ended


def _write(
    found: Wallpapers, folder: Path
) -> tuple[list[Path], list[PhotoError], list[LibraryError]]:
    """Writes the crops. Returns the written files, the unreadable photos and the failed writes."""
    from ansa.library import LibraryError
    from ansa.library.wallpapers.crop_file import write_crop
    from ansa.photo.read import PhotoError

    folder = folder.expanduser()
    if found.photos:
        folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    unread: list[PhotoError] = []
    unwritten: list[LibraryError] = []
    for number, photo in enumerate(found.photos, start=1):
        out = folder / fitting(f"{number:02} {photo.path.stem}", ".jpg")
        try:
            write_crop(photo.path, photo.crop, out, found.screen)
            written.append(out)
        except PhotoError as error:
            unread.append(error)
        except LibraryError as error:
            unwritten.append(error)
    for problem in (*unread, *unwritten):
        print_problem(str(problem))
    return written, unread, unwritten


def _page(found: Wallpapers, said: Mapping[Path, str]) -> str:
    from ansa.library.wallpapers.framing import CLOCKS
    from ansa.render.contact_sheet import Row, contact_sheet
    from ansa.render.overlay.crop_frame import with_crop

    by_path = {photo.path: photo for photo in found.photos}
    clock = CLOCKS[found.clock] if found.clock else None

    def draw(path: Path, picture: Image.Image) -> Image.Image:
        return with_crop(picture, by_path[path].crop, clock, by_path[path].text)

    photos = [(photo.path, photo.score) for photo in found.photos]
    title = f"Wallpapers for {found.screen[0]} x {found.screen[1]} pixels"
    return contact_sheet([Row("Best first", photos, found.message, said)], title=title, draw=draw)


def _screen(text: str) -> tuple[int, int]:
    parts = re.fullmatch(r"(\d{2,5})x(\d{2,5})", text, re.ASCII | re.IGNORECASE)
    if not parts or min(width := int(parts[1]), height := int(parts[2])) < 16:
        raise argparse.ArgumentTypeError(f"{text!a} is not a screen such as 2560x1440")
    return width, height
