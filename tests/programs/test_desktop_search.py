"""The desktop finds photos by words, and gets a name, a sentence and a small picture of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansa.library import Library
from ansa.library.thumbnails.cache import ThumbnailCache
from ansa.model.analyzer import Analyzer
from ansa.programs.desktop_search import ICON_SIDE, MOST_RESULTS, DesktopSearch, words_of
from tests.programs.conftest import Home


@pytest.fixture(scope="module")
def search(home_of_photos: Home) -> Iterator[DesktopSearch]:
    pictures = ThumbnailCache(home_of_photos.database)
    with Library(
        home_of_photos.shown,
        database=home_of_photos.database,
        analyzer=Analyzer(home_of_photos.bundle),
        read_only=True,
    ) as library:
        yield DesktopSearch(library, pictures)
    pictures.close()


def test_photos_are_found_by_words_with_what_is_shown_of_them(search: DesktopSearch) -> None:
    ids = search.find(["yellow"])
    assert 0 < len(ids) <= MOST_RESULTS
    best = search.shown(ids)[0]
    assert best.id == ids[0]
    assert best.name == "yellow.png"
    assert best.description
    assert best.icon is not None
    assert max(best.icon.shape[:2]) <= ICON_SIDE
    file = search.file(ids[0])
    assert file is not None
    assert file.name == "yellow.png"


def test_without_small_pictures_photos_are_shown_without(home_of_photos: Home) -> None:
    with Library(
        database=home_of_photos.database,
        analyzer=Analyzer(home_of_photos.bundle),
        read_only=True,
    ) as library:
        bare = DesktopSearch(library)
        assert [each.icon for each in bare.shown(bare.find(["blue"])[:1])] == [None]


def test_what_matches_nothing_finds_nothing(search: DesktopSearch) -> None:
    for terms in ([], [""], ["b"], ["-"], ["^^^"], ["date:9999"]):
        assert search.find(terms) == []


def test_ids_from_outside_reach_nothing_else(search: DesktopSearch, home_of_photos: Home) -> None:
    with Library(database=home_of_photos.database, read_only=True) as everything:
        secret = everything.photo_of(home_of_photos.secret / "red.png")
    for odd in (str(secret), "0", "-1", "999999", "../red.png", "9" * 400, "", "１"):
        assert search.file(odd) is None
        assert search.shown([odd]) == []
    assert len(search.shown(search.find(["yellow"]) * 100)) <= MOST_RESULTS


def test_typed_words_are_one_line_of_bounded_length() -> None:
    assert words_of(["a  dog", "on\na", "beach "]) == r"a dog on\na beach"
    assert len(words_of(["x" * 10_000] * 100)) == 200


def test_a_library_that_is_only_read_is_not_made(tmp_path: Path) -> None:
    from ansa.library.index_report import LibraryError

    with pytest.raises(LibraryError, match="no library there; run `ansa index"):
        Library(database=tmp_path / "none.sqlite", read_only=True)
    assert not list(tmp_path.iterdir())
