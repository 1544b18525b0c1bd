from __future__ import annotations

import pytest

from ansa.model.bundle import Bundle
from ansa.taxonomy.related_terms import FILE, RelatedTerms
from ansa.taxonomy.tree import FILE as TREE
from ansa.taxonomy.tree import Tree


@pytest.fixture(scope="module")
def kin() -> RelatedTerms:
    """That of the shipped bundle."""
    return RelatedTerms.parse(Bundle.open().read(FILE))


@pytest.mark.parametrize(
    ("word", "tag"),
    [("zebu", "cow"), ("Lasagna", "pasta"), ("cutlasses", "sword"), ("fjord", "sea")],
)
def test_a_word_has_the_tags_that_are_nearest_in_kind(
    kin: RelatedTerms, word: str, tag: str
) -> None:
    assert tag in kin.of(word)


def test_words_that_nobody_knows_have_none(kin: RelatedTerms) -> None:
    assert kin.of("xqzzt") == kin.of("") == kin.of("😀") == ()


def test_every_tag_is_in_the_shipped_tree_and_no_word_is(kin: RelatedTerms) -> None:
    tree = Tree.parse(Bundle.open().read(TREE))
    assert len(kin) > 20_000
    assert all(name in tree for names in set(kin.values()) for name in names)
    assert not any(tree.find(word) for word in kin)


def test_lines_that_say_nothing_are_passed_over() -> None:
    kin = RelatedTerms.parse(b"# a licence: of words\ncow, animal: zebu\n\xff\x00\n: \nno colon\n")
    assert dict(kin) == {"zebu": ("cow", "animal")}
