"""Find photos in the search of the GNOME desktop, which asks over the session bus.

--install writes three files into your own data folder: a launcher, a D-Bus service and a search
provider. GNOME looks for search providers in folders of the system only, so the command also tells
how the administrator puts the last one there. After the next login, GNOME starts this command
whenever it needs it, so that you need not run it yourself."""

from __future__ import annotations

import argparse
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library
from ansa.cli.extras import needs_extra
from ansa.cli.output import print_json
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.programs.desktop_files import DesktopFiles

HELP = "Find photos in the search of the GNOME desktop."
EXAMPLE = """\
example:
  ansa desktop --install
  ansa desktop --uninstall"""

_IDLE_SECONDS = 15 * 60.0  # after which the bus has to start it again


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--install", action="store_true", help="Write the files that make the desktop know ANSA."
    )
    what.add_argument("--uninstall", action="store_true", help="Remove what --install has written.")
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Serves the desktop's search, or writes or removes its files. Returns 0."""
    if args.uninstall:
        from ansa.programs.desktop_files import uninstall

        return _say(args, "removed", uninstall())
    if args.install:
        from ansa.programs.desktop_files import install

        words = _words(args, "--folder")
        return _say(args, "written", install(["desktop", *words], ["app", *_words(args)]))
    return _serve(args)


def _words(args: argparse.Namespace, folder: str | None = None) -> list[str]:
    """The options of this run as words with full paths; the app's folder has no option."""
    words = []
    for option, value in (
        (folder, args.folder),
        ("--library", args.library),
        ("--bundle", args.bundle),
    ):
        if value:
            full = str(Path(value).expanduser().absolute())
            words += [option, full] if option else [full]
    return words


def _say(args: argparse.Namespace, done: str, files: DesktopFiles) -> int:
    if args.json:
        print_json({done: [str(file) for file in files.files], "now": files.now})
        return 0
    for file in files.files:
        print(f"{done} {printable(str(file))}")
    if files.now:
        print(f"GNOME also needs this, from an administrator: {printable(files.now)}")
    if not args.uninstall:
        print("log out and in again, then search for a photo by what it shows")
    return 0


def _serve(args: argparse.Namespace) -> int:
    with needs_extra("desktop", "desktop"):
        from ansa.programs.desktop_bus import SearchProvider
    from ansa.library import Library
    from ansa.library.thumbnails.cache import ThumbnailCache, path_of
    from ansa.model.analyzer import Analyzer
    from ansa.programs.desktop_search import DesktopSearch
    from ansa.programs.opener import Opener

    analyzer = Analyzer(args.bundle)
    with Library(args.folder, database=args.library, analyzer=analyzer, read_only=True) as library:
        known = path_of(library.store.path).is_file()
        pictures = ThumbnailCache(library.store.path) if known else None
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all is closed
        opener = Opener(["app", *_words(args)])
        search = DesktopSearch(library, pictures)
        provider = SearchProvider(search, opener.open_file, opener.open_app)
        try:
            with suppress(KeyboardInterrupt):
                search.warm_up()
                while provider.run(_IDLE_SECONDS) and opener.runs_app():
                    pass  # or its page in the browser would lose it
        finally:
            provider.close()
            opener.close()
            if pictures:
                pictures.close()
    return 0
