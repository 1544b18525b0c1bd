"""Analyze photos and print every signal: tags, objects, quality and more.

The photos need not be indexed, and nothing is stored."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansa.cli.extras import add_bundle
from ansa.cli.output import count, print_json, print_problem, problems_json, status, with_progress
from ansa.names import printable
from ansa.outputs import check_free, writing

if TYPE_CHECKING:
    from ansa.model.analyzer import Analyzer
    from ansa.scene import Facts, Scene
    from ansa.summary import Line
    from ansa.taxonomy.closest_words import ClosestWord

HELP = "Print what one or more photos show."
EXAMPLE = """\
example:
  ansa analyze holiday/IMG_0042.jpg
  ansa analyze holiday/IMG_0042.jpg --draw seen.png
  ansa analyze *.jpg --json | jq '.photos[].words[0].word'

A question mark marks an uncertain result. Signals that the bundle does not provide are listed as
missing, with the reason."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument("photos", metavar="PHOTO", nargs="+", help="The files to analyze.")
    parser.add_argument(
        "--draw",
        metavar="OUT.png",
        type=Path,
        help="Also draw the photo with its signals into a new PNG file. This takes one PHOTO.",
    )
    add_bundle(parser)


def run(args: argparse.Namespace) -> int:
    """Analyzes each photo. Returns 1 if a photo could not be opened, else 0."""
    if args.draw:
        _check_drawing(args)
    from ansa.model.analyzer import Analyzer
    from ansa.photo.read import PhotoError

    analyzer = Analyzer(args.bundle)
    namer = _Namer(analyzer)
    photos: list[dict[str, Any]] = []
    failed: list[PhotoError] = []
    for path in with_progress(args.photos, "analyzing"):
        try:
            scene = analyzer.analyze(path)
        except PhotoError as error:
            failed.append(error)
            print_problem(str(error))
            continue
        words = namer.words(scene)
        photos.append(_document(path, scene, words))
        lines = _lines(scene, words)
        if args.draw:
            _draw(path, scene, lines, args.draw)
        if not args.json:
            print(printable(path), f"  file: {describe(scene.facts)}", sep="\n")
            print(*(f"  {line}" for line in lines), sep="\n")
    counts = {"done": len(photos), "failed": len(failed)}
    if args.json:
        # Scripts may still read the key of older versions.
        old = [{"path": e.file, "reason": e.reason, "remedy": e.remedy} for e in failed]
        print_json({"photos": photos, "failed": old, "counts": counts} | problems_json(failed))
    else:
        print(f"{count(len(photos), 'photo')} done, {len(failed)} failed")
    return status(len(failed))


class _Namer:
    """Finds the everyday words whose embeddings are closest to a scene's. Embeds the words once."""

    def __init__(self, analyzer: Analyzer) -> None:
        from ansa.taxonomy.everyday import everyday_prompts, everyday_words

        self._words = everyday_words()
        self._vectors = analyzer.embed_text(everyday_prompts())

    def words(self, scene: Scene) -> list[ClosestWord]:
        from ansa.taxonomy.closest_words import closest_words

        return closest_words(scene.embedding, self._words, self._vectors)


def _document(path: str, scene: Scene, words: list[ClosestWord]) -> dict[str, Any]:
    """All signals of a photo, ready for JSON, and its best crops if there is a saliency map."""
    from ansa.render.crop import ASPECTS, best_crop
    from ansa.render.heads import heads_of

    document = {"path": path, **scene.to_dict()}
    document["words"] = [{"word": each.word, "score": round(each.score, 4)} for each in words]
    if scene.saliency is not None:
        size = scene.facts.width, scene.facts.height
        heads = heads_of(scene.objects or ())
        boxes = {
            name: best_crop(scene.saliency, aspect, *size, heads)
            for name, aspect in ASPECTS.items()
        }
        document["crops"] = {name: [round(x, 4) for x in box] for name, box in boxes.items()}
    return document


def _lines(scene: Scene, words: list[ClosestWord]) -> list[Line]:
    """The lines of text that describe the signals, one line each."""
    from ansa.summary import MISSING, Line, SummaryItem, summary

    start = " ".join(f"{x:+.3f}" for x in scene.embedding[:4])
    closest = tuple(SummaryItem(f"{word.word} {word.score:.2f}") for word in words)
    embedding = SummaryItem(f"{start} ... ({len(scene.embedding)} numbers, unit length)")
    lines = [*summary(scene), Line("closest", closest), Line("embedding", (embedding,))]
    return sorted(lines, key=lambda line: line.label == MISSING)  # missing signals come last


def _check_drawing(args: argparse.Namespace) -> None:
    if len(args.photos) != 1:
        args.usage_error("--draw draws one PHOTO")
    if args.draw.suffix.lower() != ".png":
        args.usage_error("--draw writes a PNG; give it a name that ends in .png")
    args.draw = args.draw.expanduser()
    try:
        check_free(args.draw)
    except FileExistsError as error:
        args.usage_error(f"--draw makes a new file; {error}")


def _draw(path: str, scene: Scene, lines: list[Line], out: Path) -> None:
    from ansa.photo.read import read_srgb
    from ansa.render.overlay import MAX_SIDE, draw_scene

    pixels = read_srgb(path, min_side=MAX_SIDE)
    with writing(out) as file:
        draw_scene(pixels, scene, lines).save(file, "PNG")


def describe(facts: Facts) -> str:
    """The facts in one line of text, such as ``JPEG, 4000 x 3000, 2024-05-02 12:30:05, Canon``."""
    parts = [facts.format or "pixels", f"{facts.width} x {facts.height}"]
    if facts.taken_text:
        parts.append(facts.taken_text.replace("T", " ") + _by(facts.taken_source))
    if facts.latitude is not None and facts.longitude is not None:
        parts.append(f"{facts.latitude:.4f} {facts.longitude:.4f}{_by(facts.place_source)}")
    if facts.camera:
        parts.append(printable(facts.camera))
    return ", ".join(parts)


def _by(source: str | None) -> str:
    """The source of a fact in brackets; nothing if the source is EXIF or unknown."""
    return "" if source in (None, "exif") else f" ({source})"
