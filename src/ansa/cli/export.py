"""Write the result of a training run as a bundle, or write a bundle again with other networks.

Every command accepts the result as its --bundle. A bundle that is in FOLDER is replaced only after
the new one was opened and tested. A folder with anything else in it is refused.

The new bundle is compared with its predecessor: the cases of all regression sets are asked of both,
and with --pack all figures are measured. A bundle that is surely worse in any of them is refused,
unless the recipe names the loss and the reason. The command needs ansa[train]."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from ansa.cli.export_gate import add_gate, gated
from ansa.cli.extras import needs_training
from ansa.cli.output import print_json, print_progress
from ansa.model.bundle import Bundle
from ansa.names import printable

HELP = "Write trained or compressed networks as a bundle."
EXAMPLE = """\
example:
  ansa export recipes/pretrain.toml mybundle
  ansa export mybundle mybundle --head runs/heads/utility --head runs/heads/tags
  ansa export mybundle mybundle --heads-of oldbundle
  ansa export mybundle mybundle --text runs/prune
  ansa export mybundle mybundle --image runs/shrink
  ansa export mybundle mybundle --search ~/ansa-data
  ansa export mybundle mybundle --int8 ~/ansa-data
  ansa export mybundle packages --coreml
  ansa export recipe.toml mybundle --predecessor oldbundle --pack shards
  ansa search "a dog on a beach" --bundle mybundle"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "source",
        metavar="RECIPE.toml|BUNDLE",
        type=Path,
        help="The recipe of a training run that has begun, or the folder of a bundle.",
    )
    parser.add_argument(
        "folder", metavar="FOLDER", type=Path, help="The folder for the new bundle."
    )
    parser.add_argument(
        "--head",
        metavar="RUN",
        type=Path,
        action="append",
        default=[],
        dest="heads",
        help="The folder of a trained head, which is added or replaces the head of that name."
        " Repeat the option for several heads.",
    )
    parser.add_argument(
        "--heads-of",
        metavar="BUNDLE",
        type=Path,
        help="Take all heads of another BUNDLE that has the same backbone.",
    )
    parser.add_argument(
        "--text",
        metavar="RUN",
        type=Path,
        help="The folder of a pruned or tuned text network, which replaces the bundle's.",
    )
    parser.add_argument(
        "--image",
        metavar="RUN",
        type=Path,
        help="The folder of an image network with fewer channels, which replaces the bundle's.",
    )
    parser.add_argument(
        "--search",
        metavar="DATA",
        type=Path,
        help="Fit what the scores of searches mean on the dev photos of DATA, a folder of shards.",
    )
    parser.add_argument(
        "--points",
        metavar="P",
        type=float,
        default=0.5,
        help="Refuse a network that loses more than P percentage points on dev photos: of recall@5"
        " for --text, of any head's metric for --image and --int8. A P below 0 accepts any loss"
        " (default: 0.5).",
    )
    parser.add_argument(
        "--coreml",
        action="store_true",
        help="Write the image network of BUNDLE as Core ML packages into FOLDER instead.",
    )
    add_gate(parser)
    int8 = parser.add_argument_group("an additional int8 variant of the image network")
    int8.add_argument(
        "--int8",
        metavar="DATA",
        type=Path,
        help="Add the variant, calibrated and measured on the data that heads are trained on.",
    )
    int8.add_argument(
        "--cache",
        metavar="FOLDER",
        type=Path,
        default=Path("runs/heads/cache"),
        help="The folder of cached teacher outputs, as in recipes of heads (default:"
        " runs/heads/cache).",
    )
    int8.add_argument(
        "--photos",
        metavar="N",
        type=int,
        default=128,
        help="Calibrate on N training photos (default: 128).",
    )
    int8.add_argument(
        "--every",
        metavar="N",
        type=int,
        default=4,
        help="Measure on every N-th dev photo (default: 4).",
    )
    int8.add_argument(
        "--float-first",
        metavar="N",
        type=int,
        default=2,
        help="Keep the first N activations in floating point (default: 2).",
    )


def run(args: argparse.Namespace) -> int:
    """Exports the bundle. Returns 0; an error that names the reason gives 1."""
    if args.coreml:
        return _coreml(args)
    changes = (args.heads, args.heads_of, args.text, args.image, args.search, args.int8)
    if args.source.is_dir() and not any(changes):
        args.usage_error(
            "a BUNDLE is written anew with --head, --heads-of, --text, --image, --search or --int8"
        )
    bundle, verdict = gated(args, _write)
    size = sum(entry.bytes for entry in bundle.manifest.files.values())
    if args.json:
        told = {"folder": str(bundle.path), "id": bundle.id, "bytes": size}
        print_json(told | {"gate": verdict.to_dict() if verdict else None})
    else:
        print(verdict.summary() if verdict else "not compared: there is no --predecessor")
        print(f"{printable(str(bundle.path))}: {size / 1e6:.1f} MB, id {bundle.id[:12]}")
    return 0


def _write(args: argparse.Namespace, folder: Path) -> Bundle:
    """Writes the bundle into a folder."""
    with needs_training("export"):
        from ansa_train.compress.quantize_bundle import QuantizationSettings, put_int8
        from ansa_train.evaluate.search_calibration import calibrate_search
        from ansa_train.export.bundle import (
            export_run,
            put_heads,
            put_image,
            put_search,
            put_text,
        )
        from ansa_train.export.carry_heads import carry_heads

    source: Path = args.source
    bundle = Bundle.open(source) if source.is_dir() else export_run(source, folder)
    if args.heads_of:
        bundle = carry_heads(bundle, Bundle.open(args.heads_of), folder)
    if args.heads:
        bundle = put_heads(bundle, args.heads, folder)
    if args.text:
        bundle = put_text(bundle, args.text, folder, args.points)
    if args.image:
        bundle = put_image(bundle, args.image, folder, args.points)
    if args.search:
        bundle = put_search(bundle, calibrate_search(bundle, args.search), folder)
    if args.int8:
        settings = QuantizationSettings(args.photos, args.points, args.every, args.float_first)
        bundle, _ = put_int8(bundle, args.int8, args.cache, folder, settings, print_progress)
    return bundle


def _coreml(args: argparse.Namespace) -> int:
    from ansa_train.export.coreml import export_coreml

    changes = (args.heads, args.heads_of, args.text, args.image, args.search, args.int8)
    if not args.source.is_dir() or any(changes):
        args.usage_error("--coreml takes a BUNDLE and nothing else")
    made = export_coreml(Bundle.open(args.source), args.folder)
    if args.json:
        print_json(asdict(made))
        return 0
    for package in made.packages:
        print(
            f"{package.name}: {package.megabytes:.1f} MB, weights {package.weight_error:.2%} off, "
            f"{package.zeros:.0%} zeros"
        )
    print("not run: Core ML predicts on macOS only")
    return 0
