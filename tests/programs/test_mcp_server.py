"""An assistant searches photos by the Model Context Protocol: it can only read, and only where it
may."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from ansa.library.index_report import LibraryError
from ansa.programs.mcp_answers import MOST_PHOTOS
from ansa.programs.mcp_server import LibraryReader, create_server
from tests.programs.conftest import Home

T = TypeVar("T")


@pytest.fixture(scope="module")
def reader(home_of_photos: Home) -> Iterator[LibraryReader]:
    """The library, limited to the folder that is shown."""
    made = LibraryReader(
        [home_of_photos.shown], home_of_photos.database, str(home_of_photos.bundle)
    )
    yield made
    made.close()


def asked(reader: LibraryReader, work: Callable[[Client], Awaitable[T]]) -> T:
    """What a client of the SDK that is connected to the server gets."""

    async def connect() -> T:
        async with Client(create_server(reader)) as client:
            return await work(client)

    return anyio.run(connect)


def call(reader: LibraryReader, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured answer of a tool."""
    result = asked(reader, lambda client: client.call_tool(tool, arguments))
    assert not result.is_error, result.content
    assert result.structured_content is not None
    answer: dict[str, Any] = result.structured_content
    return answer


def refusal(reader: LibraryReader, tool: str, **arguments: Any) -> str:
    """What a tool says if it cannot answer."""
    result = asked(reader, lambda client: client.call_tool(tool, arguments))
    assert result.is_error
    said = " ".join(each.text for each in result.content if each.type == "text")
    assert "Traceback" not in said
    return said


def test_every_tool_says_that_it_only_reads_and_what_it_answers(reader: LibraryReader) -> None:
    tools = asked(reader, lambda client: client.list_tools()).tools
    assert {tool.name for tool in tools} == {"search", "describe", "memories", "duplicates"}
    for tool in tools:
        assert tool.annotations
        assert tool.annotations.read_only_hint
        assert tool.output_schema
        assert tool.description


def test_a_search_gives_photos_with_grades_reasons_and_scores(reader: LibraryReader) -> None:
    found = call(reader, "search", query="yellow", limit=3)
    best = found["photos"][0]
    assert Path(best["path"]).name == "yellow.png"
    assert best["grade"] in ("matches", "perhaps", "not here")
    assert 0 <= best["score"] <= 1
    assert best["reasons"]
    assert len(found["photos"]) <= 3
    assert found["understood"]


def test_a_photo_is_described_by_its_id_and_by_its_path(
    reader: LibraryReader, home_of_photos: Home
) -> None:
    path = home_of_photos.shown / "green.png"
    described = call(reader, "describe", path=str(path))
    assert described["paths"] == [str(path)]
    assert described["kind"] == "receipt"
    assert described["facts"]["width"] == 60
    assert call(reader, "describe", photo=described["id"]) == described
    assert call(reader, "describe", path="green.png") == described


def test_memories_have_titles_dates_and_photos(reader: LibraryReader) -> None:
    found = call(reader, "memories", limit=5)
    assert found["memories"]
    memory = found["memories"][0]
    assert memory["title"]
    assert memory["first"].startswith("2024-05-01")
    assert all(photo["id"] > 0 for photo in memory["photos"])


def test_duplicates_come_in_groups(reader: LibraryReader) -> None:
    found = call(reader, "duplicates", only="exact")
    (group,) = found["groups"]
    names = {Path(each["path"]).name for each in (group["keep"], *group["others"])}
    assert names == {"3.jpg", "3 copy.jpg"}
    assert found["all_groups"] == 1


def test_no_photo_outside_of_the_folders_is_ever_named(
    reader: LibraryReader, home_of_photos: Home
) -> None:
    answers = [
        call(reader, "search", query="red", limit=MOST_PHOTOS),
        call(reader, "search", query="secret red copy", limit=MOST_PHOTOS),
        call(reader, "memories", limit=24),
        call(reader, "duplicates", limit=100),
        call(reader, "describe", path="3.jpg"),
    ]
    assert str(home_of_photos.secret) not in str(answers)
    hidden = home_of_photos.secret / "3 hidden copy.jpg"  # whose bytes are shown elsewhere
    for path in (str(hidden), "../secret/red.png", str(home_of_photos.secret / "red.png")):
        assert "no such photo" in refusal(reader, "describe", path=path)


def test_the_memories_of_the_whole_library_are_not_those_of_a_folder(
    home_of_photos: Home, reader: LibraryReader
) -> None:
    everything = LibraryReader((), home_of_photos.database, str(home_of_photos.bundle))
    try:
        assert call(everything, "describe", path=str(home_of_photos.secret / "red.png"))["id"]
    finally:
        everything.close()


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("search", {"query": "   "}, "empty"),
        ("search", {"query": "x" * 501}, "at most 500"),
        ("search", {"query": "red", "limit": 10_000}, "less than or equal"),
        ("search", {"query": "red", "after": "no day"}, "no day"),
        ("describe", {}, "either by its id or by its path"),
        ("describe", {"photo": 1, "path": "x"}, "either by its id or by its path"),
        ("describe", {"photo": 2**40}, "no such photo"),
        ("describe", {"path": "a\0b"}, "no such photo"),
        ("duplicates", {"only": "everything"}, "exact"),
        ("delete", {}, "delete"),
    ],
)
def test_what_cannot_be_answered_is_said_in_words(
    reader: LibraryReader, tool: str, arguments: dict[str, Any], said: str
) -> None:
    assert said in refusal(reader, tool, **arguments)


def test_a_folder_without_known_photos_is_an_error_with_a_remedy(
    home_of_photos: Home, tmp_path: Path
) -> None:
    with pytest.raises(LibraryError, match="knows no photo in it; run `ansa index"):
        LibraryReader([tmp_path], home_of_photos.database, str(home_of_photos.bundle))
    with pytest.raises(LibraryError, match="no library there"):
        LibraryReader([], tmp_path / "none.sqlite", str(home_of_photos.bundle))


def test_the_command_answers_over_pipes_and_writes_nothing(home_of_photos: Home) -> None:
    def state() -> tuple[str, dict[str, int]]:
        data = home_of_photos.database.read_bytes()
        folders = (home_of_photos.shown, home_of_photos.secret)
        files = {str(p): p.stat().st_mtime_ns for folder in folders for p in folder.iterdir()}
        return hashlib.sha256(data).hexdigest(), files

    before = state()
    places = "--library", str(home_of_photos.database), "--bundle", str(home_of_photos.bundle)
    arguments = ["-m", "ansa", "mcp", str(home_of_photos.shown), *places]
    server = StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ))

    async def talk() -> None:
        async with Client(stdio_client(server)) as client:
            found = await client.call_tool("search", {"query": "blue"})
            assert found.structured_content
            names = [Path(each["path"]).name for each in found.structured_content["photos"]]
            assert names[0] == "blue.png"
            memories = await client.call_tool("memories", {})
            assert not memories.is_error

    anyio.run(talk)
    assert state() == before
