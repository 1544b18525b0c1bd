from __future__ import annotations

import numpy as np
import pytest

from ansa.library.search.tag_index import TagIndex, TagScores
from ansa.library.storage.codec import encode
from ansa.scene import Tag


def tagged(*photos: tuple[Tag, ...]) -> TagIndex:
    """Photo 0 has no tags; those given are the photos 1, 2, ..."""
    packed = [encode("tags", tags) for tags in photos]
    return TagIndex.of_packed(len(photos) + 1, range(1, len(photos) + 1), packed)


DOG, UNSURE, BEACH = Tag("dog", 0.9, True), Tag("dog", 0.4, False), Tag("beach", 0.8, True)
ODD = Tag('café "é" {x}', 0.7, True)


def test_a_tag_has_its_probability_in_every_photo() -> None:
    shown = tagged((DOG, BEACH), (UNSURE,), ())["dog"]
    assert shown.scores.tolist() == pytest.approx([0, 0.9, 0.4, 0])
    assert shown.sure.tolist() == [False, True, False, False]


def test_a_name_within_another_is_not_taken_for_it() -> None:
    assert not tagged((Tag("hot dog", 0.9, True),))["dog"].scores.any()


def test_names_of_any_characters_are_found() -> None:
    assert tagged((ODD, DOG))[ODD.name].scores.tolist() == pytest.approx([0, 0.7])


def test_of_several_tags_the_likeliest_counts() -> None:
    shown = tagged((UNSURE, BEACH), (DOG,)).any_of(["dog", "beach"])
    assert shown.scores.tolist() == pytest.approx([0, 0.8, 0.9])
    assert shown.sure.tolist() == [False, True, True]


def test_only_what_is_sure_is_counted() -> None:
    assert tagged((DOG, BEACH), (UNSURE,)).counts == {"dog": 1, "beach": 1}


def test_the_tags_of_one_photo_are_as_they_were_seen() -> None:
    found = tagged((DOG, BEACH), (UNSURE,))
    assert [found.of(row) for row in range(3)] == [(), (DOG, BEACH), (UNSURE,)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[1]",
        b"\xff\x00",
        b'[{"name":"dog",',
        b'[{"name":"dog","score":"x"}]',
        b'[{"name":"dog","score":..,"sure":true}]',
        b'[{"name":"dog","score":1e999,"sure":true}]',
        b'[{"name":"dog","score":NaN,"sure":true}]',
        b'[{"name":"\\x","score":0.9,"sure":true}]',
    ],
)
def test_damaged_tags_do_no_harm(data: bytes) -> None:
    found = TagIndex.of_packed(2, [0, 1], [data, encode("tags", (DOG,))])
    scores = found["dog"].scores
    assert scores[1] == pytest.approx(0.9)
    assert 0 <= scores[0] <= 1
    assert found.counts["dog"] in (1, 2)
    assert isinstance(found.of(0), tuple)


def test_a_taught_tag_stands_for_one_of_that_name() -> None:
    found = tagged((DOG,))
    mine = TagScores(np.array([0.6, 0.0], np.float32), np.array([True, False]))
    found.teach("dog", mine)
    assert found["dog"] is mine
    assert found.taught == {"dog": "dog"}
    assert found.counts["dog"] == 1
