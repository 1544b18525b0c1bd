"""Does a search find what is asked for, and does it know what is not there?

    python -m benchmarks.search_quality --data PACK

Photos of the pack's dev split are put into a library, with made-up times, places, cameras and
folders, and searched with hundreds of queries of every kind (search_queries.py). Then photos of the
test split are searched by tags and free text together, and by free text alone: their vectors, and
the tags as they would be stored. What photos show is known by labels, boxes and captions; those of
which nobody says whether they show a thing are left out for that thing.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa import Analyzer
from ansa.library.search.match_calibration import MATCHES, NOT_HERE, SHIPPED
from ansa.library.search.ranking import RankedTerm, rank
from ansa.library.search.relevance import Baseline, baseline
from ansa.library.search.tag_index import TagIndex
from ansa.library.search.tag_names import named_in
from ansa.library.storage.codec import encode
from ansa.scene import Vector
from ansa.taxonomy.everyday import everyday_prompts
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.benchmark.question_report import QuestionReport
from ansa_train.data.labels.concept_labels import ABSENT, PRESENT, UNKNOWN, ConceptLabels
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.data.pack import Sample, read_pack
from benchmarks.search_by_kind import figures_by_kind, search_all
from benchmarks.search_queries import KINDS, made_life, make_queries
from benchmarks.search_truth import spoken_of, without_empty_silence

_OFTEN = 8  # photos that must show a thing, for it to be searched
_PAIRS = 400
_LIBRARY = 100  # photos, where it is asked whether anything matches
_DRAWS = 5
_FIRST = 10

Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shelf:
    """Photos (n), looked at once, and what is known of them."""

    analyzer: Analyzer
    tree: Tree
    samples: list[Sample]
    vectors: Vector
    everyday: Baseline
    tagged: TagIndex
    states: NDArray[np.uint8]

    def term(self, text: str, vector: Vector, *, tags: bool = True) -> RankedTerm:
        """A part of a query as a search makes it, with or without tags."""
        concepts = named_in(text, self.tree, {})
        term = RankedTerm(vector, self.everyday)
        if not tags or not concepts.named:
            return term
        shown = [self.tagged.any_of(names) for _, names in concepts.named]
        scores = np.stack([each.scores for each in shown]).mean(axis=0, dtype=np.float32)
        sure = np.logical_and.reduce([each.sure for each in shown])
        return replace(term, tags=scores, sure=sure, named=float(concepts.leading))

    def order(
        self, wanted: Sequence[RankedTerm], unwanted: Sequence[RankedTerm], among: Rows
    ) -> Rows:
        """The rows in the order in which a search shows them."""
        ranking = rank(self.vectors, wanted, unwanted, among, len(among))
        return ranking.rows[np.argsort(-ranking.keys, kind="stable")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of the pack")
    parser.add_argument("--bundle", metavar="FOLDER", help="not the one that ships with ansa")
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=Path("results"))
    parser.add_argument(
        "--photos", metavar="N", type=int, help="of each split at most N, for a quick look"
    )
    options = parser.parse_args(arguments)
    options.sizes = {"data": "PACK"}
    if options.photos is not None:
        options.sizes["photos"] = options.photos
    report = QuestionReport("search_quality", __doc__, options)
    analyzer = Analyzer(options.bundle)
    by_kind(report, analyzer, options.data, options.photos)
    shelf = look(analyzer, options.data, most=options.photos)
    for name, measure in (
        ("one thing by its name", one_thing),
        ("two things by their names", two_things),
        ("one thing without another", without),
        ("whole captions", captions),
        ("whether anything matches", anything),
    ):
        for figure, values in measure(shelf).items():
            for how, value in zip(("text alone", "together"), values, strict=True):
                report.add(f"{name}: {figure}, {how}", 100 * value, "%")
    report.note(f"{len(shelf.samples):,} photos of the test split.")
    report.note("First ten: the share of them that shows what was asked for.")
    return report.write()


def by_kind(report: QuestionReport, analyzer: Analyzer, data: Path, most: int | None) -> None:
    """Asks queries of every kind of a library of the dev photos."""
    samples = _some(read_pack(data, ["dev"]), most)
    labels = _labels(analyzer.bundle.read(FILE), data)
    tree = labels.tree
    told = spoken_of(read_pack(data, ["train"]), tree, _rules().ambiguous)
    states = without_empty_silence(labels(samples), samples, told)
    life = made_life(samples)
    queries = make_queries(samples, tree, states, life)
    found = figures_by_kind(queries, search_all(analyzer, samples, life, queries))
    for kind in ("all kinds", *KINDS):
        for name, (value, number) in found.get(kind, {}).items():
            report.add(f"{kind}, {number} queries: {name}", 100 * value, "%")
    report.note(f"{len(queries)} queries of a library of {len(samples):,} photos of the dev split.")


def _some(samples: list[Sample], most: int | None) -> list[Sample]:
    """Returns at most so many samples, of all sources."""
    if most is None or len(samples) <= most:
        return samples
    return sorted(
        sorted(samples, key=lambda each: zlib.crc32(each.key.encode()))[:most],
        key=lambda each: each.key,
    )


def _rules() -> LabelRules:
    return LabelRules.read(Path(__file__).parents[1] / "recipes" / "data" / "labels.toml")


@lru_cache(1)  # what tens of thousands of training photos say takes a while to be read
def _labels(tree: bytes, data: Path) -> ConceptLabels:
    return ConceptLabels(Tree.parse(tree), read_pack(data, ["train"]), _rules())


def look(analyzer: Analyzer, data: Path, *, most: int | None = None) -> Shelf:
    """The test photos, or so many of them, as the library would store them."""
    samples = _some(read_pack(data, ["test"]), most)
    scenes = [analyzer.analyze(sample.read_bytes()) for sample in samples]
    vectors = np.stack([scene.embedding for scene in scenes]).astype(np.float32)
    labels = _labels(analyzer.bundle.read(FILE), data)
    packed = [encode("tags", scene.tags) for scene in scenes]
    return Shelf(
        analyzer,
        labels.tree,
        samples,
        vectors,
        baseline(vectors, analyzer.embed_text(everyday_prompts())),
        TagIndex.of_packed(len(samples), range(len(samples)), packed),
        labels(samples),
    )


def one_thing(shelf: Shelf) -> dict[str, tuple[float, float]]:
    """Every tag that enough photos show, searched by its name."""
    places = _shown_often(shelf)
    found: list[list[tuple[float, float]]] = [[], []]
    for place, vector in zip(places, _named(shelf, places), strict=True):
        known = np.flatnonzero(shelf.states[:, place] != UNKNOWN)
        truth = shelf.states[:, place] == PRESENT
        for tags, figures in enumerate(found):
            term = shelf.term(shelf.tree.concepts[place].name, vector, tags=bool(tags))
            figures.append(_figures(shelf.order([term], [], known), truth))
    return _means(found)


def two_things(shelf: Shelf) -> dict[str, tuple[float, float]]:
    """Pairs of tags that photos show together, searched by both names."""

    def together(present: Flags, other: Flags) -> bool:
        return int((present & other).sum()) >= _OFTEN

    pairs = _pairs(shelf, together)
    names = [" ".join(shelf.tree.concepts[place].name for place in pair) for pair in pairs]
    found: list[list[tuple[float, float]]] = [[], []]
    for pair, name, vector in zip(pairs, names, shelf.analyzer.embed_text(names), strict=True):
        states = shelf.states[:, pair]
        truth = (states == PRESENT).all(axis=1)
        denied = ((states != PRESENT) & (states != UNKNOWN)).any(axis=1)
        for tags, figures in enumerate(found):
            term = shelf.term(name, vector, tags=bool(tags))
            figures.append(_figures(shelf.order([term], [], np.flatnonzero(truth | denied)), truth))
    return _means(found)


def without(shelf: Shelf) -> dict[str, tuple[float, float]]:
    """Pairs of tags of which photos show one, with and without the other."""

    def apart(present: Flags, other: Flags) -> bool:
        return min(int((present & other).sum()), int((present & ~other).sum())) >= _OFTEN

    wanted: list[list[float]] = [[], []]
    unwanted: list[list[float]] = [[], []]
    for pair in _pairs(shelf, apart):
        states = shelf.states[:, pair]
        known = np.flatnonzero((states != UNKNOWN).all(axis=1))
        vectors = _named(shelf, pair)
        for tags in (0, 1):
            this, that = (
                shelf.term(shelf.tree.concepts[place].name, vector, tags=bool(tags))
                for place, vector in zip(pair, vectors, strict=True)
            )
            first = shelf.order([this], [that], known)[:_FIRST]
            shows = states[first] == PRESENT
            wanted[tags].append(float((shows[:, 0] & ~shows[:, 1]).sum()) / _FIRST)
            unwanted[tags].append(float(shows[:, 1].sum()) / _FIRST)
    return {
        "first ten that show the one without the other": _both(wanted),
        "first ten that show the other": _both(unwanted),
    }


def captions(shelf: Shelf) -> dict[str, tuple[float, float]]:
    """The photo that a caption was written of, among all captioned ones."""
    rows = np.flatnonzero([bool(sample.captions) for sample in shelf.samples])
    said = [(row, caption) for row in rows for caption in shelf.samples[row].captions]
    vectors = shelf.analyzer.embed_text([caption for _, caption in said])
    places: list[list[int]] = [[], []]
    for (row, caption), vector in zip(said, vectors, strict=True):
        for tags in (0, 1):
            order = shelf.order([shelf.term(caption, vector, tags=bool(tags))], [], rows)
            places[tags].append(int(np.flatnonzero(order == row)[0]))
    ranks = np.array(places)
    return {f"the photo among the first {k}": _both((ranks < k).astype(float)) for k in (1, 5, 10)}


def anything(shelf: Shelf) -> dict[str, tuple[float, float]]:
    """Libraries that hold two photos of a thing, or surely none, searched by its name.

    To deny what is there, and to call a match what is not, are the mistakes.
    """
    rng = np.random.default_rng(0)
    there: list[list[float]] = [[], []]
    absent: list[list[float]] = [[], []]
    places = _shown_often(shelf)
    for place, vector in zip(places, _named(shelf, places), strict=True):
        present = np.flatnonzero(shelf.states[:, place] == PRESENT)
        others = np.flatnonzero(shelf.states[:, place] == ABSENT)
        if len(others) < _LIBRARY:
            continue
        for _ in range(_DRAWS):
            library = rng.choice(others, _LIBRARY, replace=False)
            holding = np.r_[library[2:], rng.choice(present, 2, replace=False)]
            for tags in (0, 1):
                term = shelf.term(shelf.tree.concepts[place].name, vector, tags=bool(tags))
                for rows, wrong, grade in (
                    (holding, there, NOT_HERE),
                    (library, absent, MATCHES),
                ):
                    ranking = rank(shelf.vectors, [term], [], np.sort(rows), 1)
                    wrong[tags].append(float(SHIPPED.grade(ranking.best) == grade))
    return {
        "things there that are denied": _both(there),
        "absent ones called matches": _both(absent),
    }


def _shown_often(shelf: Shelf) -> list[int]:
    present = (shelf.states == PRESENT).sum(axis=0) >= _OFTEN
    denied = ((shelf.states != PRESENT) & (shelf.states != UNKNOWN)).sum(axis=0) >= 2 * _OFTEN
    return [int(place) for place in np.flatnonzero(present & denied)]


def _pairs(shelf: Shelf, fit: Callable[[Flags, Flags], bool]) -> list[list[int]]:
    """Pairs of which neither is a kind of the other, some of them drawn, always the same."""
    concepts, places = shelf.tree.concepts, _shown_often(shelf)
    shows = shelf.states == PRESENT
    pairs = [
        [one, other]
        for one in places
        for other in places
        if concepts[one] not in shelf.tree.path(concepts[other])
        and concepts[other] not in shelf.tree.path(concepts[one])
        and fit(shows[:, one], shows[:, other])
    ]
    drawn = np.random.default_rng(0).permutation(len(pairs))[:_PAIRS]
    return [pairs[number] for number in sorted(drawn)]


def _named(shelf: Shelf, places: Sequence[int]) -> Vector:
    return shelf.analyzer.embed_text([shelf.tree.concepts[place].name for place in places])


def _figures(order: Rows, truth: Flags) -> tuple[float, float]:
    """Average precision, and the share of the first ten."""
    right = truth[order]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float(precision[right].mean()), float(right[:_FIRST].mean())


def _means(found: Sequence[Sequence[tuple[float, float]]]) -> dict[str, tuple[float, float]]:
    alone, together = (np.mean(figures, axis=0) for figures in found)
    names = "mean average precision", "first ten"
    return {name: (float(alone[i]), float(together[i])) for i, name in enumerate(names)}


def _both(values: Sequence[Sequence[float]] | NDArray[np.float64]) -> tuple[float, float]:
    alone, together = values
    return float(np.mean(alone)), float(np.mean(together))


if __name__ == "__main__":
    sys.exit(main())
