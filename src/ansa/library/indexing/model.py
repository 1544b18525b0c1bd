"""The library's one door to the analyzer: what makes the signals, and how a worker starts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ansa.library.storage.codec import packed_size
from ansa.library.storage.row_checks import ExpectedSignals
from ansa.library.storage.rows import EMBEDDING
from ansa.model.heads import NoReaderError, SignalError, fingerprint, newest
from ansa.scene import Scene

if TYPE_CHECKING:
    from ansa.library.indexing.worker import Analyze, Start
    from ansa.model.analyzer import Analyzer
    from ansa.model.bundle import Bundle
    from ansa.model.manifest import Head


@dataclass(frozen=True, slots=True)
class Model:
    """What makes the signals.

    Attributes:
        bundle: id of the bundle.
        heads: version of each of its heads that this version of ansa reads.
        dim: length of its vectors.
        start: gives each worker process what it calls on photos.
        print_threshold: the similarity of prints, -1..1, from which on two photos are the same;
            None if the bundle gives no prints.
        sizes: how many bytes signals of a fixed size are packed into, by their heads.
    """

    bundle: str
    heads: Mapping[str, int]
    dim: int
    start: Start
    print_threshold: float | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, bundle: Bundle) -> Model:
        """The model in a bundle."""
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
        )

    def wanted(self, bundle: int | None) -> ExpectedSignals:
        """What should stand of each photo; ``bundle`` is the row of this one in a library."""
        return ExpectedSignals(bundle, self.heads, self.dim, self.sizes)


@dataclass(frozen=True, slots=True)
class StartAnalyzer:
    """Loads a bundle in a worker process."""

    path: str
    id: str

    def __call__(self) -> Analyze:
        """Raises what keeps this bundle from working here, before a photo is blamed for it."""
        from ansa.model.analyzer import Analyzer, AnalyzerError

        analyzer = Analyzer(self.path, threads=1)
        if analyzer.bundle.id != self.id:
            raise AnalyzerError(f"{self.path}: the bundle was replaced meanwhile; index again")
        analyzer.analyze(np.zeros((64, 64, 3), np.uint8))
        return _AnalyzeBytes(analyzer)


@dataclass(frozen=True, slots=True)
class _AnalyzeBytes:
    analyzer: Analyzer

    def __call__(self, data: bytes, name: str) -> Scene:
        return self.analyzer.analyze(data)


def _print_threshold(bundle: Bundle) -> float | None:
    head = bundle.manifest.heads.get("print")
    if head is None or not _readable(head):
        return None
    try:
        return fingerprint.FingerprintReader(head.shape, head.settings).threshold
    except SignalError:
        return None  # such a bundle is refused when its network loads


def _readable(head: Head) -> bool:
    try:
        return head.version <= newest(head.kind)
    except NoReaderError:
        return False
