"""Claims are right if anyone mentions them, by whatever word."""

from collections import Counter
from pathlib import Path

from ansa.taxonomy.tree import Concept, Tree
from ansa_train.data.pack import Sample
from benchmarks.descriptions import share, shown

TREE = Tree(
    (
        Concept("animal"),
        Concept("dog", "animal", ("hound",)),
        Concept("beagle", "dog"),
        Concept("beach"),
    )
)


def test_what_is_mentioned_and_all_above_it_is_there() -> None:
    sample = Sample(
        "a", "b", "dev", "photo", ("A beagle runs.", "Sand."), (), ("beach",), Path("x"), 0, 0
    )
    assert shown(sample, TREE) == {"beagle", "dog", "animal", "beach"}


def test_the_share_counts_every_claim_once() -> None:
    made, right = Counter(dog=3, beach=1), Counter(dog=3, cat=9)
    assert share(made, right) == 0.75
    assert share(Counter(), right) == 1.0
