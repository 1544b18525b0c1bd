"""What people said of photos, as present, absent, unmentioned and unknown concepts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansa.taxonomy.tree import Concept, Tree
from ansa_train.data.labels.concept_labels import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    UNMENTIONED,
    ConceptLabels,
    mentioned,
)
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.data.pack import Sample

TREE = Tree(
    (
        Concept("animal"),
        Concept("dog", "animal", ("doggy",)),
        Concept("beagle", "dog"),
        Concept("cat", "animal"),
        Concept("food"),
        Concept("hot dog", "food"),
        Concept("orange", "food"),
        Concept("running", None),
        Concept("computer mouse"),
        Concept("receipt"),
    )
)


def sample(**known: Any) -> Sample:
    plain: dict[str, Any] = {"key": "a", "source": "album", "split": "train", "kind": "photo"}
    plain |= {"captions": (), "labels": (), "objects": (), "file": Path(), "offset": 0, "size": 0}
    return Sample(**plain | known)


TRAIN = [
    sample(captions=("a dog runs",)),
    sample(captions=("a cat",)),
    sample(source="pets", labels=("dog",)),
    sample(source="pets", labels=("cat",)),
    sample(objects=("cat", "mouse")),
    sample(source="zoo", objects=("dog",)),
    sample(source="street", labels=("dog",)),
    sample(source="street", labels=("food",)),
    sample(kind="receipt"),
]


RULES = LabelRules(
    meant={"mouse": ("computer mouse",)},
    open=frozenset(("street",)),
    ambiguous=frozenset(("orange",)),
)


def said(**known: Any) -> dict[str, int]:
    shown = ConceptLabels(TREE, TRAIN, RULES, least=1)
    (row,) = shown([sample(**known)])
    return {concept.name: int(state) for concept, state in zip(TREE, row, strict=True)}


@pytest.mark.parametrize(
    ("caption", "names"),
    [
        ("Two dogs and a cat.", ["dog", "cat"]),
        ("a man eats a hot dog", ["hot dog"]),
        ("an orange shirt", []),
        ("He runs after a doggy", ["running", "dog"]),
    ],
)
def test_captions_mention_the_longest_names(caption: str, names: list[str]) -> None:
    assert [concept.name for concept in mentioned(caption, TREE, RULES.ambiguous)] == names


def test_a_label_is_present_with_what_it_is_a_kind_of_and_excludes_its_rivals() -> None:
    states = said(source="pets", labels=("dog",))
    assert states["dog"] == states["animal"] == PRESENT
    assert states["cat"] == ABSENT
    assert states["beagle"] == states["food"] == UNKNOWN


def test_silence_of_captions_is_weak_and_only_about_words_that_captions_use() -> None:
    states = said(captions=("a dog",))
    assert states["dog"] == states["animal"] == PRESENT
    assert states["cat"] == states["running"] == UNMENTIONED
    assert states["beagle"] == states["hot dog"] == UNKNOWN


def test_boxes_tell_all_of_their_classes() -> None:
    states = said(objects=("cat",))
    assert states["cat"] == states["animal"] == PRESENT
    assert states["computer mouse"] == ABSENT
    assert states["dog"] == UNKNOWN
    assert said(source="zoo", objects=("dog",))["computer mouse"] == UNKNOWN


def test_labels_of_an_open_source_exclude_nothing() -> None:
    states = said(source="street", labels=("dog",))
    assert states["dog"] == PRESENT
    assert states["food"] == UNKNOWN


def test_photos_that_nothing_is_learned_from_tell_what_their_source_looked_for() -> None:
    more = [sample(source="held", objects=("dog", "cat"))]
    shown = ConceptLabels(TREE, TRAIN, RULES, more=more, least=1)
    (row,) = shown([sample(source="held", objects=("cat",))])
    assert row[shown.place["dog"]] == ABSENT


def test_a_receipt_is_one_and_an_ordinary_photo_is_none() -> None:
    assert said(kind="receipt")["receipt"] == PRESENT
    assert said(source="pets", labels=("dog",))["receipt"] == ABSENT
