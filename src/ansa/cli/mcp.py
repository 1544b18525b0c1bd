"""Let an assistant on this machine search your photos, by the Model Context Protocol (MCP).

The assistant starts this command itself and speaks with it over pipes. It can search, and ask for
descriptions, memories and duplicates. It can change nothing, and it hears of no photo outside of
the FOLDERs. Without FOLDER, it hears of all indexed ones. Photos themselves are not handed out, but
what the assistant does with names, dates and places is up to it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library_file, folder
from ansa.cli.extras import add_bundle, needs_extra

if TYPE_CHECKING:
    from ansa.programs.mcp_server import LibraryReader

HELP = "Let an assistant search your photos (MCP, over pipes)."
EXAMPLE = """\
example, in the settings of an assistant:
  {"mcpServers": {"ansa": {"command": "ansa", "args": ["mcp", "/home/ada/Pictures"]}}}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "folders",
        metavar="FOLDER",
        nargs="*",
        type=folder,
        help="Name only photos in this folder. It or one above it must have been indexed.",
    )
    add_library_file(parser)
    add_bundle(parser)


def run(args: argparse.Namespace) -> int:
    """Serves until the client closes the pipe. Returns 0."""
    with needs_extra("mcp", "mcp"):
        from ansa.programs.mcp_server import LibraryReader, serve

    reader: LibraryReader = LibraryReader(args.folders, args.library, args.bundle)
    try:
        serve(reader)
    finally:
        reader.close()
    return 0
