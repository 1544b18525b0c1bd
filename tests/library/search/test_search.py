"""Searches as people type them, with the shipped text network and tree of tags."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from weakref import ref

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansa import Analyzer, Library
from ansa.library import SearchResult
from ansa.library.search import geocode_cache
from ansa.library.search.search import run_search
from ansa.library.search.tag_index import TagScores
from tests.library.scenes import Scene, write_library

TODAY = date(2026, 11, 23)
LISBON, PARIS = (38.72, -9.14), (48.86, 2.35)

SCENES = [
    Scene("a dog on a beach", {"dog": 0.97, "Labrador": 0.8, "beach": 0.9}, "2023-07-14", LISBON),
    Scene("a dog", {"dog": 0.9}, "2025-12-25T10:00", PARIS, "NIKON D750"),
    Scene("a beach with people", {"beach": 0.95, "person": 0.9}, "2024-07-01", LISBON),
    Scene("a cow in a field", {"cow": 0.8, "mammal": 0.8}, camera="Apple iPhone 12 Pro"),
    Scene("a cow", {"cow": 0.7, "mammal": 0.7}, "1970-01-01"),
    Scene("a parade in the street", {"parade": 0.9, "street": 0.6}, "2036-02-07"),
    Scene("a wooden chair", {"chair": 0.4}, "2023-08-01", None, "NIKON D750"),
    Scene("a sunset over the sea", {"sunset": 0.9, "sea": 0.7}, "2022-06-01", PARIS),
]

Find = Callable[..., SearchResult]


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Iterator[Library]:
    database = tmp_path_factory.mktemp("library") / "library.sqlite"
    write_library(database, analyzer, SCENES)
    with Library(database=database, analyzer=analyzer) as library:
        yield library


@pytest.fixture
def search(opened: Library) -> Find:
    return lambda query, **more: run_search(opened, query, today=TODAY, **more)


def found(result: SearchResult) -> list[int]:
    return [int(match.path.stem) for match in result.matches]


def steps(result: SearchResult) -> list[str]:
    return [str(step) for step in result.steps]


def test_a_tag_finds_its_photos_first_and_says_which_kind_they_show(search: Find) -> None:
    result = search("dogs")
    assert result.good
    assert set(found(result)[:2]) == {0, 1}
    assert steps(result)[0] == 'tag "dogs": dog, surely in 2 photos'
    match = next(match for match in result.matches if match.path.stem == "0")
    reasons = [reason.text for reason in match.reasons]
    assert reasons[0] == "dog 0.97 (Labrador 0.80)"
    assert reasons[1].startswith('"dogs" 0.')


def test_a_tag_that_is_never_given_is_found_by_its_kinds(search: Find) -> None:
    result = search("event")
    assert found(result)[0] == 5
    assert result.matches[0].reasons[0].text == "event 0.90 (parade 0.90)"


def test_scores_fall_from_first_to_last(search: Find) -> None:
    scores = [match.score for match in search("a dog on a beach").matches]
    assert scores == sorted(scores, reverse=True)


def test_what_is_not_wanted_is_left_out(search: Find) -> None:
    assert set(found(search("beach"))[:2]) == {0, 2}
    assert found(search("beach -people", limit=1)) == [0]
    assert 2 not in found(search("beach -people"))
    assert found(search("beach", without="people")) == found(search("beach -people"))


def test_weights_decide_what_counts_more(search: Find) -> None:
    assert found(search("cow^5 sunset"))[0] in (3, 4)
    assert found(search("cow sunset^5"))[0] == 7


@pytest.mark.parametrize(
    ("query", "photos"),
    [
        ("summer 2023", {0, 6}),
        ("last christmas", {1}),
        ("july", {0, 2}),
        ("2023-07-14", {0}),
        ("since 2024", {1, 2, 5}),
        ("photos from Lisbon", {0, 2}),
        ("portugal", {0, 2}),
        ("place:paris", {1, 7}),
        ("nikon", {1, 6}),
        ("shot on an iphone", {3}),
        ("camera:d750 date:2023", {6}),
        ("lisbon -2023", {2}),
        ("france -dog", {7}),
        ("14.07.2023", {0}),
        ("june or july 2023", {0}),
        ("not in 2023", {1, 2, 4, 5, 7}),
        ("lisbon not in 2023", {2}),
        ("since 2022 but not in 2023", {1, 2, 5, 7}),
    ],
)
def test_facts_alone_find_all_photos_that_have_them(
    search: Find, query: str, photos: set[int]
) -> None:
    result = search(query)
    assert set(found(result)) == photos
    assert result.good


def test_photos_found_by_facts_alone_come_newest_first(search: Find) -> None:
    assert found(search("lisbon")) == [2, 0]
    assert found(search("iphone camera:apple")) == [3]  # without a time


def test_newest_is_told_by_instants(tmp_path: Path, analyzer: Analyzer) -> None:
    taken = [
        "2023-10-29T02:50:00+02:00",
        "2023-10-29T02:10:00+01:00",
        "2023-05-10T17:00:00+09:00",
        "2023-05-10T10:00:00-07:00",
    ]
    write_library(tmp_path / "l.sqlite", analyzer, [Scene("a cat", taken=each) for each in taken])
    with Library(database=tmp_path / "l.sqlite", analyzer=analyzer) as library:
        assert found(run_search(library, "2023", today=TODAY)) == [1, 0, 3, 2]
        assert found(run_search(library, "10 may 2023", today=TODAY)) == [3, 2]


def test_facts_limit_what_is_ranked_and_are_given_as_reasons(search: Find) -> None:
    result = search("dog in Paris last christmas")
    assert found(result) == [1]
    texts = [reason.text for reason in result.matches[0].reasons]
    assert texts[:3] == ["taken 2025-12-25", "in Paris", "dog 0.90"]
    assert steps(result)[:2] == [
        'date "last christmas": 24 December 2025 to 26 December 2025, 1 photo',
        'place "Paris": Paris, 2 photos',
    ]


@pytest.mark.parametrize(
    ("query", "signs"),
    [
        ("no people", "-people"),
        ("photo without people", "-people"),
        ("not a person", "-person"),
        ("beach but no people", "beach -people"),
        ("a beach, not people", '"a beach" -people'),
        ("everything except cows", "-cows"),
        ("beach without people in lisbon", "beach -people in lisbon"),
    ],
)
def test_words_that_say_what_is_not_wanted_are_as_a_minus_sign(
    search: Find, query: str, signs: str
) -> None:
    assert found(search(query)) == found(search(signs))
    assert any(step.kind == "tag" and not step.wanted for step in search(query).steps)


def test_a_year_beside_what_is_not_wanted_is_wanted(search: Find) -> None:
    assert found(search("no dogs 2023")) == [6]


def test_what_was_left_out_of_a_time_is_a_step_and_said(search: Find) -> None:
    result = search("dog 31 june 2023")
    assert 'date "31 june 2023": left out; there is no such day' in steps(result)
    assert '"31 june 2023" is no time: there is no such day' in result.message
    assert {0, 1} <= set(found(result))
    assert json.loads(json.dumps(result.to_dict()))["steps"][0]["note"] == "there is no such day"


def test_of_two_readings_of_a_date_the_one_taken_is_said(search: Find) -> None:
    (step,) = search("07/01/2024").steps
    assert (step.meaning, step.photos) == ("7 January 2024", 0)
    assert step.note == "read with the day first; not as 1 July 2024"
    (step, _) = search("dog", after="01/07/2024").steps[:2]
    assert (step.said, step.meaning) == ("after 01/07/2024", "since 1 July 2024")


def test_limits_are_times_in_words_too(search: Find) -> None:
    assert set(found(search("lisbon", after="1.1.2024"))) == {2}
    assert set(found(search("lisbon", before="summer 2024"))) == {0}
    with pytest.raises(ValueError, match="is not a date"):
        search("lisbon", after="some day")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("dog 1999", "no photo is known to be of that time"),
        ("dog place:atlantis", "no photo is known to be of that place"),
        ("dog camera:leica july", "no photo is known to be of that time and by that camera"),
    ],
)
def test_it_says_so_when_nothing_is_found(search: Find, query: str, message: str) -> None:
    result = search(query)
    assert not result.good
    assert result.message == message


def test_each_grade_is_said(search: Find) -> None:
    said = {"matches": "", "perhaps": "perhaps one matches", "not here": "nothing here matches"}
    for query in ("dogs", "a wedding cake", "an x-ray of a knee", "a parade in the street"):
        result = search(query)
        assert said[result.grade] in result.message
        assert result.grade == result.matches[0].grade
        assert all(0 <= match.score <= 1 for match in result.matches)
    assert search("dogs").grade == "matches"


def test_without_the_extra_a_place_says_what_to_install(
    search: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geocode_cache, "_source", lambda: "")
    assert "pip install 'ansa[experiences]'" in search("dog place:lisbon").message
    assert search("dog").message == ""


def test_a_word_that_is_no_tag_gets_the_nearest_that_photos_here_have(search: Find) -> None:
    result = search("zebu")
    assert result.grade != "matches"
    assert result.suggestions[0] == ("cow", 2)
    assert search("cow").suggestions == ()


@pytest.mark.parametrize("query", ["🐄", "🐮 ❄️", "cow & snow"])
def test_emoji_and_signs_ask_as_their_words_do(search: Find, query: str) -> None:
    result = search(query)
    assert result.good
    assert any('"cow": cow' in step for step in steps(result))


@pytest.mark.parametrize("query", ["⁂⁂", "ไดโนเสาร์", "ῥόδον", "^^ ::", "\ud800"])
def test_a_query_without_a_word_that_can_be_read_finds_nothing(search: Find, query: str) -> None:
    result = search(query)
    assert not result.good
    assert "nothing here matches" in result.message
    assert json.loads(json.dumps(result.to_dict()))["good"] is False


@pytest.mark.parametrize(
    "query", ["a" * 10_000, "word " * 2_000, "dog " * 2_500, '"' * 9_999 + "x"]
)
def test_a_query_of_ten_thousand_characters_is_answered_in_short(search: Find, query: str) -> None:
    result = search(query)
    assert len(result.message) < 120
    assert all(len(step) < 200 for step in steps(result))


@settings(max_examples=40, deadline=None)
@given(query=st.text(max_size=200))
@example("abc\ud800 dog")
@example('"dog" -"\0" ^^ OR NEAR(dog, 2)')
def test_any_text_gets_an_answer_or_a_clear_message(opened: Library, query: str) -> None:
    try:
        result = run_search(opened, query, today=TODAY)
    except ValueError as error:
        result = SearchResult((), "not here", str(error))
    assert result.matches or result.message
    scores = [match.score for match in result.matches]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert json.dumps(result.to_dict())


def test_another_language_finds_what_its_english_words_find(search: Find) -> None:
    result = search("perros en Lisboa")
    assert result.steps[0].kind == "language"
    assert result.steps[0].meaning == "dogs in Lisboa"
    assert '"perros en Lisboa" is read as "dogs in Lisboa" (Spanish)' in result.message
    assert '"Lisboa" is taken for Lisbon' in result.message
    assert found(result)[0] == 0
    assert set(found(search("犬"))[:2]) == {0, 1}


def test_a_typing_error_is_corrected_and_said(search: Find) -> None:
    result = search("a wodden chiar")
    assert found(result)[0] == 6
    assert '"chiar" is read as "chair"' in result.message
    assert [step.kind for step in result.steps if step.kind == "spelling"]
    quoted = search('"chiar"')
    assert "is read as" not in quoted.message


@pytest.mark.parametrize("query", ["photos", "show me everything", "all my pictures please"])
def test_a_query_that_only_asks_finds_all_photos_newest_first(search: Find, query: str) -> None:
    assert found(search(query))[:3] == [5, 1, 2]
    assert search(query).good


def test_the_same_query_gives_the_same_answer(search: Find, opened: Library) -> None:
    first = search("a dog on a beach -people july")
    opened._snapshot = None
    assert search("a dog on a beach -people july") == first


def test_a_taught_tag_is_found_like_any_other(search: Find, opened: Library) -> None:
    snapshot = opened.snapshot()
    scores = np.array([0, 0.9, 0, 0, 0, 0, 0, 0], np.float32)
    search("dog")
    snapshot.tagged.teach("my cat Miso", TagScores(scores, scores > 0.5))
    result = search("My cat Miso")
    assert result.good
    assert found(result)[0] == 1
    assert result.matches[0].reasons[0].text == "my cat Miso 0.90"
    opened._snapshot = None


def test_what_a_search_loaded_is_let_go_when_the_library_changes(
    tmp_path: Path, analyzer: Analyzer
) -> None:
    write_library(tmp_path / "library.sqlite", analyzer, SCENES)
    queries = (
        "a dog at home",
        "two people in Lisbon",
        "our trip to Paris",
        "bech",
        "IMG_0001",
        "perro",
    )
    with Library(database=tmp_path / "library.sqlite", analyzer=analyzer) as library:
        for query in queries:
            library.search(query)
        before = ref(library.snapshot())
        library.store.add_root(b"/more")
        library.search(queries[0])
        gc.collect()
        assert before() is None
