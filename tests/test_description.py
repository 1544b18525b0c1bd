"""Descriptions say what is surely there, in plain sentences, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.description import describe
from ansa.scene import Facts, Object, Scene, Tag, Utility


def tag(name: str, score: float = 0.99, sure: bool = True) -> Tag:
    return Tag(name, score, sure)


def person(score: float) -> Object:
    return Object("person", score, (0.1, 0.1, 0.4, 0.9))


def said(*tags: Tag, objects: tuple[Object, ...] = (), kind: str | None = None) -> str:
    utility = Utility(kind, 0.99, {kind: 0.99}, True) if kind else None
    return describe(tags, objects, utility).sentence


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        (["dog", "beach"], "A dog on a beach."),
        (["dog", "beach", "sunset"], "A dog on a beach at sunset."),
        (["panda"], "A panda."),
        (["dog", "running", "snow"], "A dog running in the snow."),
        (["elephant", "water"], "An elephant at the water."),
        (["beach", "sunset"], "A beach at sunset."),
        (["person", "dog"], "One or more people and a dog."),
        (["person", "crowd"], "A crowd."),
        (["guitar", "musical instrument"], "A guitar."),
        (["fish"], "Fish."),
        ([], "A photo."),
    ],
)
def test_what_is_surely_there_is_one_plain_sentence(tags: list[str], sentence: str) -> None:
    assert said(*(tag(name) for name in tags)) == sentence


def test_what_is_not_sure_is_not_said() -> None:
    assert said(tag("dog", 0.99, sure=False), tag("cat", 0.6)) == "A photo."
    assert said(tag("thing that no sentence knows")) == "A photo."


def test_a_second_animal_is_said_only_if_a_box_confirms_it() -> None:
    assert said(tag("kangaroo", 0.99), tag("dog", 0.95)) == "A kangaroo."
    assert said(tag("raccoon", 0.99), tag("cat", 0.98)) == "A photo."
    cat = Object("cat", 0.7, (0.1, 0.1, 0.4, 0.9))
    assert said(tag("dog", 0.99), tag("cat", 0.98), objects=(cat,)) == "A dog and a cat."


def test_people_are_counted_only_if_each_is_surely_found() -> None:
    assert said(objects=(person(0.9), person(0.85))) == "Two people."
    assert said(objects=(person(0.9),)) == "A person."
    assert said(objects=(person(0.9), person(0.85), person(0.3))) == "Several people."
    assert said(tag("person"), objects=(person(0.6),)) == "One or more people."
    assert said(objects=(person(0.2),)) == "A photo."


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [("receipt", "A receipt."), ("screenshot", "A screenshot."), ("photo", "A dog.")],
)
def test_pages_and_screens_are_called_what_they_are(kind: str, sentence: str) -> None:
    assert said(tag("dog"), kind=kind) == sentence


def test_a_kind_that_is_not_sure_is_not_said() -> None:
    utility = Utility("receipt", 0.5, {"receipt": 0.5}, False)
    assert describe([tag("dog")], None, utility).sentence == "A dog."


def test_a_claim_is_a_tag_that_was_given() -> None:
    given = [tag("dog"), tag("beach"), tag("running"), tag("person")]
    claims = describe(given, [person(0.9)], None).claims
    assert set(claims) <= {each.name for each in given}
    assert len(claims) == len(set(claims))


def test_scenes_describe_themselves_films_too() -> None:
    vector = np.array([1, 0], np.float32)
    signals = {"tags": (tag("dog"),)}
    assert Scene(Facts(4, 3), vector, signals).description == "A dog."
    assert Scene(Facts(4, 3, seconds=9.0), vector, signals).description == "A film: a dog."
    assert Scene(Facts(4, 3, seconds=9.0), vector).description == "A film."
    assert Scene(Facts(4, 3), vector).to_dict()["description"] == "A photo."
