from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansa import Analyzer, Library
from ansa.library.search.snapshot import Snapshot
from ansa.library.search.suggestions import suggest
from ansa.library.search.tag_names import NamedTags
from tests.library.scenes import Scene, write_library

SCENES = [
    *[Scene("a cow", {"cow": 0.8, "mammal": 0.8})] * 2,
    Scene("a church", {"building": 0.7, "church": 0.6}),
    Scene("a beach", {"beach": 0.9, "umbrella": 0.3}),
    Scene("pasta", {"pasta": 0.9, "food": 0.9}),
    Scene("water", {}),
]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    analyzer = Analyzer()
    database = tmp_path_factory.mktemp("library") / "library.sqlite"
    write_library(database, analyzer, SCENES)
    with Library(database=database, analyzer=analyzer) as library:
        yield library


def suggested(opened: Library, *unknown: str, named: str = "") -> list[tuple[str, int]]:
    # Not opened.snapshot(): nothing is ranked, and the everyday texts take seconds to read.
    snapshot = Snapshot(opened.store, opened.analyzer, None)
    names = ((named, (named,)),) if named else ()
    return suggest(snapshot, [NamedTags(names, bool(named), unknown)])


def test_a_thing_gets_its_kin_in_wordnet(opened: Library) -> None:
    assert suggested(opened, "zebu") == [("cow", 2)]
    assert suggested(opened, "lasagna")[0] == ("pasta", 1)


def test_a_misspelt_word_gets_the_tag_that_is_spelt_like_it(opened: Library) -> None:
    assert suggested(opened, "churhc") == [("church", 1)]
    assert suggested(opened, "bech")[0] == ("beach", 1)


def test_a_known_tag_that_no_photo_has_gets_what_it_is_a_kind_of(opened: Library) -> None:
    assert suggested(opened, named="mosque")[0] in (("building", 1), ("church", 1))


def test_only_tags_that_photos_surely_have_are_suggested(opened: Library) -> None:
    assert "umbrella" not in dict(suggested(opened, "umbrela"))


def test_a_word_like_nothing_gets_no_suggestion(opened: Library) -> None:
    assert suggested(opened, "xqzzt") == []
    assert suggested(opened) == []
