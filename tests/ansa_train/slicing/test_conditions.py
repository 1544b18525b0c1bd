from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from ansa.scene import Facts, Tag
from ansa_train.data.pack import BoxedObject, Sample
from ansa_train.slicing.conditions import (
    CONDITIONS,
    people_in,
    source_conditions,
    subject_conditions,
)
from ansa_train.slicing.observation import Appearance, Observation

BY_NAME = {condition.name: condition for condition in CONDITIONS}
LOOK = Appearance(luma=0.5, cast=5, chroma=20, subject_luma=0.5, surroundings_luma=0.5)
SEEN = Observation("a", appearance=LOOK, facts=Facts(640, 480), tags=(Tag("dog", 0.9, True),))


def sample(**known: object) -> Sample:
    values: dict[str, object] = {
        "key": "a",
        "source": "album",
        "split": "dev",
        "kind": "photo",
        "captions": (),
    }
    values |= {"labels": (), "objects": (), "file": Path("x"), "offset": 0, "size": 0, **known}
    return Sample(**values)  # type: ignore[arg-type]


def holds(name: str, seen: Observation = SEEN, **known: object) -> bool | None:
    return BY_NAME[name].holds(seen, sample(**known))


def person(*where: float, crowd: bool = False) -> BoxedObject:
    return BoxedObject("person", where or (0.1, 0.1, 0.5, 0.5), crowd)  # type: ignore[arg-type]


def test_light_is_told_by_the_pixels() -> None:
    dark = replace(SEEN, appearance=replace(LOOK, luma=0.1))
    assert holds("dark", dark)
    assert not holds("dark")
    against = replace(LOOK, subject_luma=0.2, surroundings_luma=0.7)
    assert holds("backlit", replace(SEEN, appearance=against))
    assert not holds("backlit")


def test_what_cannot_be_told_is_unknown_and_not_false() -> None:
    assert holds("noisy") is None  # the bundle has no such signal
    assert holds("phone") is None  # the file names no camera
    assert holds("taken in Europe") is None
    assert holds("one person") is None
    assert holds("skin tone dark") is None


def test_the_camera_and_its_time_are_told_by_exif() -> None:
    facts = Facts(640, 480, camera="Apple iPhone 12", taken=datetime(2021, 5, 2, 12))
    facts = replace(facts, taken_source="exif")
    seen = replace(SEEN, facts=facts)
    assert holds("phone", seen)
    assert holds("other camera", seen) is False
    assert holds("taken before 2008", seen) is False
    old = replace(facts, camera="Canon EOS 10D", taken=datetime(2004, 5, 2, 12))
    assert holds("taken before 2008", replace(seen, facts=old))
    assert holds("other camera", replace(seen, facts=old))


@pytest.mark.parametrize(
    ("captions", "number"),
    [
        (["a dog runs", "a brown dog on grass", "the dog"], 0),
        (["a man on a bike", "the man rides", "a cyclist rides"], 1),
        (["two boys play", "two young boys", "boys in the park"], 2),
        (["a man and a woman talk", "a woman with a man", "two people talk"], 2),
        (["a crowd of people", "many people at a fair", "people"], 3),
        (["a man"], None),  # one caption says too little
        (["a man", "two men", "a dog"], None),  # they disagree
    ],
)
def test_captions_say_how_many_people_where_most_agree(
    captions: list[str], number: int | None
) -> None:
    assert people_in(sample(captions=tuple(captions))) == number


def test_boxes_are_counted_and_a_crowd_is_many() -> None:
    assert people_in(sample(boxes=(person(), BoxedObject("dog", (0, 0, 1, 1))))) == 1
    assert people_in(sample(boxes=(person(crowd=True),))) == 3
    assert holds("small subject", boxes=(person(0.1, 0.1, 0.2, 0.2),))
    assert not holds("small subject", boxes=(person(),))
    assert holds("many objects", boxes=(person(),) * 5)


def test_age_is_what_most_captions_say() -> None:
    captions = ("a small boy runs", "the child runs", "a runner")
    assert holds("children", captions=captions)
    assert not holds("adults", captions=captions)


def test_subjects_and_sources_make_slices_of_their_own() -> None:
    animals, food = subject_conditions({"a": "animal", "b": "food"})
    assert (animals.name, food.name) == ("subject: animal", "subject: food")
    assert animals.holds(SEEN, sample())
    assert not food.holds(SEEN, sample())
    assert food.holds(SEEN, sample(key="c")) is None
    assert source_conditions([sample()]) == []
    two = source_conditions([sample(), sample(source="pets")])
    assert [each.holds(SEEN, sample(source="pets")) for each in two] == [False, True]


def test_no_two_conditions_have_one_name() -> None:
    assert len(BY_NAME) == len(CONDITIONS)
