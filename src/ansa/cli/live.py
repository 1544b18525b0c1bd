"""Say what the camera sees while you frame: the scene, the kind of picture, and what to mind.

Every frame is analyzed on this machine, as quickly as one core can, and nothing is stored. Signals
are smoothed over time. A film can take the place of the camera. Ctrl-C ends the command."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ansa.cli.arguments import positive
from ansa.cli.extras import add_bundle
from ansa.cli.output import print_json
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.model.stream import LiveScene

HELP = "Say what the camera sees while you frame."
EXAMPLE = """\
example:
  ansa live
  ansa live --camera /dev/video2
  ansa live --film holiday.mp4 --seconds 10"""

_WIDTH = 100
_ADVICE = {
    "document": "a document: hold the camera straight above it",
    "food": "food",
    "night": "night: hold still",
    "backlit": "the light is behind the subject",
    "blurred": "blurred: hold still, or focus",
    "tilted": "tilted",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--camera", metavar="NAME", help="Use this camera instead of the first: /dev/video2."
    )
    what.add_argument("--film", metavar="FILE", help="Use the frames of a film.")
    parser.add_argument(
        "--seconds", metavar="N", type=positive, help="Stop after N seconds of pictures."
    )
    add_bundle(parser)


def run(args: argparse.Namespace) -> int:
    """Shows what is seen until the film ends or Ctrl-C. Returns 0."""
    from ansa.model.analyzer import Analyzer
    from ansa.model.stream import SceneStream
    from ansa.photo.camera import camera_frames, film_frames

    frames = film_frames(args.film) if args.film else camera_frames(args.camera)
    scenes = SceneStream(Analyzer(args.bundle))
    count, hints, before = 0, Counter[str](), ""
    changes: list[dict[str, Any]] = []
    began = time.monotonic()
    with suppress(KeyboardInterrupt):
        for second, pixels in frames:
            if args.seconds and second >= args.seconds:
                break
            seen = scenes.add(pixels, second)
            count += 1
            hints.update(seen.hints)
            line = _line(seen)
            if line != before:
                changes.append(_told(seen))
                if not args.json:
                    _show(line, second)
            before = line
    seconds = time.monotonic() - began
    rate = count / seconds if seconds else 0.0
    if args.json:
        document = {"frames": count, "rate": round(rate, 1), "hints": dict(hints)}
        print_json(document | {"changes": changes})
        return 0
    if sys.stdout.isatty():
        print()
    print(f"{count:,} frames, {rate:.1f} a second")
    return 0


def _line(seen: LiveScene) -> str:
    """What is surely seen, in one line."""
    scene = seen.scene
    parts = [scene.description.rstrip(".")]
    if scene.utility and scene.utility.sure and scene.utility.kind != "photo":
        parts.append(scene.utility.kind)
    advice = [_ADVICE[hint] for hint in seen.hints]
    if "tilted" in seen.hints:
        where = "clockwise" if seen.tilt > 0 else "anticlockwise"
        advice[-1] = f"tilted: turn the camera {abs(seen.tilt):.0f}\N{DEGREE SIGN} {where}"
    return " \N{MIDDLE DOT} ".join([*parts, *advice])


def _told(seen: LiveScene) -> dict[str, Any]:
    return {
        "second": round(seen.second, 3),
        "description": seen.scene.description,
        "hints": list(seen.hints),
        "subject": seen.subject,
        "tilt": round(seen.tilt, 1),
    }


def _show(line: str, second: float) -> None:
    """Shows a line in place of the one before on a terminal, and below it elsewhere."""
    line = printable(line)
    if sys.stdout.isatty():
        print(f"\r{line[:_WIDTH]:{_WIDTH}}", end="", flush=True)
    else:
        print(f"{second:8.2f}  {line}", flush=True)
