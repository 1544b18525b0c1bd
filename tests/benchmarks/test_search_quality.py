"""The figures of the benchmark, on photos made of words of which everything is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ansa import Analyzer
from ansa.library.search.relevance import Baseline
from ansa.library.search.tag_index import TagIndex
from ansa.library.storage.codec import encode
from ansa.scene import Tag
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.data.labels.concept_labels import ABSENT, PRESENT
from ansa_train.data.pack import Sample
from benchmarks.search_quality import Shelf, captions, one_thing, two_things, without

_EACH = 10
_SHOWN = (("dog",), ("cat",), ("dog", "cat"), ())


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    """Photos of dogs, of cats, of both and of neither, as their texts say, and tags that know."""
    analyzer = Analyzer()
    tree = Tree.parse(analyzer.bundle.read(FILE))
    shown = [names for names in _SHOWN for _ in range(_EACH)]
    samples = [
        Sample(
            str(n), "made", "test", "photo", (f"{' and '.join(names)} {n}",), (), (), Path(), 0, 0
        )
        for n, names in enumerate(shown)
    ]
    states = np.full((len(shown), len(tree)), ABSENT, np.uint8)
    for row, names in enumerate(shown):
        for name in names:
            states[row, [concept.name for concept in tree].index(name)] = PRESENT
    count = len(shown)
    return Shelf(
        analyzer,
        tree,
        samples,
        analyzer.embed_text([sample.captions[0] for sample in samples]),
        Baseline(np.full(count, 0.2, np.float32), np.full(count, 0.1, np.float32)),
        TagIndex.of_packed(
            count,
            range(count),
            [encode("tags", tuple(Tag(name, 0.9, True) for name in names)) for names in shown],
        ),
        states,
    )


def test_tags_that_know_find_everything(shelf: Shelf) -> None:
    turned = replace(shelf, vectors=shelf.vectors[::-1])  # which say what other photos show
    alone, together = one_thing(turned)["mean average precision"]
    assert alone < together
    assert one_thing(shelf)["mean average precision"][1] == pytest.approx(1)
    assert two_things(shelf)["mean average precision"][1] == pytest.approx(1)


def test_what_is_not_wanted_is_counted_apart(shelf: Shelf) -> None:
    figures = without(shelf)
    assert figures["first ten that show the one without the other"][1] == pytest.approx(1)
    assert figures["first ten that show the other"][1] == 0


def test_a_caption_finds_its_own_photo(shelf: Shelf) -> None:
    figures = captions(shelf)
    assert figures["the photo among the first 1"][0] == pytest.approx(1)
    assert figures["the photo among the first 10"][1] <= 1
