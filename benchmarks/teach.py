"""Does a tag taught by 8 photos that show it and 8 that do not find the others?

    python -m benchmarks.teach FOLDER [--data PACK] [--draws N]

FOLDER holds pictures of classes that no label of the training names, in folders called after what
they show; each of at least 16 pictures is taught and sought among all pictures of FOLDER. What was
chosen beforehand to be judged by is CHOSEN. The classes of the pack, of which training saw other
photos, are taught beside them, each with at least 20 test photos, and sought among its own set.
Examples are drawn anew for every draw. The library holds all of these photos.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from ansa import Analyzer
from ansa.library.custom_tags.classifier import learn
from ansa.library.custom_tags.scores import SHOWN
from ansa.photo.read import SUFFIXES, PhotoError
from ansa.scene import Vector
from ansa_train.benchmark.question_report import QuestionReport
from ansa_train.data.pack import read_pack

SHOTS = 8
CHOSEN = ("fruit", "vegetables", "coins", "hand signs", "christmas")
TARGET = 0.9
_NEW = "FOLDER"
_LEAST = {_NEW: 16}
_LEAST_KNOWN = 20


@dataclass(frozen=True, eq=False)
class Shelf:
    """Photos (n): what they show, (n, d), the set each is from, and its label; empty for none."""

    vectors: Vector
    sources: NDArray[np.str_]
    labels: NDArray[np.str_]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = _options(arguments)
    given = {"data": "PACK"} if options.data else {}
    options.sizes = given | {"draws": options.draws}
    report = QuestionReport("teach", __doc__, options, "teach FOLDER")
    analyzer = Analyzer(options.bundle)
    shelf = _shelf(analyzer, options.folder, options.data)
    means: dict[bool, list[NDArray[np.float64]]] = {True: [], False: []}
    for source, name in _classes(shelf):
        figures = _taught(analyzer, shelf, source, name, options.draws)
        means[source == _NEW].append(figures)
        if source == _NEW:
            target = {"at_least": TARGET} if name in CHOSEN else {}
            report.add(f"{name}: average precision", figures[0], "", **target)
    for new, said in ((True, "never taught"), (False, "seen in training")):
        if means[new]:
            all_of_them = np.stack(means[new])
            figures = np.mean(all_of_them, axis=0)
            report.add(f"{said}: classes", len(all_of_them))
            report.add(f"{said}: of them at {TARGET} or more", (all_of_them[:, 0] >= TARGET).sum())
            report.add(f"{said}: mean average precision", figures[0])
            report.add(f"{said}: right, of the photos said to show it", figures[1])
            report.add(f"{said}: found, of the photos that show it", figures[2])
            report.add(f"{said}: cross-validated accuracy as shown to people", figures[3])
    report.note(f"{len(shelf.vectors):,} photos; means over {options.draws} draws of examples.")
    if options.about:
        report.note(f"FOLDER: {options.about}")
    return report.write()


def _classes(shelf: Shelf) -> list[tuple[str, str]]:
    """Set and label of each class that has enough photos."""
    counts = Counter(zip(shelf.sources.tolist(), shelf.labels.tolist(), strict=True))
    return sorted(
        (source, label)
        for (source, label), count in counts.items()
        if label not in ("", "other") and count >= _LEAST.get(source, _LEAST_KNOWN)
    )


def _taught(
    analyzer: Analyzer, shelf: Shelf, source: str, name: str, draws: int
) -> NDArray[np.float64]:
    """(4,) means over the draws: average precision, precision, recall, accuracy as shown."""
    own = shelf.sources == source
    truth = own & (shelf.labels == name)
    text = analyzer.embed_text(name)[0]
    figures = []
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        shown = rng.choice(np.flatnonzero(truth), SHOTS, replace=False)
        absent = rng.choice(np.flatnonzero(own & ~truth), SHOTS, replace=False)
        learned = learn(shelf.vectors, shown, absent, text)
        scores = learned.classifier(shelf.vectors)
        asked = own.copy()
        asked[shown] = asked[absent] = False
        found = asked & (scores >= SHOWN)
        figures.append(
            (
                average_precision_score(truth[asked], scores[asked]),
                truth[found].mean() if found.any() else 0.0,
                (scores[asked & truth] >= SHOWN).mean(),
                learned.measured.accuracy if learned.measured else 0.5,
            )
        )
    means: NDArray[np.float64] = np.mean(np.array(figures), axis=0)
    return means


def _shelf(analyzer: Analyzer, folder: Path, pack: Path | None) -> Shelf:
    vectors, sources, labels = [], [], []
    for file in sorted(folder.glob("*/*")):
        if file.suffix.lower() not in SUFFIXES:
            continue
        try:
            vectors.append(analyzer.embed_image(file)[0])
        except PhotoError as error:
            print(error, file=sys.stderr)
            continue
        sources.append(_NEW)
        labels.append(file.parent.name)
    for sample in read_pack(pack, ["test"]) if pack else ():
        vectors.append(analyzer.embed_image(sample.read_bytes())[0])
        sources.append(sample.source)
        labels.append(sample.labels[0] if sample.labels else "")
    return Shelf(np.stack(vectors), np.array(sources), np.array(labels))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("--data", metavar="PACK", type=Path, help="the photos to report on")
    parser.add_argument("--about", metavar="TEXT", help="what FOLDER holds, for the page")
    parser.add_argument("--draws", metavar="N", type=int, default=10)
    parser.add_argument("--bundle", metavar="FOLDER", help="not the one that ships with ansa")
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=Path("results"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
