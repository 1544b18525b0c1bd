"""The library's one door to the analyzer: what makes the vectors, and how a worker starts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Facts

if TYPE_CHECKING:
    from ansa.analyzer import Analyzer
    from ansa.bundle import Bundle
    from ansa.library.worker import Analyze, Start


@dataclass(frozen=True, slots=True)
class Model:
    """What makes the vectors.

    Attributes:
        bundle: id of the bundle.
        version: of its embedding head.
        dim: length of its vectors.
        start: gives each worker process what it calls on photos.
    """

    bundle: str
    version: int
    dim: int
    start: Start

    @classmethod
    def of(cls, bundle: Bundle) -> Model:
        """The model in a bundle."""
        head = bundle.manifest.heads["embedding"]
        return cls(
            bundle.id, head.version, head.shape[0], StartAnalyzer(str(bundle.path), bundle.id)
        )


@dataclass(frozen=True, slots=True)
class StartAnalyzer:
    """Loads a bundle in a worker process."""

    path: str
    id: str

    def __call__(self) -> Analyze:
        """Raises what keeps this bundle from working here, before a photo is blamed for it."""
        from ansa.analyzer import Analyzer, AnalyzerError

        analyzer = Analyzer(self.path, threads=1)
        if analyzer.bundle.id != self.id:
            raise AnalyzerError(f"{self.path}: the bundle was replaced meanwhile; index again")
        analyzer.analyze(np.zeros((64, 64, 3), np.uint8))
        return _AnalyzeBytes(analyzer)


@dataclass(frozen=True, slots=True)
class _AnalyzeBytes:
    analyzer: Analyzer

    def __call__(self, data: bytes, name: str) -> tuple[Facts, NDArray[np.float32]]:
        scene = self.analyzer.analyze(data)
        return scene.facts, scene.embedding
