"""Of photos that captions and boxes describe, it is known what they show, or that nobody knows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ansa.model.bundle import Bundle
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.data.labels.concept_labels import ABSENT, PRESENT, UNKNOWN, UNMENTIONED
from ansa_train.data.pack import BoxedObject, Sample
from benchmarks.search_truth import numbers_of, said_number, spoken_of, without_empty_silence

PERSON = (0.1, 0.1, 0.4, 0.9)


def sample(
    *captions: str, boxes: tuple[BoxedObject, ...] = (), boxed: tuple[str, ...] = ()
) -> Sample:
    return Sample(
        *("x", "made", "dev", "photo", captions, (), (), Path(), 0, 0), boxes=boxes, boxed=boxed
    )


@pytest.mark.parametrize(
    ("caption", "noun", "number"),
    [
        ("Two dogs play .", "dogs", 2),
        ("A black dog and a brown dog fight .", "dogs", 2),
        ("Two young blond girls smile .", "girls", 2),
        ("A man and two girls sit on a bench .", "people", 3),
        ("A man walks his dog .", "people", 1),
        ("A man walks his dog .", "women", 0),
        ("A dog runs .", "people", 0),
        ("A group of men stand together .", "people", 99),
        ("Dogs run .", "dogs", -1),
        ("Two people sit .", "men", -1),
        ("Two children play .", "girls", -1),
    ],
)
def test_captions_say_numbers(caption: str, noun: str, number: int) -> None:
    assert said_number(caption, noun) == number


def test_most_captions_of_a_photo_must_agree_on_a_number() -> None:
    agreed = sample("Two men run .", "Two men .", "Three people run .")
    torn = sample("Two men run .", "Three men run .")
    alone = sample("Two men run .")
    assert numbers_of([agreed, torn, alone], "men").tolist() == [2, -1, -1]


def test_boxes_count_people_unless_some_are_small_or_a_crowd() -> None:
    one = BoxedObject("person", PERSON)
    small = BoxedObject("person", (0.0, 0.0, 0.05, 0.05))
    crowd = BoxedObject("person", PERSON, crowd=True)
    samples = [
        sample(boxes=boxes, boxed=("person",))
        for boxes in ((one, one), (one, small), (one, crowd), (BoxedObject("dog", PERSON),))
    ]
    assert numbers_of([*samples, sample(boxes=(one,))], "people").tolist() == [2, -1, -1, 0, -1]


def test_silence_about_what_everybody_names_says_that_it_is_not_there() -> None:
    tree = Tree.parse(Bundle.open().read(FILE))
    dog, grass = (
        next(at for at, concept in enumerate(tree) if concept.name == name)
        for name in ("dog", "grass")
    )
    photos = [sample("A dog on grass .", *["A dog ."] * 4) for _ in range(12)]
    told = spoken_of(photos, tree, frozenset())
    assert told[dog]
    assert not told[grass]
    states = np.full((3, len(tree)), UNMENTIONED, np.uint8)
    states[2, [dog, grass]] = PRESENT, ABSENT
    known = without_empty_silence(states, [photos[0], sample("A cat ."), photos[0]], told)
    assert known[:, dog].tolist() == [UNMENTIONED, UNKNOWN, PRESENT]
    assert known[:, grass].tolist() == [UNKNOWN, UNKNOWN, ABSENT]
