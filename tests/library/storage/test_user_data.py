"""What people told, in the second file: all of it comes back, and damage is seen."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.library.index_report import LibraryError
from ansa.library.storage import database
from ansa.library.storage.user_data import (
    VERSION,
    NewerUserDataError,
    UserData,
    UserDataError,
    from_tables,
    into_tables,
    newest,
    path_of,
    read,
    set_aside,
    write,
)

DIGESTS = st.binary(min_size=32, max_size=32)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
TOLD = st.builds(
    UserData,
    st.dictionaries(DIGESTS, st.sampled_from(["favourite", "hidden"]), max_size=4),
    st.dictionaries(st.tuples(TEXTS, DIGESTS), st.booleans(), max_size=4),
    st.dictionaries(st.tuples(TEXTS, DIGESTS), st.just("trip"), max_size=4),
    st.dictionaries(TEXTS, TEXTS, max_size=4),
    st.dictionaries(DIGESTS, st.sampled_from(["photo", "receipt"]), max_size=4),
    st.dictionaries(st.tuples(TEXTS, DIGESTS), st.booleans(), max_size=4),
    st.dictionaries(
        st.tuples(TEXTS, st.sampled_from(["favourite", "without"]), DIGESTS),
        st.just("trip"),
        max_size=4,
    ),
    st.just("5e1f"),
    st.integers(0, 2**52),
)
ONE, TWO = bytes(32), bytes([1] * 32)


@given(TOLD)
def test_what_is_written_is_read_again_from_the_file_and_from_the_tables(
    tmp_path_factory: pytest.TempPathFactory, told: UserData
) -> None:
    folder = tmp_path_factory.mktemp("told")
    write(folder / "told.json", told)
    assert read(folder / "told.json") == told
    assert [each.name for each in folder.iterdir()] == ["told.json"]
    connection, _ = database.connect(folder / "l.sqlite")
    into_tables(connection, told)
    assert from_tables(connection) == told
    connection.close()


def test_it_says_in_words_what_it_holds() -> None:
    assert str(UserData()) == "nothing"
    tags = {("Zoe", ONE): True, ("Zoe", TWO): False}
    memories = {("5fa0", ONE): "trip", ("6fa0", ONE): "trip"}
    kinds, corrections = {ONE: "photo"}, {("dog", ONE): False, ("cat", ONE): True}
    marks = {ONE: "favourite", TWO: "hidden"}
    told = UserData(marks, tags, memories, kinds=kinds, corrections=corrections)
    assert str(told) == (
        "1 favourite, 1 hidden photo, 1 taught tag, 1 corrected kind, 2 corrected tags, "
        "2 dismissed memories"
    )


def test_a_file_of_before_there_were_corrections_is_read(tmp_path: Path) -> None:
    first = {
        "version": 1, "line": "a", "revision": 3, "marks": {ONE.hex(): "hidden"}, "tags": {},
        "memories": {}, "settings": {},
    }  # fmt: skip
    (tmp_path / "told.json").write_text(json.dumps(first))
    assert read(tmp_path / "told.json") == UserData({ONE: "hidden"}, line="a", revision=3)


def test_no_file_is_nothing_told(tmp_path: Path) -> None:
    assert read(path_of(tmp_path / "library.sqlite")) is None


def damages() -> list[bytes]:
    sound = {
        "version": 1, "line": "a", "revision": 1, "marks": {ONE.hex(): "hidden"}, "tags": {},
        "memories": {}, "settings": {},
    }  # fmt: skip
    wrong: list[dict[str, object]] = [
        {"version": "1"}, {"revision": -1}, {"revision": 2**70}, {"line": 3}, {"marks": []},
        {"marks": {"00": "hidden"}}, {"marks": {ONE.hex(): "other"}}, {"tags": {"x": 1}},
        {"tags": {"x": {ONE.hex(): 1}}}, {"memories": {"x": {"photos": [ONE.hex()]}}},
        {"settings": {"x": None}}, {"line": "\ud800"}, {"marks": {ONE.hex(): ["hidden"]}},
    ]  # fmt: skip
    texts = [json.dumps(sound | each).encode() for each in wrong]
    whole = json.dumps(sound).encode()
    return [*texts, b"", b"{", b"[]", b"\xff\xfe", whole[: len(whole) // 2], b"[" * 100_000]


@pytest.mark.parametrize("data", damages(), ids=range(len(damages())))
def test_damage_is_seen(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "told.json").write_bytes(data)
    with pytest.raises(UserDataError):
        read(tmp_path / "told.json")


def test_a_newer_version_is_told_from_damage(tmp_path: Path) -> None:
    (tmp_path / "told.json").write_text(f'{{"version": {VERSION + 1}, "what": "unknown"}}')
    with pytest.raises(NewerUserDataError, match="made by a newer ANSA"):
        read(tmp_path / "told.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_in_its_place_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "told.json")
    with pytest.raises(UserDataError, match="not a file"):
        read(tmp_path / "told.json")


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """Every write beyond so many bytes of a file fails, as on a full disk."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "told.json"
    write(file, UserData({ONE: "hidden"}, line="a"))
    with no_room_beyond(10), pytest.raises(LibraryError, match="nothing was changed"):
        write(file, UserData(line="a"))
    assert read(file) == UserData({ONE: "hidden"}, line="a")


