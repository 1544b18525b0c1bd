from __future__ import annotations

from pathlib import Path
from typing import Any

from ansa_train.data.labels.label_groups import LabelGroups, label_choices
from ansa_train.data.pack import Sample


def sample(**known: Any) -> Sample:
    nothing: dict[str, Any] = {"captions": (), "labels": (), "objects": ()}
    place = {"file": Path("x.tar"), "offset": 0, "size": 0}
    basics = {"key": "x", "source": "pets", "split": "train", "kind": "photo"}
    return Sample(**basics | nothing | place | known)


def test_a_label_is_a_choice_among_its_source_and_a_kind_among_kinds() -> None:
    assert label_choices(sample(labels=("cat",))) == [("pets", "cat")]
    assert label_choices(sample(labels=("cat",), kind="receipt")) == [
        ("pets", "cat"),
        ("kind", "receipt"),
    ]
    assert label_choices(sample(labels=("cat", "dog"))) == []  # more than one is no choice
    assert label_choices(sample()) == []


def test_labels_of_a_source_compete_and_those_of_another_do_not() -> None:
    dog, cat = sample(labels=("dog",)), sample(labels=("cat",))
    rain = sample(labels=("rain",), source="weather")
    labels = LabelGroups([dog, cat, rain])
    assert labels.groups == {"pets": ["cat", "dog"], "weather": ["rain"]}
    assert labels.choices(dog) == [(range(0, 2), 1)]
    assert labels.choices(rain) == [(range(2, 3), 2)]
    assert labels.choices(sample(labels=("horse",))) == []  # never seen in training
    assert len(labels) == 3


def test_what_a_whole_source_shows_is_no_choice_and_the_label_beside_it_is() -> None:
    flowers = [sample(source="flowers", labels=("flower", kind)) for kind in ("rose", "daisy")]
    labels = LabelGroups(flowers)
    assert labels.groups == {"flowers": ["daisy", "rose"]}
    assert labels.choices(flowers[0]) == [(range(0, 2), 1)]


def test_labels_that_stand_together_do_not_exclude_each_other() -> None:
    scenes = [
        sample(source="scenes", labels=("man", "tennis")),
        sample(source="scenes", labels=("man",)),
        sample(source="scenes", labels=("woman", "tennis")),
    ]
    assert LabelGroups(scenes).groups == {}
