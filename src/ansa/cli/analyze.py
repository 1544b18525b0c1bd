"""Say what is in photos, without keeping anything: facts of the file, words, the embedding."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansa.cli.output import count, print_json, print_problem, with_progress
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.analyzer import Analyzer
    from ansa.scene import Facts, Scene
    from ansa.taxonomy.closest import ClosestWord

HELP = "say what is in photos"
EXAMPLE = """\
example:
  ansa analyze holiday/IMG_0042.jpg
  ansa analyze *.jpg --json | jq '.photos[].words[0].word'"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's own arguments."""
    parser.add_argument("photos", metavar="PHOTO", nargs="+")
    parser.add_argument(
        "--draw", metavar="OUT.png", type=Path, help="draw the signals on the photo"
    )


def run(args: argparse.Namespace) -> int:
    """Analyzes each photo; 1 if one could not be opened."""
    from ansa.analyzer import Analyzer
    from ansa.images import PhotoError

    analyzer = Analyzer(args.bundle)
    namer = _Namer(analyzer)
    photos, failed = [], []
    for path in with_progress(args.photos, "analyzing"):
        try:
            scene = analyzer.analyze(path)
        except PhotoError as error:
            failed.append({"path": path, "reason": error.reason, "remedy": error.remedy})
            print_problem(str(error))
            continue
        words = namer.words(scene)
        photos.append({"path": path, **scene.to_dict(), "words": [_word(w) for w in words]})
        if not args.json:
            _print_scene(path, scene, words)
    counts = {"done": len(photos), "failed": len(failed)}
    if args.json:
        print_json({"photos": photos, "failed": failed, "counts": counts})
    else:
        print(f"{count(len(photos), 'photo')} done, {len(failed)} failed")
    return 1 if failed else 0


class _Namer:
    """Finds the everyday words closest to a scene; embeds the words once."""

    def __init__(self, analyzer: Analyzer) -> None:
        from ansa.taxonomy import everyday_prompts, everyday_words

        self._words = everyday_words()
        self._vectors = analyzer.embed_text(everyday_prompts())

    def words(self, scene: Scene) -> list[ClosestWord]:
        from ansa.taxonomy.closest import closest_words

        return closest_words(scene.embedding, self._words, self._vectors)


def _word(word: ClosestWord) -> dict[str, Any]:
    return {"word": word.word, "score": round(word.score, 4)}


def _print_scene(path: str, scene: Scene, words: list[ClosestWord]) -> None:
    vector = scene.embedding
    start = " ".join(f"{x:+.3f}" for x in vector[:4])
    print(printable(path))
    print(f"  file       {describe(scene.facts)}")
    print(f"  closest    {', '.join(f'{word.word} {word.score:.2f}' for word in words)}")
    print(f"  embedding  {start} ... ({len(vector)} numbers, unit length)")


def describe(facts: Facts) -> str:
    """The facts on one line: ``JPEG, 4000 x 3000, 2024-05-02 12:30:05, 48.2082 16.3738, Canon``."""
    parts = [facts.format or "pixels", f"{facts.width} x {facts.height}"]
    if facts.taken:
        parts.append(facts.taken.isoformat(" ", "seconds"))
    if facts.latitude is not None and facts.longitude is not None:
        parts.append(f"{facts.latitude:.4f} {facts.longitude:.4f}")
    if facts.camera:
        parts.append(printable(facts.camera))
    return ", ".join(parts)
