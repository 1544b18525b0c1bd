"""Write the run of a recipe as a bundle, which every verb takes with --bundle.

A bundle that stands in the folder is replaced only by a whole one. Needs ansa[factory]."""

from __future__ import annotations

import argparse
from pathlib import Path

from ansa.cli.extras import needs_factory
from ansa.cli.output import print_json
from ansa.names import printable

HELP = "write a trained run as a bundle"
EXAMPLE = """\
example:
  ansa export recipes/pretrain.toml mybundle
  ansa search "a dog on a beach" --bundle mybundle"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's own arguments."""
    parser.add_argument("recipe", metavar="RECIPE.toml", type=Path, help="of a run that has begun")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="of the bundle")


def run(args: argparse.Namespace) -> int:
    """Exports; 1 if there is nothing to, and why is said."""
    with needs_factory("export"):
        from ansa.factory.export.bundle import export_run

    bundle = export_run(args.recipe, args.folder)
    size = sum(entry.bytes for entry in bundle.manifest.files.values())
    if args.json:
        print_json({"folder": str(bundle.path), "id": bundle.id, "bytes": size})
    else:
        print(f"{printable(str(bundle.path))}: {size / 1e6:.1f} MB, id {bundle.id[:12]}")
    return 0
