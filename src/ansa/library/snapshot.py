"""What a search keeps in memory: the vectors of the photos that are there, and their baselines."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansa.library.relevance import Baseline, baseline
from ansa.library.store import Store
from ansa.library.times import Times
from ansa.library.vectors import stack

if TYPE_CHECKING:
    from ansa.analyzer import Analyzer

# How many of the library's own photos stand for it where a photo is searched for.
_OWN_SAMPLE = 256


class Snapshot:
    """The photos of a library (or of one of its folders) as one bundle sees them, at one time.

    Attributes:
        photos: the rows' ids in the store.
        vectors: float32 (n, d).
        waiting: how many more photos are there, not yet seen by this bundle.
    """

    def __init__(self, store: Store, analyzer: Analyzer, root: int | None) -> None:
        self._store = store
        self._analyzer = analyzer
        self._bundle = store.bundle(analyzer.bundle.id)
        self.photos, packed = store.vectors(self._bundle, root)
        self.vectors = stack(packed, analyzer.dim)
        self.waiting = store.count(root) - len(self.photos)

    @cached_property
    def text_baseline(self) -> Baseline:
        """How each photo scores on everyday texts."""
        return baseline(self.vectors, self._everyday())

    @cached_property
    def photo_baseline(self) -> Baseline:
        """How each photo scores on this library's photos."""
        step = max(1, len(self.vectors) // _OWN_SAMPLE)
        return baseline(self.vectors, self.vectors[::step])

    @cached_property
    def times(self) -> Times:
        """When the photos were taken."""
        taken = self._store.times()
        return Times.of(taken.get(photo) for photo in self.photos)

    def row(self, digest: bytes) -> int | None:
        """The row of the photo with this content."""
        photo = self._store.photo(digest)
        return self.photos.index(photo) if photo in self.photos else None

    def _everyday(self) -> NDArray[np.float32]:
        """The vectors of the everyday texts, embedded once for each bundle and then kept."""
        from ansa.taxonomy import everyday_prompts

        prompts = everyday_prompts()
        digest = hashlib.sha256("\n".join(prompts).encode()).digest()
        dim = self._analyzer.dim
        stored = None if self._bundle is None else self._store.everyday(self._bundle, digest)
        if stored and len(stored) == len(prompts) * dim * 4:
            return np.frombuffer(stored, "<f4").reshape(len(prompts), dim)
        vectors = self._analyzer.embed_text(prompts)
        if self._bundle is not None and self._store.writable:
            self._store.save_everyday(self._bundle, digest, vectors.astype("<f4").tobytes())
        return vectors
