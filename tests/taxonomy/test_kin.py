from __future__ import annotations

import pytest

from ansa.bundle import Bundle
from ansa.taxonomy.kin import _kin, kin_of
from ansa.taxonomy.tree import FILE, Tree


@pytest.mark.parametrize(
    ("word", "tag"),
    [("zebu", "cow"), ("Lasagna", "pasta"), ("cutlasses", "sword"), ("fjord", "sea")],
)
def test_a_word_has_the_tags_that_are_nearest_in_kind(word: str, tag: str) -> None:
    assert tag in kin_of(word)


def test_words_that_nobody_knows_have_none() -> None:
    assert kin_of("xqzzt") == kin_of("") == kin_of("😀") == ()


def test_every_tag_is_in_the_shipped_tree_and_no_word_is() -> None:
    tree = Tree.parse(Bundle.open().read(FILE))
    known = _kin()
    assert len(known) > 20_000
    assert all(name in tree for names in set(known.values()) for name in names)
    assert not any(tree.find(word) for word in known)
