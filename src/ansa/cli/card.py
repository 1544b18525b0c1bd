"""Write the model card of a bundle, or the data card of shards, from what is known of them.

Only the parts of the page that are marked as generated are made anew; every other paragraph is kept
as a person wrote it. A page that does not exist is made with all headings. The command needs
ansa[train]."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ansa.atomic_write import write_atomically
from ansa.cli.extras import add_bundle, needs_training
from ansa.cli.output import print_json
from ansa.names import printable

HELP = "Write the model card of a bundle, or the data card of shards."
EXAMPLE = """\
example:
  ansa card model-card.md --bundle mybundle --slices results/slices.json
  ansa card data-card.md --data shards --data reviewed"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument("page", metavar="PAGE.md", type=Path, help="The card.")
    parser.add_argument(
        "--slices",
        metavar="FILE.json",
        type=Path,
        help="What `ansa evaluate --slices --out` measured of the bundle.",
    )
    parser.add_argument(
        "--data",
        metavar="FOLDER",
        type=Path,
        action="append",
        default=[],
        help="Write a data card of these shards instead. Repeat the option for several folders.",
    )
    add_bundle(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the card. Returns 0; an error that names the reason gives 1."""
    with needs_training("card"):
        from ansa_train.cards import data_card, model_card
        from ansa_train.cards.generated_parts import part, renew
    from ansa.model.bundle import Bundle

    if args.page.suffix.lower() != ".md":
        args.usage_error(f"{str(args.page)!a} is not the name of a page; it must end in .md")
    if args.data and (args.slices or args.bundle):
        args.usage_error("--data makes a data card; leave --slices and --bundle out")
    if args.data:
        parts, template = data_card.data_parts(args.data), data_card.TEMPLATE
        name = ", ".join(folder.resolve().name for folder in args.data)
    else:
        bundle = Bundle.open(args.bundle)
        slices = _slices(args.slices) if args.slices else None
        parts, template = model_card.model_parts(bundle, slices), model_card.TEMPLATE
        name = bundle.manifest.name
    if args.page.exists():
        text = renew(args.page.read_text("utf-8"), parts, str(args.page))
    else:
        made = {key: part(key, value) for key, value in parts.items()}
        text = template.format(name=printable(name), **made)
    args.page.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(args.page, text)
    if args.json:
        print_json({"page": str(args.page), "parts": sorted(parts)})
    else:
        print(f"{printable(str(args.page))}: {len(parts)} parts made")
    return 0


def _slices(file: Path) -> dict[str, Any]:
    from ansa_train.errors import TrainingError

    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TrainingError(
            f"{file}: not readable as JSON ({error}); make it with `ansa evaluate --slices --out`"
        ) from error
    if not isinstance(found, dict):
        raise TrainingError(f"{file}: no slices; make them with `ansa evaluate --slices --out`")
    return found
