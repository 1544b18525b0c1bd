"""Is what a description says of a photo there?

    python -m benchmarks.descriptions --data PACK [--split test]

Photos with captions by several people are described (ansa.description), and each claim is compared
with the nouns of the captions and the labels of the boxes. A claim that nobody mentions counts as
wrong, though people leave much of what a photo shows unmentioned: the share of claims that are
right is at least the one reported. Words and floors were chosen on the dev split.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ansa import Analyzer
from ansa.description import describe
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.benchmark.question_report import QuestionReport
from ansa_train.data.labels.concept_labels import mentioned
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.data.pack import Sample, read_pack

_LEAST = 3  # captions: fewer leave too much unmentioned
_RIGHT = 0.90
_SHOWN = 12  # the claims that are made most often, each with a line of its own
_USUAL = "person", "dog"
"""What the photos of the pack show most, so that the others are counted without it too."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report; 1 if fewer claims are right than they should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of the pack")
    parser.add_argument("--split", choices=["dev", "test"], default="test")
    parser.add_argument("--bundle", help="a bundle's folder; the shipped one if left out")
    parser.add_argument("--out", type=Path, default=Path("results"))
    options = parser.parse_args(arguments)
    options.sizes = {}
    samples = [
        sample
        for sample in read_pack(options.data, (options.split,))
        if len(sample.captions) >= _LEAST
    ]
    report = QuestionReport("descriptions", __doc__, options)
    analyzer = Analyzer(options.bundle)
    made, right, silent = claims(analyzer, samples)
    report.note(f"{len(samples):,} photos of the {options.split} split with captions.")
    report.add("photos of which nothing is claimed", silent)
    report.add("claims", made.total())
    report.add("claims that are right", share(made, right), at_least=_RIGHT)
    rest = Counter({name: count for name, count in made.items() if name not in _USUAL})
    report.add("claims but of people and dogs", rest.total())
    report.add("claims but of people and dogs that are right", share(rest, right))
    for name, count in made.most_common(_SHOWN):
        report.add(f"{name}, {count} times: right", right[name] / count)
    return report.write()


def claims(analyzer: Analyzer, samples: Sequence[Sample]) -> tuple[Counter[str], Counter[str], int]:
    """How often each thing is claimed, how often that is right, and how often nothing is."""
    tree = Tree.parse(analyzer.bundle.read(FILE))
    rules = LabelRules.read(Path(__file__).parents[1] / "recipes" / "data" / "labels.toml")
    made: Counter[str] = Counter()
    right: Counter[str] = Counter()
    silent = 0
    for sample in samples:
        scene = analyzer.analyze(sample.read_bytes(), ["tags", "objects", "utility"])
        claimed = describe(scene.tags, scene.objects, scene.utility).claims
        there = shown(sample, tree, rules.ambiguous)
        made.update(claimed)
        right.update(name for name in claimed if name in there)
        silent += not claimed
    return made, right, silent


def shown(sample: Sample, tree: Tree, ambiguous: frozenset[str] = frozenset()) -> set[str]:
    """What people say that a photo shows: each concept that they mention, and all above it."""
    return named(sample.captions, sample.objects, tree, ambiguous)


def named(
    captions: Sequence[str], labels: Sequence[str], tree: Tree, ambiguous: frozenset[str]
) -> set[str]:
    """Each concept that captions mention or that is a label, and all above it."""
    concepts = [concept for caption in captions for concept in mentioned(caption, tree, ambiguous)]
    concepts += [concept for label in labels for concept in tree.find(label)]
    return {above.name for concept in concepts for above in tree.path(concept)}


def share(made: Counter[str], right: Counter[str]) -> float:
    """The share of claims that are right; 1 if nothing is claimed."""
    return sum(right[name] for name in made) / made.total() if made else 1.0


if __name__ == "__main__":
    sys.exit(main())
