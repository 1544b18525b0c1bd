"""Numbers of people and things, as the detector counted them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from ansa import Library
from ansa.library.search.object_counts import ObjectCounts, no_people, take_counts
from ansa.library.search.snapshot import Snapshot
from ansa.scene import Object
from tests.library.lives import Life, library_of

BOX = (0.0, 0.0, 1.0, 1.0)
PEOPLE = [0, 1, 2, 3, 7]
DOGS = 2

Take = Callable[[str], tuple[str, list[tuple[str, str, list[int]]]]]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    lives = [Life(f"{n}.jpg", people=n) for n in PEOPLE]
    two_dogs = {"detection": [Object("dog", 0.8, BOX)] * DOGS + [Object("dog", 0.3, BOX)]}
    lives.append(Life("dogs.jpg", signals=two_dogs))
    with library_of(tmp_path_factory.mktemp("counts"), lives) as made:
        yield made


@pytest.fixture(scope="module")
def take(library: Library) -> Take:
    snapshot = Snapshot(library.store, library.analyzer, None)

    def take_(text: str) -> tuple[str, list[tuple[str, str, list[int]]]]:
        rest, found = take_counts(text, library, snapshot)
        return rest, [(f.kind, f.meaning, np.flatnonzero(f.rows).tolist()) for f in found]

    return take_


@pytest.mark.parametrize(
    ("text", "rest", "meaning", "rows"),
    [
        ("two people", "", "2 people", [2]),
        ("two people on a beach", "on a beach", "2 people", [2]),
        ("2 persons", "", "2 people", [2]),
        ("a couple of people", "", "2 people", [2]),
        ("two girls", "girls", "2 people", [2]),
        ("three friends at a table", "friends at a table", "3 people", [3]),
        ("at least three people", "", "3 or more people", [3, 4]),
        ("more than two kids", "kids", "3 or more people", [3, 4]),
        ("lots of people", "", "6 or more people", [4]),
        ("a crowd of people", "", "6 or more people", [4]),
        ("a group of friends", "friends", "3 or more people", [3, 4]),
        ("group photo", "", "3 or more people", [3, 4]),
        ("a group photo of us", "us", "3 or more people", [3, 4]),
        ("alone", "", "1 person", [1]),
        ("me alone", "me", "1 person", [1]),
        ("a woman by herself", "a woman", "1 person", [1]),
        ("a single person", "", "1 person", [1]),
        ("eight people", "", "8 people", [4]),
        ("two dogs on grass", "dogs on grass", "2 dogs", [5]),
        ("at least 2 dogs", "dogs", "2 or more dogs", [5]),
    ],
)
def test_numbers_are_facts_of_the_photos_that_probably_have_them(
    take: Take, text: str, rest: str, meaning: str, rows: list[int]
) -> None:
    left, (fact,) = take(text)
    assert left == rest
    assert fact[1:] == (meaning, rows)


@pytest.mark.parametrize(
    "text",
    ["a dog alone", "two man tent", "one way street", "people", "a group of cows",
     "standalone", "room 2 dogs2", "number 7", "two cats", "a couple"],
)  # fmt: skip
def test_words_that_are_no_number_of_what_is_here_stay(take: Take, text: str) -> None:
    assert take(text) == (text, [])


@pytest.mark.parametrize(
    ("text", "meaning"), [("three dogs", "3 dogs"), ("twelve people", "12 people")]
)
def test_a_number_that_was_found_nowhere_leaves_all_photos_in_doubt(
    library: Library, text: str, meaning: str
) -> None:
    snapshot = Snapshot(library.store, library.analyzer, None)
    _, (fact,) = take_counts(text, library, snapshot)
    assert fact.meaning == meaning
    assert not fact.rows.any()
    assert fact.note == "was found on no photo"
    assert fact.chances is not None
    assert 0 < fact.chances.min() <= fact.chances.max() < 0.2


def test_where_people_are_likely_a_photo_is_not_one_without_people(library: Library) -> None:
    snapshot = Snapshot(library.store, library.analyzer, None)
    fact = no_people("people", library, snapshot)
    assert fact is not None
    assert fact.chances is not None
    assert fact.chances[1:5].tolist() == [1, 1, 1, 1]
    assert fact.chances[0] == 0


def test_a_doubtful_box_makes_a_number_doubtful_but_decides_nothing() -> None:
    rows = np.array([0, 0, 0, 2, 2, 3], np.intp)
    right = np.array([0.9, 0.9, 0.5, 0.9, 0.4, 0.9], np.float32)
    counts = ObjectCounts(np.array([True, True, True, True, False]), {"dog": (rows, right)})
    two = counts.chances("dog", 2, 2)
    assert two == pytest.approx([0.81 * 0.5 + 2 * 0.09 * 0.5, 0, 0.36, 0, 0], abs=1e-6)
    assert counts.chances("dog", 2) == pytest.approx([0.81 + 0.18 * 0.5, 0, 0.36, 0, 0], abs=1e-6)
    assert counts.chances("dog", 1, 1)[3] == pytest.approx(0.9)
    every = sum(counts.chances("dog", n, n) for n in (1, 2, 3))
    assert every == pytest.approx([1 - 0.1 * 0.1 * 0.5, 0, 1 - 0.1 * 0.6, 0.9, 0], abs=1e-6)
    assert not counts.chances("cat", 1).any()
    assert counts.likeliest("dog", 1).tolist() == [False, False, True, True, False]
    assert counts.likeliest("dog", 2).tolist() == [True, False, False, False, False]
