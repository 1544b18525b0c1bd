"""Suggest three to five edits of a photo: light, contrast, warmth, black and white, level, crop.

Faults come first: a photo that is too dark, flat, tinted or tilted. Other ways to show it follow.
--report writes a page with all of them side by side. The photo is never changed: --apply writes an
edit to a new file, or with --xmp as develop settings into an XMP file beside the photo, for
programs that read Adobe's names."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansa.cli.arguments import page, positive
from ansa.cli.extras import add_bundle
from ansa.cli.output import count, print_json
from ansa.names import printable
from ansa.outputs import write_page

if TYPE_CHECKING:
    from ansa.render.styles import Style
    from ansa.scene import Scene

HELP = "Suggest edits of a photo, and write one of them."
EXAMPLE = """\
example:
  ansa styles holiday/IMG_0042.jpg
  ansa styles holiday/IMG_0042.jpg --report styles.html
  ansa styles holiday/IMG_0042.jpg --apply 1 --out brighter.jpg
  ansa styles holiday/IMG_0042.jpg --apply 1 --xmp
  ansa styles holiday/IMG_0042.jpg --remove-xmp"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument("photo", metavar="PHOTO", type=Path, help="The photo.")
    parser.add_argument(
        "--report",
        metavar="FILE.html",
        type=page,
        help="Also write a page that shows the photo and all suggestions side by side.",
    )
    parser.add_argument(
        "--apply",
        metavar="N",
        type=positive,
        help="Write suggestion N, 1 being the first; needs --out or --xmp.",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=_out,
        help="The file to create: .jpg, .png or .webp. It has the photo's size and no metadata.",
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="Replace the file of --out if it exists, unless it is the photo.",
    )
    parser.add_argument(
        "--xmp",
        action="store_true",
        help="Write the develop settings into PHOTO.EXT.xmp, unless another program has written a"
        " sidecar of the photo.",
    )
    parser.add_argument(
        "--remove-xmp",
        action="store_true",
        help="Only remove the develop settings that --xmp wrote.",
    )
    add_bundle(parser)


def run(args: argparse.Namespace) -> int:
    """Suggests edits and writes one if asked to. Returns 0; an error gives 1."""
    _check(args)
    from ansa.library.exports.develop_sidecar import remove_develop_settings, write_develop_sidecar
    from ansa.library.exports.edited_file import write_edited
    from ansa.model.analyzer import Analyzer
    from ansa.photo.read import UnsupportedPhoto
    from ansa.render.styles import suggest_styles

    photo = args.photo.expanduser()
    if args.remove_xmp:
        return _removed(args, remove_develop_settings(photo))
    scene = Analyzer(args.bundle).analyze(photo)
    if scene.facts.seconds is not None:
        raise UnsupportedPhoto(str(photo), "it is a film", "name a photo")
    styles = suggest_styles(photo, scene)
    if args.apply and args.apply > len(styles):
        args.usage_error(f"--apply {args.apply}: there are {len(styles)} suggestions")
    if args.report:
        write_page(args.report, _page(photo, scene, styles))
    wrote: dict[str, Any] = {"out": None, "xmp": None}
    if args.apply:
        edit = styles[args.apply - 1].edit
        if args.out:
            size = write_edited(photo, edit, args.out, replace=args.replace)
            wrote |= {"out": str(args.out), "width": size[0], "height": size[1]}
        if args.xmp:
            wrote["xmp"] = str(write_develop_sidecar(photo, edit, scene.facts))
    if args.json:
        told = [style.to_dict() for style in styles]
        print_json({"path": str(photo), "styles": told, "applied": args.apply} | wrote)
        return 0
    for number, style in enumerate(styles, start=1):
        print(f"{number}  {style.name}: {style.reason}")
    for name in ("out", "xmp"):
        if wrote[name]:
            print(f"-> {printable(wrote[name])}")
    if wrote["xmp"] and scene.facts.format == "RAW" and styles[args.apply - 1].edit.warmth:
        print("the warmth is not written: a RAW photo has a white balance of its own")
    print(f"{count(len(styles), 'suggestion')} for {printable(str(photo))}")
    return 0


def _check(args: argparse.Namespace) -> None:
    if args.remove_xmp and (args.apply or args.out or args.xmp or args.report):
        args.usage_error("--remove-xmp removes settings and does nothing else")
    if args.apply and not (args.out or args.xmp):
        args.usage_error("--apply needs --out FILE, for a new file, or --xmp, for a sidecar")
    if (args.out or args.xmp) and not args.apply:
        args.usage_error("say which suggestion to write: --apply N")
    if args.replace and not args.out:
        args.usage_error("--replace is for the file of --out")


def _removed(args: argparse.Namespace, sidecar: Path | None) -> int:
    if args.json:
        print_json({"path": str(args.photo), "removed_from": str(sidecar) if sidecar else None})
    elif sidecar:
        print(f"develop settings removed from {printable(str(sidecar))}")
    else:
        print("there are no develop settings of ANSA")
    return 0


def _page(photo: Path, scene: Scene, styles: tuple[Style, ...]) -> str:
    import numpy as np
    from PIL import Image

    from ansa.render.contact_sheet import Draw, Row, contact_sheet
    from ansa.render.styles import apply_edit

    def drawing(style: Style) -> Draw:
        return lambda path, picture: Image.fromarray(apply_edit(np.asarray(picture), style.edit))

    named = [f"{number} {style.name}" for number, style in enumerate(styles, start=1)]
    photos: list[tuple[Path, float | str]] = [(photo, "as it is")]
    photos += [(photo, name) for name in named]
    reasons = (f"{name}: {each.reason}" for name, each in zip(named, styles, strict=True))
    row = Row(
        photo.name,
        photos,
        "; ".join(reasons) + ".",
        {photo: scene.description or photo.name},
        draws=[None, *map(drawing, styles)],
    )
    return contact_sheet([row], title="Suggested edits")


def _out(text: str) -> Path:
    from ansa.library.wallpapers.crop_file import SUFFIXES

    out = Path(text).expanduser()
    if out.suffix.lower() not in SUFFIXES:
        raise argparse.ArgumentTypeError(f"{text!a} does not end in {', '.join(SUFFIXES)}")
    return out
