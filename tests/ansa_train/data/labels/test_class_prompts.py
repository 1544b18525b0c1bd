from __future__ import annotations

import random

import pytest
import torch

from ansa_train.data.labels.class_prompts import (
    PLAIN_NAMES,
    TEMPLATES,
    TokenBatches,
    Vocabulary,
    article,
    imagenet,
    label_vocabulary,
    sentence,
)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("dog", "a dog"),
        ("apple", "an apple"),
        ("Airedale", "an Airedale"),
        ("clouds", "clouds"),
        ("glass", "a glass"),
    ],
)
def test_names_get_the_article_they_need(name: str, said: str) -> None:
    assert article(name) == said


def test_every_template_says_the_name_once() -> None:
    for template in TEMPLATES:
        said = sentence("owl", template)
        assert said.count("owl") == 1
        assert "{" not in said
    assert sentence("owl", "a photo of {a}.") == "a photo of an owl."


def test_a_class_is_called_by_all_its_names_most_often_by_the_best_known() -> None:
    vocabulary = Vocabulary((("sofa", "couch"), ("cat",)))
    rng = random.Random(0)
    said = [vocabulary.prompts(rng) for _ in range(200)]
    assert all(len(prompts) == len(vocabulary) == 2 for prompts in said)
    couches = sum("couch" in prompts[0] for prompts in said)
    assert 20 < couches < 80  # a quarter of the time
    assert all("cat" in prompts[1] for prompts in said)


@pytest.mark.usefixtures("parts")
def test_the_teachers_classes_come_in_its_order_with_their_lemmas() -> None:
    names = imagenet().names
    assert len(names) == 1000
    assert names[0] == ("thing0", "object 0")
    assert names[999] == ("thing999", "object 999")


def test_labels_of_all_groups_share_one_vocabulary() -> None:
    vocabulary, where = label_vocabulary({"pets": ["cat", "dog"], "weather": ["cloudy"]})
    assert vocabulary.names == (("cat",), ("dog",), PLAIN_NAMES["cloudy"])
    assert where == {"pets": range(2), "weather": range(2, 3)}


@pytest.mark.usefixtures("parts")
def test_a_batch_of_sentences_is_padded_to_its_longest_and_cut_at_the_most() -> None:
    tokens = TokenBatches(6)
    ids, mask = tokens(["a dog", "a red sun"])
    assert ids.dtype == mask.dtype == torch.int64
    assert mask.tolist() == [[1, 1, 1, 1, 0], [1] * 5]
    assert ids[0, -1] == 0
    ids, _ = tokens(["a dog on the beach on the beach on the beach"])
    assert ids.shape == (1, 6)
