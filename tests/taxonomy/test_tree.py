"""The tree of tags that a bundle brings: what it answers, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansa.taxonomy.tree import MAX_CONCEPTS, Concept, TaxonomyError, Tree

TREE = Tree(
    (
        Concept("animal"),
        Concept("dog", "animal", ("doggy", "hound"), "n02084071"),
        Concept("puppy", "dog", ("pup",)),
        Concept("seal", "animal"),
        Concept("wax seal", None, ("stamp",)),
        Concept("postage stamp", None, ("stamp",)),
    )
)


def names(found: tuple[Concept, ...]) -> list[str]:
    return [concept.name for concept in found]


@pytest.mark.parametrize("word", ["dog", "Dogs", "a DOG", "doggy", " the  hound ", "doggies"])
def test_what_people_type_finds_the_concept(word: str) -> None:
    assert names(TREE.find(word)) == ["dog"]


def test_an_ambiguous_word_finds_all_it_may_mean_and_a_name_wins() -> None:
    assert names(TREE.find("stamps")) == ["wax seal", "postage stamp"]
    assert names(TREE.find("seal")) == ["seal"]
    assert TREE.find("unicorn") == ()
    assert TREE.find("") == ()


def test_kinds_and_what_they_are_kinds_of() -> None:
    puppy = TREE["puppy"]
    assert names(TREE.path(puppy)) == ["puppy", "dog", "animal"]
    assert TREE.parent(TREE["animal"]) is None
    assert names(TREE.children(TREE["animal"])) == ["dog", "seal"]
    assert names(TREE.children(None)) == ["animal", "wax seal", "postage stamp"]
    assert names(TREE.below(TREE["animal"])) == ["animal", "dog", "seal", "puppy"]


def test_the_file_says_all_of_it() -> None:
    assert Tree.parse(TREE.to_bytes()).concepts == TREE.concepts
    assert Tree.parse(b'{"concepts": []}').concepts == ()


@pytest.mark.parametrize(
    "concepts",
    [
        None,
        {},
        ["dog"],
        [{}],
        [{"name": ""}],
        [{"name": 1}],
        [{"name": "d\nog"}],
        [{"name": "d" * 101}],
        [{"name": "dog", "parent": "animal"}],
        [{"name": "dog", "parent": "dog"}],
        [{"name": "dog", "parent": 0}],
        [{"name": "dog"}, {"name": "dog"}],
        [{"name": "dog", "synonyms": "pup"}],
        [{"name": "dog", "synonyms": [None]}],
        [{"name": "dog", "synonyms": ["pup"] * 101}],
        [{"name": "dog", "wordnet": 2}],
        [{"name": str(i)} for i in range(MAX_CONCEPTS + 1)],
    ],
)
def test_a_file_that_is_no_tree_is_refused(concepts: Any) -> None:
    with pytest.raises(TaxonomyError):
        Tree.parse(json.dumps({"concepts": concepts}).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b"[" * 10**6, b" " * 9_000_000])
def test_bytes_that_are_no_document_are_refused(raw: bytes) -> None:
    with pytest.raises(TaxonomyError):
        Tree.parse(raw)
