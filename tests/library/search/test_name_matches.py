"""Words of a query in the names of files and folders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from ansa.library import Library, SearchResult
from ansa.library.search.name_matches import search_words
from ansa.library.search.parse import Part
from ansa.library.search.query_terms import query_terms
from ansa.library.search.search import run_search
from ansa.library.search.snapshot import Snapshot
from tests.library.lives import Life, library_of

LIVES = [
    Life("India/tajmahal.jpg", datetime(2019, 3, 4)),
    Life("India/IMG_0001.jpg", datetime(2019, 3, 5), tags={"dog": 0.9}),
    Life("2020 Zermatt/DSC01.jpg"),
    Life("catering.jpg"),
    Life("misc/OmaHilde70.jpg"),
    Life("misc/b.jpg", tags={"dog": 0.9}),
    Life("東京旅行/c.jpg"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    base = tmp_path_factory.mktemp("names")
    with library_of(base, LIVES) as library:
        yield library


def search(library: Library, query: str) -> SearchResult:
    return run_search(library, query, today=date(2026, 1, 1))


def names(result: SearchResult) -> list[str]:
    return [match.path.name for match in result.matches]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("tajmahal", "tajmahal.jpg"),
        ("taj mahal", "tajmahal.jpg"),
        ("Taj-Mahal", "tajmahal.jpg"),
        ("photos of the taj mahal please", "tajmahal.jpg"),
        ("zermatt", "DSC01.jpg"),
        ("our trip to Zermatt", "DSC01.jpg"),
        ("Zérmatt", "DSC01.jpg"),
        ("zerm", "DSC01.jpg"),
        ("oma hilde", "OmaHilde70.jpg"),
        ("dog in india", "IMG_0001.jpg"),
        ("東京", "c.jpg"),
        ("DSC01.jpg", "DSC01.jpg"),
    ],
)
def test_a_photo_is_found_by_its_name_and_those_of_its_folders(
    library: Library, query: str, first: str
) -> None:
    result = search(library, query)
    assert names(result)[0] == first
    assert result.good
    assert any(reason.kind == "name" for reason in result.matches[0].reasons)


def test_both_photos_of_a_folder_come_first(library: Library) -> None:
    assert set(names(search(library, "india"))[:2]) == {"tajmahal.jpg", "IMG_0001.jpg"}


def test_the_reason_says_which_name(library: Library) -> None:
    (reason,) = (r for r in search(library, "zermatt").matches[0].reasons if r.kind == "name")
    assert reason.text == '"zermatt" in the name of the folder "2020 Zermatt"'
    (reason,) = (r for r in search(library, "taj mahal").matches[0].reasons if r.kind == "name")
    assert reason.text == '"taj mahal" in the name of the file "tajmahal.jpg"'


def test_a_year_still_limits_what_a_name_finds(library: Library) -> None:
    assert names(search(library, "india 5 march 2019")) == ["IMG_0001.jpg"]


def test_the_beginning_of_a_word_is_no_name_of_a_thing(library: Library) -> None:
    assert names(search(library, "cat"))[0] != "catering.jpg" or not any(
        match.grade == "matches" for match in search(library, "cat").matches
    )


def test_words_that_every_camera_writes_are_not_searched() -> None:
    assert list(search_words("IMG_0001 photo of the dog")) == ["0001", "dog"]
    assert list(search_words("an ox")) == []


def test_the_folder_that_was_indexed_has_a_name_too(tmp_path: Path) -> None:
    with library_of(tmp_path, [Life("a.jpg"), Life("b.jpg")]) as library:
        folder = next(iter(library.folders()))
        assert folder.name == "photos"
        result = search(library, folder.parent.name)
        assert not any(r.kind == "name" for match in result.matches for r in match.reasons)


def test_a_name_counts_less_where_the_photo_surely_shows_what_it_says(tmp_path: Path) -> None:
    lives = [
        Life("Dogs/a.jpg", tags={"dog": 0.97}),
        Life("Dogs/b.jpg"),
        Life("c.jpg"),
        Life("d.jpg"),
    ]
    with library_of(tmp_path, lives) as library:
        snapshot = Snapshot(library.store, library.analyzer, None)

        def shares(text: str) -> list[float]:
            (asked,) = query_terms(library, snapshot, [Part(text)])
            assert asked.term.names is not None
            return [round(float(share), 3) for share in asked.term.names]

        assert shares("dogs") == [1, 1, 0, 0]
        assert shares("dogs playing") == [0.125, 0.5, 0, 0]
