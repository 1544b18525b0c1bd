from __future__ import annotations

import pytest

from ansa.library.search.tag_names import named_in
from ansa.names import name_key
from ansa.taxonomy.tree import Concept, Tree

TREE = Tree(
    (
        Concept("animal"),
        Concept("dog", "animal", ("hound",)),
        Concept("hot dog"),
        Concept("beach"),
        Concept("bat animal", "animal", ("bat",)),
        Concept("baseball bat", None, ("bat",)),
        Concept("T-shirt"),
        Concept("person", None, ("people",)),
    )
)


@pytest.mark.parametrize(
    ("text", "named", "leading"),
    [
        ("dog", {"dog": ("dog",)}, True),
        ("The Hounds", {"Hounds": ("dog",)}, True),
        ("a dog on a beach", {"dog": ("dog",), "beach": ("beach",)}, True),
        ("a hot dog", {"hot dog": ("hot dog",)}, True),
        ("a black dog", {"dog": ("dog",)}, False),
        ("bat", {"bat": ("bat animal", "baseball bat")}, True),
        ("t shirt", {"t shirt": ("T-shirt",)}, True),
        ("dog people beach t-shirt", {"dog": ("dog",), "people": ("person",), "beach": ("beach",),
                                      "t-shirt": ("T-shirt",)}, False),
        ("dog people beach", {"dog": ("dog",), "people": ("person",), "beach": ("beach",)}, False),
        ("joy", {}, False),
        ("in the", {}, False),
        ("", {}, False),
    ],
)  # fmt: skip
def test_tags_lead_where_a_text_names_nothing_else(
    text: str, named: dict[str, tuple[str, ...]], leading: bool
) -> None:
    concepts = named_in(text, TREE, {})
    assert dict(concepts.named) == named
    assert concepts.leading == leading


def test_words_that_name_nothing_are_told() -> None:
    assert named_in("a black dog and joy", TREE, {}).unknown == ("black", "joy")


def test_a_taught_name_is_a_tag_and_stands_for_others() -> None:
    concepts = named_in("Dog at the beach with my cat Miso", TREE, {"my cat miso": "my cat Miso"})
    assert dict(concepts.named)["my cat Miso"] == ("my cat Miso",)
    assert named_in("dog", TREE, {"dog": "Dog"}).named == (("dog", ("Dog",)),)


def test_without_a_tree_nothing_is_named() -> None:
    assert named_in("a dog", None, {}).named == ()


@pytest.mark.parametrize("text", ["cafe", "Café", "cafe\u0301", "CAFÉS", "the café’s"])
def test_a_tag_is_named_in_any_spelling(text: str) -> None:
    for name in ("café", "cafe"):
        assert named_in(text, Tree((Concept(name),)), {}).named[0][1] == (name,)


def test_names_of_other_scripts_and_symbols_are_words() -> None:
    taught = {name_key(name): name for name in ("दिल्ली", "🐱", "C++")}
    assert [names for _, names in named_in("दिल्ली और 🐱", None, taught).named] == [
        ("दिल्ली",),
        ("🐱",),
    ]
    assert named_in("C++ book", None, taught).named == (("C++", ("C++",)),)
    assert named_in("dog 😀", TREE, {}).leading


def test_a_long_text_names_a_bounded_number() -> None:
    assert len(named_in("dog beach hot dog people " * 2_000, TREE, {}).named) <= 5
