"""Does a tag taught by 8 photos that show it and 8 that do not find the others?

    python -m benchmarks.teach FOLDER [--data PACK] [--draws N]

FOLDER holds photos of CLASSES, which none of the labels in training names, in folders called after
them; photos in its folder "other" show none. Each is taught by photos drawn anew for every draw, in
a library of all these and of the pack's test photos; of those, the ones that a caption or label
says to show it are left out. PACK_CLASSES, of which training saw other photos, are taught beside them,
and sought among their own set.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from ansa import Analyzer
from ansa.factory.data.pack import read_pack
from ansa.images import SUFFIXES, PhotoError
from ansa.library.classifier import learn
from ansa.scene import Vector
from benchmarks.report import Report

SHOTS = 8
CLASSES = {
    "fruit": ("fruit", "apple", "banana", "orange", "strawberry", "grape", "melon", "berry"),
    "vegetables": ("vegetable", "pizza", "salad", "tomato", "carrot", "corn"),
    "coins": ("coin",),
    "hand signs": ("sign language",),
    "christmas": ("christmas", "santa"),
}
"""Each with the words that leave photos of the pack out."""
PACK_CLASSES = (
    ("caltech101", "hedgehog"),
    ("caltech101", "menorah"),
    ("pets", "cat"),
    ("scenes6", "glacier"),
    ("weather", "sunrise"),
)
TARGET = 0.9


@dataclass(frozen=True, eq=False)
class Shelf:
    """Photos (n): what they show, (n, d), where they are from, and their labels."""

    vectors: Vector
    sources: NDArray[np.str_]
    labels: NDArray[np.str_]
    words: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = _options(arguments)
    options.sizes = {"draws": options.draws}
    report = Report("teach", __doc__, options)
    analyzer = Analyzer(options.bundle)
    shelf = _shelf(analyzer, options.folder, options.data)
    means = []
    for name in CLASSES:
        everywhere, within, precise, recall = _taught(analyzer, shelf, name, "new", options.draws)
        means.append(everywhere)
        report.add(f"{name}: average precision among all photos", everywhere, at_least=TARGET)
        report.add(f"{name}: among the photos of FOLDER alone", within)
        report.add(f"{name}: of the photos it is said to be on, right", precise)
        report.add(f"{name}: of the photos that show it, found", recall)
    report.add("mean over the five", float(np.mean(means)), at_least=TARGET)
    for source, name in PACK_CLASSES if options.data else ():
        within = _taught(analyzer, shelf, name, source, options.draws)[1]
        report.add(f"{name}, seen in training: among {source}", within)
    report.note(f"{len(shelf.vectors):,} photos; means over {options.draws} draws of examples.")
    return report.write()


def _taught(
    analyzer: Analyzer, shelf: Shelf, name: str, source: str, draws: int
) -> tuple[float, float, float, float]:
    own = shelf.sources == source
    doubtful = [any(word in said for word in CLASSES.get(name, ())) for said in shelf.words]
    truth = own & (shelf.labels == name)
    text = analyzer.embed_text(name)[0]
    figures = []
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        shown = rng.choice(np.flatnonzero(truth), SHOTS, replace=False)
        absent = rng.choice(np.flatnonzero(own & ~truth), SHOTS, replace=False)
        scores = learn(shelf.vectors, shown, absent, text).classifier(shelf.vectors)
        asked = own | ~np.array(doubtful)
        asked[shown] = asked[absent] = False
        found = asked & (scores >= 0.5)
        figures.append(
            (
                average_precision_score(truth[asked], scores[asked]),
                average_precision_score(truth[asked & own], scores[asked & own]),
                truth[found].mean() if found.any() else np.nan,
                (scores[asked & truth] >= 0.5).mean(),
            )
        )
    every, within, precise, recall = np.nanmean(figures, axis=0)
    return float(every), float(within), float(precise), float(recall)


def _shelf(analyzer: Analyzer, folder: Path, pack: Path | None) -> Shelf:
    vectors, sources, labels, words = [], [], [], []
    for file in sorted(folder.glob("*/*")):
        if file.suffix.lower() not in SUFFIXES:
            continue
        try:
            vectors.append(analyzer.embed_image(file)[0])
        except PhotoError as error:
            print(error, file=sys.stderr)
            continue
        sources.append("new")
        labels.append(file.parent.name)
        words.append("")
    for sample in read_pack(pack, ["test"]) if pack else ():
        vectors.append(analyzer.embed_image(sample.read_bytes())[0])
        sources.append(sample.source)
        labels.append(sample.labels[0] if sample.labels else "")
        words.append(" ".join([*sample.captions, *sample.labels, *sample.objects]).lower())
    return Shelf(np.stack(vectors), np.array(sources), np.array(labels), words)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("--data", metavar="PACK", type=Path, help="the photos to report on")
    parser.add_argument("--draws", metavar="N", type=int, default=10)
    parser.add_argument("--bundle", metavar="FOLDER", help="not the one that ships with ansa")
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=Path("results"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
