"""Write the run of a recipe as a bundle, or a bundle anew, for every verb's --bundle.

A bundle that stands in the folder is replaced only by a whole one. Needs ansa[factory]."""

from __future__ import annotations

import argparse
from pathlib import Path

from ansa.bundle import Bundle
from ansa.cli.extras import needs_factory
from ansa.cli.output import print_json
from ansa.names import printable

HELP = "write a trained run, trained heads or a pruned text network as a bundle"
EXAMPLE = """\
example:
  ansa export recipes/pretrain.toml mybundle
  ansa export mybundle mybundle --head runs/heads/utility --head runs/heads/tags
  ansa export mybundle mybundle --text runs/prune
  ansa search "a dog on a beach" --bundle mybundle"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's own arguments."""
    parser.add_argument(
        "source",
        metavar="RECIPE.toml|BUNDLE",
        type=Path,
        help="recipe of a run that has begun, or a bundle to write anew",
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="of the bundle")
    parser.add_argument(
        "--head",
        metavar="RUN",
        type=Path,
        action="append",
        default=[],
        dest="heads",
        help="folder of a trained head to put onto it, in place of the one it has; again for more",
    )
    parser.add_argument(
        "--text",
        metavar="RUN",
        type=Path,
        help="folder of the bundle's text network, pruned, to take its place",
    )


def run(args: argparse.Namespace) -> int:
    """Exports; 1 if there is nothing to, and why is said."""
    with needs_factory("export"):
        from ansa.factory.export.bundle import export_run, put_heads, put_text

    if args.source.is_dir() and not (args.heads or args.text):
        args.usage_error("a BUNDLE is written anew with something: say what by --head or --text")
    if args.source.is_dir():
        bundle = Bundle.open(args.source)
    else:
        bundle = export_run(args.source, args.folder)
    if args.heads:
        bundle = put_heads(bundle, args.heads, args.folder)
    if args.text:
        bundle = put_text(bundle, args.text, args.folder)
    size = sum(entry.bytes for entry in bundle.manifest.files.values())
    if args.json:
        print_json({"folder": str(bundle.path), "id": bundle.id, "bytes": size})
    else:
        print(f"{printable(str(bundle.path))}: {size / 1e6:.1f} MB, id {bundle.id[:12]}")
    return 0
