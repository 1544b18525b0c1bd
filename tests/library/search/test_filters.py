from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import pytest

from ansa import Analyzer, Library
from ansa.library.search.filters import take_filters
from ansa.library.search.snapshot import Snapshot
from tests.library.scenes import Scene, write_library

LISBON, NICE, BURSA = (38.72, -9.14), (43.70, 7.27), (40.19, 29.06)
SCENES = [
    Scene("a", place=LISBON, camera="NIKON D750", taken="2023-07-14"),
    Scene("b", place=NICE, camera="Apple iPhone 12 Pro", taken="2024-01-01"),
    Scene("c", place=BURSA, camera="Canon EOS 80D"),
    Scene("d"),
]
SHOWN = {"apple", "turkey", "beach", "dog", "bag", "phone"}

Take = Callable[[str], tuple[str, dict[tuple[str, str], list[int]]]]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    database = tmp_path_factory.mktemp("library") / "library.sqlite"
    analyzer = Analyzer()
    write_library(database, analyzer, SCENES)
    with Library(database=database, analyzer=analyzer) as library:
        yield Snapshot(library.store, analyzer, None)


@pytest.fixture
def take(snapshot: Snapshot) -> Take:
    def take_(text: str) -> tuple[str, dict[tuple[str, str], list[int]]]:
        facts = take_filters(
            text, snapshot, date(2026, 11, 23), lambda words: words.casefold() in SHOWN
        )
        found = facts.filters
        return facts.rest, {(f.kind, f.meaning): np.flatnonzero(f.rows).tolist() for f in found}

    return take_


@pytest.mark.parametrize(
    ("text", "rest", "filters"),
    [
        ("dog in Lisbon", "dog", {("place", "Lisbon"): [0]}),
        ("lisbon dog", "dog", {("place", "Lisbon"): [0]}),
        ("Lisbonne", "Lisbonne", {}),
        ("dog in LISBON’s", "dog", {("place", "Lisbon"): [0]}),
        ("dog Lisbon and Bursa", "dog and", {("place", "Lisbon and Bursa"): [0, 2]}),
        ("Lisbon, Portugal", "", {("place", "Lisbon"): [0], ("place", "Portugal"): [0]}),
        ("dog 14.07.2023", "dog", {("date", "14 July 2023"): [0]}),
        ("PORTUGAL", "", {("place", "Portugal"): [0]}),
        ("beach in Turkey", "beach", {("place", "Turkey"): [2]}),
        ("place:turkey bag", "bag", {("place", "Turkey"): [2]}),
        ("dog in nice", "dog", {("place", "Nice"): [1]}),
        ("nikon", "", {("camera", "NIKON D750"): [0]}),
        ("dog d750", "dog", {("camera", "NIKON D750"): [0]}),
        ("EOS 80D dog", "dog", {("camera", "Canon EOS 80D"): [2]}),
        ("dog shot on an apple", "dog", {("camera", "Apple iPhone 12 Pro"): [1]}),
        ("camera:apple_iphone", "", {("camera", "Apple iPhone 12 Pro"): [1]}),
        ("date:2023 dog", "dog", {("date", "1 January 2023 to 31 December 2023"): [0]}),
        (
            "dog nikon lisbon july",
            "dog",
            {
                ("date", "1 July to 31 July of any year"): [0],
                ("camera", "NIKON D750"): [0],
                ("place", "Lisbon"): [0],
            },
        ),
    ],
)
def test_facts_are_taken_out_of_the_text(
    take: Take, text: str, rest: str, filters: dict[tuple[str, str], list[int]]
) -> None:
    assert take(text) == (rest, filters)


@pytest.mark.parametrize(
    "text",
    ["nice beach", "a turkey", "apple", "an apple in a bag", "a dog in a bag", "pro dog", "12",
     "dog in Berlin", "leica", "😀", ""],
)  # fmt: skip
def test_words_with_another_meaning_stay(take: Take, text: str) -> None:
    assert take(text) == (text, {})


@pytest.mark.parametrize(
    "field", ["place:atlantis", "camera:leica", "date:someday", "date:2023-99"]
)
def test_a_field_that_means_nothing_here_is_of_no_photo(take: Take, field: str) -> None:
    rest, filters = take(f"dog {field}")
    assert rest == "dog"
    assert filters == {(field.partition(":")[0], ""): []}


def test_a_long_text_is_read_in_bounded_time(take: Take) -> None:
    assert take("in the a " * 3_000 + "x1" * 3_000)[1] == {}
