"""The vectors of fixed texts, computed once for each bundle and then cached."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ansa.library.storage.store import Store
from ansa.library.storage.vectors import are_unit
from ansa.scene import Vector

if TYPE_CHECKING:
    from ansa.model.analyzer import Analyzer


def text_vectors(store: Store, analyzer: Analyzer, subject: str, texts: Sequence[str]) -> Vector:
    """Returns the vectors of texts, float32 (n, d), unit length.

    Args:
        store: its cache keeps them.
        analyzer: embeds the texts that are not cached.
        subject: what the texts are; those of one subject and bundle are kept, the latest only.
        texts: n of them.

    Raises:
        ValueError: a text is empty.
        AnalyzerError: the network's output is invalid.
    """
    subject = f"{subject} texts of {analyzer.bundle.id}"
    key = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    stored = store.cache.get(subject, [key]).get(key, b"")
    if len(stored) == len(texts) * analyzer.dim * 4:
        vectors = np.frombuffer(stored, "<f4").reshape(len(texts), analyzer.dim)
        if are_unit(vectors).all():
            return vectors
    vectors = analyzer.embed_text(list(texts))
    store.cache.put(subject, {key: vectors.astype("<f4").tobytes()}, most=1)
    return vectors


def everyday_vectors(store: Store, analyzer: Analyzer) -> Vector:
    """Returns the vectors of the everyday texts, float32 (n, d), with which scores are compared."""
    from ansa.taxonomy.everyday import everyday_prompts

    return text_vectors(store, analyzer, "everyday", everyday_prompts())
