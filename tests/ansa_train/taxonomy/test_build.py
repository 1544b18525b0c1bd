"""The tree of tags is our list, with WordNet's words and the teacher's classes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ansa.taxonomy.everyday import everyday_words
from ansa.taxonomy.tree import Concept, Tree, key
from ansa_train.data.labels.coco_classes import LABELS
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.errors import TrainingError
from ansa_train.taxonomy.build import BROAD, LEFT_UNSAID, Taxonomy, build, concept_list, entries
from ansa_train.taxonomy.teacher_classes import class_map, softmax
from ansa_train.taxonomy.wordnet import WordNet
from tests.ansa_train.random_parts import use_parts
from tests.ansa_train.taxonomy.small import LIST, write_wordnet


@pytest.fixture
def nouns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WordNet:
    write_wordnet(tmp_path)
    use_parts(monkeypatch, tmp_path)
    return WordNet()


@pytest.fixture
def small(nouns: WordNet) -> Taxonomy:
    classes = [nouns.senses(word)[0] for word in ("beagle", "golden retriever", "cat", "barge")]
    return build(list(entries(LIST)), nouns, classes)


@pytest.fixture(scope="module")
def ours() -> Tree:
    """Our list alone, as it is without WordNet."""
    listed = entries(concept_list())
    return Tree(tuple(Concept(e.name, e.parent, e.synonyms) for e in listed))


def test_a_class_stands_below_its_nearest_kind(small: Taxonomy) -> None:
    path = small.tree.path(small.tree["golden retriever"])
    assert [concept.name for concept in path] == ["golden retriever", "dog", "animal"]
    assert small.classes == ("beagle", "golden retriever", "cat", "barge")
    assert small.tree["barge"].parent is None


def test_words_are_ours_and_wordnets(small: Taxonomy) -> None:
    for word in ("doggy", "Domestic Dog", "dogs", "a dog"):
        assert [concept.name for concept in small.tree.find(word)] == ["dog"]
    assert small.tree["animal"].synonyms == ("beast", "creature")


def test_the_sense_is_the_one_that_is_a_kind_of_the_line_above(
    small: Taxonomy, nouns: WordNet
) -> None:
    assert small.tree["boxer"].wordnet == nouns.senses("boxer")[1]
    assert small.tree["night"].wordnet is None


@pytest.mark.parametrize("text", ["  dog", "dog = ", "dog = cat.2", "dog = cat"])
def test_a_list_that_means_nothing_is_refused(text: str, nouns: WordNet) -> None:
    with pytest.raises(TrainingError, match="concepts"):
        build(list(entries(text)), nouns, [])


def test_a_class_without_a_word_of_its_own_is_refused(nouns: WordNet) -> None:
    with pytest.raises(TrainingError, match="beagle"):
        build(list(entries("beagle = cat.1")), nouns, nouns.senses("beagle"))


def test_a_parent_has_the_probability_of_all_its_classes(small: Taxonomy) -> None:
    chances = softmax(np.log(np.array([[0.1, 0.2, 0.3, 0.4]])))
    place = {concept.name: i for i, concept in enumerate(small.tree)}
    (mapped,) = chances @ class_map(small)
    assert mapped[place["dog"]] == pytest.approx(0.3)
    assert mapped[place["animal"]] == pytest.approx(0.6)
    assert mapped[place["night"]] == 0


def test_our_list_alone_has_more_than_a_thousand_concepts(ours: Tree) -> None:
    assert len(ours) > 1000
    assert {concept.name for concept in ours} >= LEFT_UNSAID | BROAD


def test_no_two_concepts_of_our_list_are_called_the_same(ours: Tree) -> None:
    said = Counter(key(word) for c in ours for word in {c.name, *c.synonyms})
    twice = {word for word, times in said.items() if times > 1}
    known = "cardigan carriage crane kite pick plate torch"  # a torch burns, or shines
    assert twice <= set(known.split()), twice


def test_everyday_words_are_found_in_our_list(ours: Tree) -> None:
    missing = [word for word in everyday_words() if not ours.find(word)]
    assert len(missing) < 0.1 * len(everyday_words()), missing


@pytest.mark.parametrize("label", LABELS)
def test_labels_of_boxes_mean_a_concept(label: str, ours: Tree) -> None:
    rules = LabelRules.read(Path("recipes/data/labels.toml"))
    assert rules.concepts(label, ours, "coco")


def test_plain_english_finds_the_concept(ours: Tree) -> None:
    words = {"puppy": "puppy", "bike": "bicycle", "telly": "television", "sofas": "sofa"}
    assert {word: ours.find(word)[0].name for word in words} == words
