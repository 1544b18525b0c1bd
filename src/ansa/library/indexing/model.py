"""The model of a library: which signals its analyzer computes, and how a worker starts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ansa.library.storage.codec import packed_size
from ansa.library.storage.row_checks import ExpectedSignals
from ansa.library.storage.rows import EMBEDDING
from ansa.model.heads import NoReaderError, SignalError, fingerprint, newest
from ansa.scene import Pixels, Scene
from ansa.taxonomy.tree import FILE, Tree

if TYPE_CHECKING:
    from ansa.library.indexing.worker import Analyze, Keep, Start
    from ansa.model.analyzer import Analyzer
    from ansa.model.bundle import Bundle
    from ansa.model.manifest import Head


@dataclass(frozen=True, slots=True)
class Model:
    """The model that computes the signals.

    Attributes:
        bundle: the id of the bundle.
        heads: the version of each of its heads that this version of ansa can read.
        dim: the length of its embeddings.
        start: called in each worker process; returns the function that analyzes photos.
        print_threshold: the similarity of fingerprints, -1..1, from which on two photos are the
            same; None if the bundle has no fingerprints.
        sizes: the number of bytes of each head's signal, for signals of a fixed size.
        tree: reads the tree of its tags; None if it has none.
    """

    bundle: str
    heads: Mapping[str, int]
    dim: int
    start: Start
    print_threshold: float | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    tree: Callable[[], Tree | None] = lambda: None

    @classmethod
    def of(cls, bundle: Bundle) -> Model:
        """Returns the model in a bundle."""
        heads = bundle.manifest.heads
        return cls(
            bundle.id,
            {name: head.version for name, head in heads.items() if _readable(head)},
            heads[EMBEDDING].shape[0],
            StartAnalyzer(str(bundle.path), bundle.id),
            _print_threshold(bundle),
            {
                name: packed_size(name, head.shape)
                for name, head in heads.items()
                if name in ("print", "saliency")
            },
            partial(_tree, bundle),
        )

    def wanted(self, bundle: int | None) -> ExpectedSignals:
        """Returns the signals that each photo should have; ``bundle`` is this bundle's row."""
        return ExpectedSignals(bundle, self.heads, self.dim, self.sizes)


@dataclass(frozen=True, slots=True)
class StartAnalyzer:
    """Loads a bundle in a worker process."""

    path: str
    id: str

    def __call__(self) -> Analyze:
        """Raises the errors of this bundle on this machine, before a photo is blamed for them."""
        from ansa.model.analyzer import Analyzer, AnalyzerError

        analyzer = Analyzer(self.path, threads=1)
        if analyzer.bundle.id != self.id:
            raise AnalyzerError(f"{self.path}: the bundle was replaced meanwhile; index again")
        analyzer.analyze(np.zeros((64, 64, 3), np.uint8))
        return _AnalyzeBytes(analyzer)


@dataclass(frozen=True, slots=True)
class _AnalyzeBytes:
    analyzer: Analyzer

    def __call__(self, data: bytes | Pixels, name: str, keep: Keep | None = None) -> Scene:
        if keep is None or not isinstance(data, bytes):
            return self.analyzer.analyze(data)
        from ansa.photo.read import read_in_colour

        read = read_in_colour(data, min_side=self.analyzer.bundle.manifest.image.size)
        scene = self.analyzer.analyze(read.pixels)
        keep(read)
        return replace(scene, facts=read.facts)


def _print_threshold(bundle: Bundle) -> float | None:
    head = bundle.manifest.heads.get("print")
    if head is None or not _readable(head):
        return None
    try:
        return fingerprint.FingerprintReader(head.shape, head.settings).threshold
    except SignalError:
        return None  # such a bundle is refused when its network is loaded


_trees: dict[str, Tree | None] = {}


def _tree(bundle: Bundle) -> Tree | None:
    if bundle.id not in _trees:
        _trees.clear()
        listed = FILE in bundle.manifest.files
        _trees[bundle.id] = Tree.parse(bundle.read(FILE)) if listed else None
    return _trees[bundle.id]


def _readable(head: Head) -> bool:
    try:
        return head.version <= newest(head.kind)
    except NoReaderError:
        return False
