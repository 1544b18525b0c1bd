"""WordNet is read in its own format, a meaning at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansa_train.taxonomy.wordnet import WordNet
from tests.ansa_train.random_parts import use_parts
from tests.ansa_train.taxonomy.small import write_wordnet


@pytest.fixture
def nouns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WordNet:
    write_wordnet(tmp_path)
    use_parts(monkeypatch, tmp_path)
    return WordNet()


def test_a_word_has_its_meanings_in_their_order(nouns: WordNet) -> None:
    assert [nouns[s].gloss for s in nouns.senses("Boxer")] == ["who boxes", "a dog of that name"]
    assert nouns.senses("unheard of") == ()


def test_words_of_two_parts_are_found_and_told_with_a_space(nouns: WordNet) -> None:
    (synset,) = nouns.senses("golden retriever")
    assert nouns[synset].lemmas == ("golden retriever",)


def test_a_meaning_knows_everything_it_is_a_kind_of_the_nearest_first(nouns: WordNet) -> None:
    (beagle,) = nouns.senses("beagle")
    above = [nouns[s].lemmas[0] for s in nouns.above(beagle)]
    assert above == ["dog", "animal", "being"]
