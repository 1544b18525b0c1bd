from __future__ import annotations

import random

from ansa_train.data.batch import descriptions, identity, pick
from tests.ansa_train.data.labels.test_label_groups import sample


def test_photos_without_captions_are_described_by_what_is_in_them() -> None:
    assert descriptions(sample(captions=("a", "b"), objects=("dog", "cat"))) == ("a", "b")
    assert descriptions(sample(objects=("dog", "cat"))) == ("a photo of a dog and a cat",)
    said = descriptions(sample(objects=("dog", "cat", "cup")))
    assert said == ("a photo of a dog, a cat and a cup",)
    assert descriptions(sample(objects=("dog",))) == ()


def test_captions_are_repeated_only_where_there_are_too_few() -> None:
    rng = random.Random(0)
    assert sorted(pick(("a", "b", "c"), 3, rng)) == ["a", "b", "c"]
    assert len(set(pick(("a", "b", "c"), 2, rng))) == 2
    assert sorted(pick(("a",), 2, rng)) == ["a", "a"]


def test_a_photo_has_the_same_number_in_every_process_and_fits_a_tensor() -> None:
    assert identity("coco-1") == 7212779444948459829
    numbers = {identity(str(i)) for i in range(1000)}
    assert len(numbers) == 1000
    assert max(numbers) < 2**63
