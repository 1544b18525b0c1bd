"""The vectors of fixed texts are computed once for each bundle, and never those of other texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ansa.library import Library
from ansa.library.text_vectors import text_vectors
from ansa.model.analyzer import Analyzer
from ansa.scene import Vector
from tests.fuzz.seeds import sound_bundle

TEXTS = "a dog", "a cat"


@pytest.fixture(scope="module")
def analyzer(tmp_path_factory: pytest.TempPathFactory) -> Analyzer:
    return Analyzer(sound_bundle(tmp_path_factory.mktemp("bundle")))


@pytest.fixture
def library(tmp_path: Path, analyzer: Analyzer) -> Iterator[Library]:
    with Library(database=tmp_path / "l.sqlite", analyzer=analyzer) as made:
        yield made


def vectors_of(library: Library, *texts: str) -> Vector:
    return text_vectors(library.store, library.analyzer, "test", texts)


def test_texts_are_embedded_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    first = vectors_of(library, *TEXTS)
    np.testing.assert_array_equal(first, library.analyzer.embed_text(TEXTS))
    monkeypatch.setattr(Analyzer, "embed_text", None)
    np.testing.assert_array_equal(vectors_of(library, *TEXTS), first)


def test_other_texts_are_embedded_anew(library: Library) -> None:
    vectors_of(library, *TEXTS)
    other = vectors_of(library, *TEXTS, "a bird")
    np.testing.assert_array_equal(other, library.analyzer.embed_text([*TEXTS, "a bird"]))


def test_damaged_vectors_are_computed_again(library: Library) -> None:
    first = vectors_of(library, *TEXTS)
    subject = f"test texts of {library.analyzer.bundle.id}"
    kept = library.store.cache.get(subject)
    for damage in (b"", bytes(first.nbytes)):
        library.store.cache.put(subject, dict.fromkeys(kept, damage))
        np.testing.assert_array_equal(vectors_of(library, *TEXTS), first)