def test_damaged_files_are_set_aside_and_never_over_one_another(tmp_path: Path) -> None:
    file = tmp_path / "told.json"
    for content in "ab":
        file.write_text(content)
        set_aside(file)
    assert (tmp_path / "told.json.damaged-1").read_text() == "a"
    assert (tmp_path / "told.json.damaged-2").read_text() == "b"


def test_of_one_line_the_later_state_counts_also_where_something_was_taken_back() -> None:
    before, after = UserData({ONE: "hidden"}, line="a", revision=1), UserData(line="a", revision=2)
    assert newest(before, after) == newest(after, before) == after


def test_what_differs_in_the_same_state_counts_as_the_file_has_it() -> None:
    tables = UserData({ONE: "hidden"}, line="a", revision=1)
    file = UserData({ONE: "favourite"}, line="a", revision=1)
    assert newest(tables, file) == file


def test_nothing_gives_way_and_two_lines_are_put_together() -> None:
    one = UserData({ONE: "hidden"}, settings={"x": "on"}, line="a", revision=7)
    other = UserData({ONE: "favourite", TWO: "hidden"}, line="b", revision=3)
    assert newest(UserData(), one) == newest(one, UserData()) == one
    both = newest(one, other)
    assert both.marks == {ONE: "hidden", TWO: "hidden"}
    assert both.settings == {"x": "on"}
    assert both.state == ("a", 8)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE told_marks SET mark = 3",
        "UPDATE told_marks SET digest = 'x'",
        "UPDATE told_tags SET name = x'00'",
        "UPDATE told_memories SET family = x'00'",
        "UPDATE told_settings SET value = x'00'",
        "UPDATE told_kinds SET kind = x'00'",
        "UPDATE told_corrections SET here = 'x'",
        "UPDATE told_feedback SET said = 'x'",
        "UPDATE told_state SET line = x'00'",
        "UPDATE told_state SET revision = 'x'",
        "UPDATE told_state SET revision = 9223372036854775807",
        "DELETE FROM told_state",
    ],
)
def test_tables_with_a_damaged_row_give_way_to_the_file(tmp_path: Path, damage: str) -> None:
    whole = UserData(
        {ONE: "hidden"},
        {("Zoe", ONE): True},
        {("5", ONE): "trip"},
        {"x": "on"},
        {ONE: "photo"},
        {("dog", ONE): False},
        {("5", "without", ONE): "trip"},
        "a",
        4,
    )
    connection, _ = database.connect(tmp_path / "l.sqlite")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    into_tables(connection, whole)
    assert newest(from_tables(connection), whole) == whole
    connection.execute(damage)
    damaged = from_tables(connection)
    connection.close()
    assert damaged.line == ""
    assert newest(damaged, whole) == whole
