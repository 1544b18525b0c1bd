"""The tasks that measure forgetting in a bundle: the 1,000 classes by name, and as tags."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ansa.model.analyzer import Analyzer
from ansa.processors import processor_count
from ansa.scene import Tag
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.data.labels.imagenet_names import ImagenetNames
from ansa_train.data.pack import Sample
from ansa_train.evaluate.bootstrap import estimate, share
from ansa_train.evaluate.task import EvaluationError, Table, Vectors, looked_up
from ansa_train.evaluate.zeroshot import class_vectors, top_k

FIRST = 5
"""Tags of a photo among which its name is looked for."""


class KnownNames:
    """Photos of sources that training leaves out, whose label is one of the 1,000 classes.

    A bundle that learned to tell its training photos apart and forgot the rest falls here first.

    Attributes:
        name: of the source.
        samples: its photos that show a class.
    """

    def __init__(self, name: str, samples: Sequence[Sample]) -> None:
        self._names = ImagenetNames()
        self.name = name
        self.samples = [sample for sample in samples if self._names.of(sample) >= 0]

    def measure(self, analyzer: Analyzer, vectors: Vectors) -> list[Table]:
        """One table: how often the right one of the 1,000 names comes first, or among the first."""
        seen, images = looked_up(self.samples, vectors, self.name)
        truth = np.array([self._names.of(sample) for sample in seen])
        words = self._names.vocabulary.names
        figures = top_k(images, class_vectors(analyzer, [names[0] for names in words]), truth)
        about = f"{len(seen):,} photos, {len(words):,} classes"
        return [Table("zero-shot", f"1,000 names, {self.name}", about, figures)]


class KnownTags(KnownNames):
    """The same photos, by the tags that a user sees: is the class among the first of them?"""

    def measure(self, analyzer: Analyzer, vectors: Vectors) -> list[Table]:
        """One table: how often the right one of the 1,000 names comes first, or among the first."""
        if "tags" not in analyzer.bundle.manifest.heads:
            raise EvaluationError(f"{self.name}: {analyzer.bundle.manifest.name} has no tags")
        seen, _ = looked_up(self.samples, vectors, self.name)
        return [self._tags(analyzer, seen, [self._names.of(sample) for sample in seen])]

    def _tags(self, analyzer: Analyzer, samples: Sequence[Sample], truth: list[int]) -> Table:
        def tags(sample: Sample) -> Sequence[Tag]:
            return analyzer.analyze(sample.read_bytes()).tags or ()

        with ThreadPoolExecutor(processor_count()) as threads:
            found = list(threads.map(tags, samples))
        tree = Tree.parse(analyzer.bundle.read(FILE))
        words = self._names.vocabulary.names
        named = [{c.name for word in words[at] for c in tree.find(word)} for at in truth]
        among = [
            bool({tag.name for tag in each[:FIRST]} & wanted)
            for each, wanted in zip(found, named, strict=True)
        ]
        rows = np.arange(len(samples))
        right = estimate(share(np.array(among), rows, len(rows)), len(rows))
        return Table(
            "tagging",
            f"the class among the first {FIRST} tags, {self.name}",
            f"{len(samples):,} photos",
            {f"first {FIRST}": right},
        )
