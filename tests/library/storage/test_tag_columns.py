from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.library.storage.codec import decode, encode
from ansa.library.storage.tag_columns import TagColumns
from ansa.scene import Tag

TAGS = st.lists(
    st.builds(
        Tag,
        st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=12).filter(
            str.isprintable
        ),
        st.floats(0, 1).map(lambda score: round(score, 4)),
        st.booleans(),
    ),
    max_size=6,
)


def read(columns: TagColumns) -> dict[int, list[tuple[str, float, bool]]]:
    names = columns.names
    found: dict[int, list[tuple[str, float, bool]]] = {}
    for row, tag, score, sure in zip(*columns.joined(), strict=True):
        found.setdefault(int(row), []).append((names[tag], float(score), bool(sure)))
    return found


@given(st.lists(TAGS, max_size=8))
def test_the_tags_of_photos_are_those_that_were_written(photos: list[list[Tag]]) -> None:
    columns = TagColumns()
    columns.add(range(len(photos)), [encode("tags", tags) for tags in photos])
    expected: dict[int, list[tuple[str, Any, bool]]] = {
        row: [(tag.name, pytest.approx(tag.score, abs=1e-6), tag.sure) for tag in tags]
        for row, tags in enumerate(photos)
        if tags
    }
    found: Any = read(columns)
    assert found == expected
    assert columns.damaged == []


def test_json_that_the_codec_would_write_otherwise_is_read_too() -> None:
    tag = {"sure": True, "name": "dog", "score": 1}
    columns = TagColumns()
    columns.add([4], [json.dumps([tag]).encode()])
    assert read(columns) == {4: [("dog", 1.0, True)]}


@pytest.mark.parametrize("data", [b"{", b"[1]", b'[{"name":"dog","score":2,"sure":true}]', 7, "x"])
def test_damaged_tags_are_named_and_the_others_stand(data: Any) -> None:
    columns = TagColumns()
    columns.add([0, 1], [data, encode("tags", [Tag("cat", 0.5, False)])])
    assert columns.damaged == [0]
    assert read(columns) == {1: [("cat", 0.5, False)]}


def test_photos_that_are_added_later_are_in_their_place() -> None:
    columns = TagColumns()
    for row, name in ((2, "cat"), (0, "dog")):
        columns.add([row], [encode("tags", [Tag(name, 0.5, False)])])
    assert list(read(columns)) == [0, 2]


def test_a_photo_without_a_result_has_no_tags() -> None:
    columns = TagColumns()
    columns.add([0], [b""])
    assert read(columns) == {}
    assert decode("tags", encode("tags", ())) == ()
