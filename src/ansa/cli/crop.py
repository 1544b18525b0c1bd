"""Crop a photo to a shape so that its subject stays in the picture.

The crop is a new file, and the photo is not changed. The crop keeps the colour profile but no other
metadata: no place, no time, no camera."""

from __future__ import annotations

import argparse
import math
import re
from pathlib import Path

from ansa.cli.extras import add_bundle
from ansa.cli.output import print_json
from ansa.names import printable

HELP = "Crop a photo around its subject."
EXAMPLE = """\
example:
  ansa crop holiday/IMG_0042.jpg --aspect 1:1 --out square.jpg
  ansa crop holiday/IMG_0042.jpg --aspect 16:9 --out wide.png"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument("photo", metavar="PHOTO", type=Path, help="The photo to crop.")
    parser.add_argument(
        "--aspect",
        metavar="W:H",
        type=_aspect,
        required=True,
        help="The width and height of the shape, such as 1:1, 4:5 or 16:9.",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=_out,
        required=True,
        help="The file to create: .jpg, .png or .webp.",
    )
    add_bundle(parser)


def run(args: argparse.Namespace) -> int:
    """Crops the photo. Returns 0; an error if it cannot be opened or the output exists gives 1."""
    import numpy as np

    from ansa.library.wallpapers.crop_file import write_crop
    from ansa.model.analyzer import Analyzer
    from ansa.render.crop import best_crop
    from ansa.render.heads import heads_of

    scene = Analyzer(args.bundle).analyze(args.photo)
    saliency = scene.saliency
    around = "subject" if saliency is not None else "centre"
    if saliency is None:  # the bundle has no saliency head
        saliency = np.zeros((1, 1), np.float32)
    heads = heads_of(scene.objects or ())
    box = best_crop(saliency, args.aspect, scene.facts.width, scene.facts.height, heads)
    width, height = write_crop(args.photo, box, args.out)
    if args.json:
        told = {"path": str(args.photo), "out": str(args.out), "width": width, "height": height}
        print_json(told | {"box": [round(x, 4) for x in box], "around": around})
        return 0
    print(f"{printable(str(args.out))}: {width} x {height} pixels around its {around}")
    print("1 photo cropped")
    return 0


def _aspect(text: str) -> float:
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)(?:[:/x](\d+(?:\.\d+)?))?", text)
    try:
        aspect = float(parts[1]) / float(parts[2] or 1) if parts else math.nan
    except ZeroDivisionError:
        aspect = math.nan
    if not 0.01 <= aspect <= 100:
        raise argparse.ArgumentTypeError(f"{text!a} is not a shape such as 1:1 or 16:9")
    return aspect


def _out(text: str) -> Path:
    from ansa.library.wallpapers.crop_file import SUFFIXES

    out = Path(text).expanduser()
    if out.suffix.lower() not in SUFFIXES:
        raise argparse.ArgumentTypeError(f"{text!a} does not end in {', '.join(SUFFIXES)}")
    return out
