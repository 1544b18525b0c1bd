"""Nouns get the tags that are the fewest steps away."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansa.taxonomy.related_terms import RelatedTerms
from ansa.taxonomy.tree import Concept, Tree
from ansa_train.taxonomy.related_terms import related_terms, related_terms_file
from ansa_train.taxonomy.wordnet import WordNet
from tests.ansa_train.random_parts import use_parts
from tests.ansa_train.taxonomy.small import write_wordnet


@pytest.fixture
def nouns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WordNet:
    write_wordnet(tmp_path)
    use_parts(monkeypatch, tmp_path)
    return WordNet()


def tree(nouns: WordNet) -> Tree:
    def linked(name: str, parent: str | None) -> Concept:
        return Concept(name, parent, (), nouns.senses(name)[0])

    return Tree((linked("animal", None), linked("dog", "animal"), linked("cat", "animal")))


def test_a_noun_gets_the_nearest_tags_and_a_tag_gets_none(nouns: WordNet) -> None:
    found = related_terms(tree(nouns), nouns)
    assert found["beagle"] == ("dog", "animal", "cat")
    assert found["being"][0] == "animal"
    assert not {"dog", "cat", "animal"} & found.keys()


def test_a_noun_far_from_every_tag_has_none(nouns: WordNet) -> None:
    assert "barge" not in related_terms(tree(nouns), nouns)


def test_the_file_begins_with_the_licence_and_reads_as_it_was_written(nouns: WordNet) -> None:
    file = related_terms_file(tree(nouns), nouns)
    assert b"# This line stands for the licence.\n" in file
    assert dict(RelatedTerms.parse(file)) == related_terms(tree(nouns), nouns)
