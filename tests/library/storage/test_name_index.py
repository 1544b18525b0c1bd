"""Names of files and folders are searched as words."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.library.storage.name_index import words_of
from ansa.library.storage.store import Store
from tests.library.conftest import Shelf


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("TajMahal2", "tajmahal2 taj mahal 2"),
        ("taj_mahal-at.dawn", "taj mahal at dawn"),
        ("IMG_20190102", "img20190102 img 20190102"),
        ("Zoë’s Party", "zoe s party"),
        ("HTMLPage", "htmlpage html page"),
        ("São Paulo", "sao paulo"),
        ("東京旅行", "東 京 旅 行"),
        ("Straße", "strasse"),
        ("...", ""),
    ],
)
def test_a_name_is_split_into_words(name: str, words: str) -> None:
    # "IMG_20190102" has a mark between its parts, so it is no compound.
    expected = words.removeprefix("img20190102 ") if "_" in name else words
    assert " ".join(words_of(name)) == expected


def found(store: Store, *words: str, begin: bool = False) -> set[str]:
    paths = store.paths(store.photos_named(words, None, begin=begin), None)
    return {path.name for files in paths.values() for path in files}


@pytest.fixture
def named(shelf: Shelf) -> Shelf:
    for name in ("India/TajMahal.jpg", "India/dog.jpg", "Sommer 2019/Hündin.jpg", "x.jpg"):
        shelf.put(name)
    shelf.index()
    return shelf


def test_words_of_files_and_folders_find_photos_after_an_index_run(named: Shelf) -> None:
    assert found(named.store, "mahal") == {"TajMahal.jpg"}
    assert found(named.store, "india") == {"TajMahal.jpg", "dog.jpg"}
    assert found(named.store, "hundin", "dog") == {"Hündin.jpg", "dog.jpg"}
    assert found(named.store, "som") == set()
    assert found(named.store, "som", begin=True) == {"Hündin.jpg"}


def test_a_file_that_is_gone_or_renamed_is_not_found_by_its_old_name(named: Shelf) -> None:
    (named.folder / "India" / "dog.jpg").rename(named.folder / "wolf.jpg")
    (named.folder / "x.jpg").unlink()
    named.index()
    assert found(named.store, "dog", "x") == set()
    assert found(named.store, "wolf") == {"wolf.jpg"}


def test_what_an_older_version_indexed_is_added_once(named: Shelf) -> None:
    named.rows("DELETE FROM name_words")
    version = named.store.version()
    named.store.update_names()
    assert found(named.store, "india") == {"TajMahal.jpg", "dog.jpg"}
    assert named.store.version()[1] <= version[1]  # nothing that searches keep changes with it
    (rows,) = named.rows("SELECT count(*) FROM name_words")[0]
    named.store.update_names()
    assert named.rows("SELECT count(*) FROM name_words")[0] == (rows,)


def test_a_dropped_file_leaves_no_words(named: Shelf) -> None:
    files = [row[0] for row in named.rows("SELECT id FROM files")]
    named.store.drop(files)
    assert named.rows("SELECT count(*) FROM name_words") == [(0,)]


def test_words_for_spelling_are_those_of_names(named: Shelf) -> None:
    assert {"india", "mahal", "sommer"} <= set(named.store.name_words(100))


@pytest.mark.parametrize(
    "word",
    ['"', '" OR "india', "india*", "words:india", "NEAR(a b)", "a AND b", "\0", "'; DROP", "-"],
)
def test_what_looks_like_a_query_is_only_text(named: Shelf, word: str) -> None:
    for begin in (False, True):
        assert found(named.store, word, begin=begin) <= {"TajMahal.jpg", "dog.jpg"}
    assert found(named.store, "india")


def test_a_damaged_index_of_names_harms_nothing_else(named: Shelf) -> None:
    with sqlite3.connect(named.database) as connection:
        connection.execute("DELETE FROM name_words_data")
    connection.close()
    assert found(named.store, "india") == set()
    assert named.names()


@given(st.text(max_size=80))
def test_any_name_has_words_that_are_in_it(name: str) -> None:
    words = words_of(name)
    assert all(words)
    assert all(" " not in word for word in words)
