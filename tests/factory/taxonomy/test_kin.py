"""Nouns get the tags that are the fewest steps away."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from ansa.factory.taxonomy.kin import _lines, kin
from ansa.factory.taxonomy.wordnet import WordNet
from ansa.taxonomy.tree import Concept, Tree
from tests.factory.taxonomy.small import write_wordnet


@pytest.fixture
def nouns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WordNet:
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path))
    write_wordnet(tmp_path)
    return WordNet()


def tree(nouns: WordNet) -> Tree:
    def linked(name: str, parent: str | None) -> Concept:
        return Concept(name, parent, (), nouns.senses(name)[0])

    return Tree((linked("animal", None), linked("dog", "animal"), linked("cat", "animal")))


def test_a_noun_gets_the_nearest_tags_and_a_tag_gets_none(nouns: WordNet) -> None:
    found = kin(tree(nouns), nouns)
    assert found["beagle"] == ("dog", "animal", "cat")
    assert found["being"][0] == "animal"
    assert not {"dog", "cat", "animal"} & found.keys()


def test_a_noun_far_from_every_tag_has_none(nouns: WordNet) -> None:
    assert "barge" not in kin(tree(nouns), nouns)


def test_the_file_begins_with_the_licence(nouns: WordNet) -> None:
    lines = list(_lines({"beagle": ("dog", "animal"), "husky": ("dog", "animal")}))
    assert "# This line stands for the licence.\n" in lines
    assert lines[-1] == "dog, animal: beagle husky\n"
