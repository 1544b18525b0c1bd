"""Tags are calibrated, ordered and bounded; a parent is never less likely than its kinds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from ansa.model.heads import SignalError, reader
from ansa.model.heads.tags import MOST, TagsReader
from ansa.scene import Tag

SETTINGS: dict[str, Any] = {
    "names": ["thing", "animal", "dog", "puppy", "night"],
    "parents": [-1, 0, 1, 2, -1],
    "slopes": [1.0, 1.0, 2.0, 1.0, 1.0],
    "offsets": [0.0, 0.0, 0.0, 0.0, -1.0],
    "thresholds": [0.9, 0.9, 0.7, 0.99, 0.5],
    "shown": [0, 1, 1, 1, 1],
    "taught": [1, 1, 1, 1, 1],
}


def read(*logits: float) -> tuple[Tag, ...]:
    tags: tuple[Tag, ...] = reader("tags", 1, (5,), SETTINGS)(np.array(logits, np.float32))
    return tags


def test_the_likeliest_comes_first_and_of_equals_the_more_particular() -> None:
    tags = read(-9, -9, 1, -1, 1)
    assert [tag.name for tag in tags] == ["dog", "animal", "night", "puppy"]
    assert tags[0].score == pytest.approx(1 / (1 + np.exp(-2)))
    assert tags[2].score == pytest.approx(0.5)


def test_a_parent_is_as_likely_and_as_sure_as_its_kinds() -> None:
    tags = {tag.name: tag for tag in read(-9, -9, 1, -9, -9)}
    assert tags["animal"].score == tags["dog"].score
    assert tags["animal"].sure
    assert tags["dog"].sure


def test_a_name_alone_is_never_likelier_than_what_it_is_a_kind_of() -> None:
    guessed = TagsReader((5,), SETTINGS | {"taught": [1, 1, 1, 0, 1]})
    score = guessed.probabilities(np.array([-9, -9, -1, 9, -9], np.float32))
    assert score[1] == score[2] == score[3] == pytest.approx(1 / (1 + np.exp(2)))
    loose = TagsReader((5,), SETTINGS | {"taught": [1, 0, 1, 1, 0]})  # below what is never said
    score = loose.probabilities(np.array([-9, 3, -9, -9, 3], np.float32))
    assert score[0] == score[1] == pytest.approx(1 / (1 + np.exp(-3)))
    assert score[4] == pytest.approx(1 / (1 + np.exp(-2)))


def test_what_tells_more_comes_first_though_it_is_less_likely() -> None:
    telling = {name: value for name, value in SETTINGS.items() if name != "taught"}
    telling["telling"] = [0, 0.01, 0.6, 1, 0.2]
    tags = reader("tags", 2, (5,), telling)(np.array([-9, -9, 1, 0.6, 1], np.float32))
    assert [tag.name for tag in tags] == ["puppy", "dog", "night", "animal"]
    assert [round(tag.score, 2) for tag in tags] == [0.65, 0.88, 0.5, 0.88]


def test_what_is_unlikely_or_not_worth_saying_is_left_out() -> None:
    assert read(9, -9, -9, -9, -9) == ()


def test_a_tag_is_sure_from_its_own_threshold_on() -> None:
    assert [tag.sure for tag in read(-9, 1, -9, -9, 2)] == [False, True]


def test_there_are_never_more_than_a_page_of_them() -> None:
    count = MOST + 10
    settings = {
        "names": [f"concept {i}" for i in range(count)],
        "parents": [-1] * count,
        "slopes": [1] * count,
        "offsets": [0] * count,
        "thresholds": [0.5] * count,
        "shown": [True] * count,
        "taught": [True] * count,
    }
    assert len(TagsReader((count,), settings)(np.ones(count, np.float32))) == MOST


def test_any_finite_number_is_read_without_a_warning() -> None:
    with np.errstate(all="raise"):
        assert read(3e38, -3e38, 3e38, 0, -3e38)[0].score == 1


@pytest.mark.parametrize("raw", [np.full(5, np.nan), np.full(5, np.inf), np.zeros(4)])
def test_an_output_that_means_nothing_is_refused(raw: Any) -> None:
    with pytest.raises(SignalError):
        TagsReader((5,), SETTINGS)(raw.astype(np.float32))


@pytest.mark.parametrize(
    "changed",
    [
        {"names": None},
        {"names": ["dog"] * 4},
        {"names": ["dog", "", "x", "y", "z"]},
        {"names": ["dog", 1, "x", "y", "z"]},
        {"names": ["d\nog", "w", "x", "y", "z"]},
        {"parents": [0, 0, 0, 0, 0]},
        {"parents": [-1, 2, 1, 0, 0]},
        {"parents": [-1, -1, 0.5, -1, -1]},
        {"parents": [-2, -1, -1, -1, -1]},
        {"slopes": [1, 1, 1, 1]},
        {"slopes": [1, 1, 1, 1, -1]},
        {"slopes": [1, 1, 1, 1, float("nan")]},
        {"offsets": [0, 0, 0, 0, float("inf")]},
        {"offsets": [0, 0, 0, 0, "0"]},
        {"thresholds": [0, 0, 0, 0, 2]},
        {"shown": "yes"},
        {"taught": [1, 1, 1, 1, 2]},
        {"telling": [1, 1, 1, 1]},
        {"telling": [1, 1, 1, 1, -1]},
    ],
)
def test_settings_that_mean_nothing_are_refused(changed: dict[str, Any]) -> None:
    settings = json.loads(json.dumps(SETTINGS | changed))
    with pytest.raises(SignalError):
        TagsReader((5,), settings)


def test_tags_have_one_axis() -> None:
    with pytest.raises(SignalError):
        TagsReader((1, 5), SETTINGS)
