"""Questions of how photos belong together are searches like any other: trips, events, home,
favourites, numbers of people, "or" and "without"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ansa.library import Library, SearchResult
from ansa.library.search.search import run_search
from ansa.library.storage.row_checks import ExpectedSignals
from tests.library.lives import LISBON, MUNICH, Life, library_of

TODAY = date(2026, 1, 1)
RANKED = {"tag", "text", "name"}  # steps that are no facts


def lives() -> Iterator[Life]:
    """A year in Munich, a dog there, and some days with it at the sea in Portugal."""
    for week in range(50):
        day = datetime(2024, 1, 3, 12) + timedelta(weeks=week)
        yield Life(f"home-{week:02}.jpg", day, MUNICH, tags={"dog": 0.9 if week < 3 else 0.1})
    for n in range(4):
        day = datetime(2024, 7, 5 + n, 15)
        tags = {"beach": 0.8, "nature": 0.9} | ({"dog": 0.7} if n < 2 else {"cat": 0.95})
        yield Life(f"sea-{n}.jpg", day, LISBON, tags=tags, people=n)
    yield Life("sea-lost.jpg", datetime(2024, 7, 6, 20), None, "Canon", tags={"night": 0.9})
    yield Life("christmas.jpg", datetime(2024, 12, 25, 18), None, tags={"family": 0.9}, people=7)
    yield Life("1970.jpg", datetime(1970, 1, 1), None, "Canon", tags={"dog": 0.99})
    yield Life("nothing.jpg")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with library_of(tmp_path_factory.mktemp("events"), lives()) as library:
        yield library


def asked(library: Library, query: str) -> SearchResult:
    return run_search(library, query, limit=100, today=TODAY)


def answers(result: SearchResult) -> set[str]:
    """Those of the matches that likely have every tag that is named: their vectors are noise, so
    that words that name no tag cannot be told by them."""
    named = sum(step.kind == "tag" for step in result.steps if step.wanted)
    return {
        match.path.stem
        for match in result.matches
        if sum(r.kind == "tag" and (r.value or 0) >= 0.5 for r in match.reasons) == named
    }


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("photos with dog at beach 2024", "sea-0 sea-1"),
        ("Dogs in Portugal", "sea-0 sea-1"),
        ("a doggie in Lisbon", "sea-0 sea-1"),
        ("a doggie in Lisbonne", "sea-0 sea-1"),
        ("cat or dog in july", "sea-2 sea-3 sea-0 sea-1"),
        ("a cat or a dog in july", "sea-2 sea-3 sea-0 sea-1"),
        ("dog at home", "home-00 home-01 home-02"),
        ("dog without beach", "1970 home-00 home-01 home-02"),
        ("dog -beach -january", ""),
        ("nature without dog or cat", ""),
        ("or dog at the beach", "sea-0 sea-1"),
        ("beach on a saturday", "sea-1"),
        ("beach 5 July 2024", "sea-0"),
        ("beach 2024-07-06", "sea-1"),
        ("trip with no people", "sea-0 sea-lost"),
        ("photos of my trips", "sea-0 sea-1 sea-2 sea-3 sea-lost"),
        ("two people in summer 2024", "sea-2 sea-3"),
        ("two people on a trip", "sea-2 sea-3"),
        ("at least 2 people", "sea-2 sea-3 christmas"),
        ("2 or more people", "sea-2 sea-3 christmas"),
        ("more than two people at christmas", "christmas"),
        ("many people at christmas", "christmas"),
        ("nobody at the beach", "sea-0"),
        ("Lisbon, July 2024", "sea-0 sea-1 sea-2 sea-3 sea-lost"),
        ("lisbon july 2024", "sea-0 sea-1 sea-2 sea-3 sea-lost"),
        ("beach in winter", ""),
        ("night in lisbon", "sea-lost"),  # by the trip it lies within
        ("dog 1971", ""),
        ("dog since july 2024", "sea-0 sea-1"),
        ("beach before 2024-07-06", "sea-0"),
        ("beach june to august 2024", "sea-0 sea-1 sea-2 sea-3"),
        ("june to august 2023", ""),
        ("beach 05.07.2024", "sea-0"),
        ("beach, not in 2024", ""),
        ("beach but no dog", "sea-2 sea-3"),
        ("beach first week of july 2024", "sea-0 sea-1 sea-2"),
        ("Lísbon's beach with no dog", "sea-2 sea-3"),
    ],
)
def test_photos_are_found_by_all_that_is_named(library: Library, question: str, found: str) -> None:
    assert answers(asked(library, question)) == set(found.split())


@pytest.mark.parametrize("question", ["two people in summer 2024", "two people on a trip"])
def test_a_number_of_people_puts_the_photo_that_shows_so_many_first(
    library: Library, question: str
) -> None:
    """A third one may be an error of the detector, so that photo follows, less likely."""
    first, second = asked(library, question).matches[:2]
    assert (first.path.stem, second.path.stem) == ("sea-2", "sea-3")
    assert first.score > second.score


def test_every_photo_says_how_it_belongs(library: Library) -> None:
    result = asked(library, "dog at the beach with one person on a trip to portugal")
    reasons = [reason.text for reason in result.matches[0].reasons]
    assert result.matches[0].path.stem == "sea-1"
    assert reasons[:4] == ["in Portugal", "with 1 person 0.90", "on a trip", "dog 0.70"]
    assert [str(step) for step in result.steps[:3]] == [
        'place "portugal": Portugal, 5 photos',
        'people "with one person": 1 person, 1 photo',
        'trip "trip": any trip, 5 photos',
    ]


def test_a_place_spelt_nearly_right_is_said(library: Library) -> None:
    result = asked(library, "beach in Lisbonne")
    assert '"Lisbonne" is taken for Lisbon' in result.message
    assert not any(step.kind == "place" for step in asked(library, "beach in Lausanne").steps)


@pytest.mark.parametrize(
    "query", ["road trip", "a trip hazard", "people", "a home", "my favourite mug", "travel agency"]
)
def test_words_that_may_mean_something_else_are_plain_text(library: Library, query: str) -> None:
    assert {step.kind for step in asked(library, query).steps} <= RANKED


def test_where_no_photo_is_on_a_trip_the_word_is_plain_text(tmp_path: Path) -> None:
    with library_of(tmp_path, [Life("a.jpg", datetime(2024, 1, 3), MUNICH)]) as library:
        assert [step.kind for step in asked(library, "a trip").steps] == ["text"]


def test_what_no_photo_has_together_is_said(library: Library) -> None:
    message = asked(library, "seven people on a trip").message
    assert message == "no photo is known to be of that trip and with so many people"


def test_a_birthday_is_found_by_its_parties(tmp_path: Path) -> None:
    days = [datetime(year, 5, 14, 19) for year in (2022, 2023, 2024)]
    lives = [
        Life(f"{day.year}-{n}.jpg", day, MUNICH, tags={"cake": 0.9, "candle": 0.9} if n else {})
        for day in days
        for n in range(3)
    ]
    with library_of(tmp_path, [*lives, Life("x.jpg", datetime(2023, 8, 1), MUNICH)]) as library:
        assert len(answers(asked(library, "on a birthday"))) == 9
        assert answers(asked(library, "on a birthday 2023")) == {"2023-0", "2023-1", "2023-2"}


def test_a_photo_that_is_gone_is_in_no_answer(library: Library) -> None:
    store = library.store
    root = next(iter(store.roots().values()))
    file = store.files(root, ExpectedSignals(1, {}, 1))[b"sea-0.jpg"].id
    store.mark([file], [], datetime(2025, 1, 1))
    try:
        assert answers(asked(library, "dog at the beach on a trip")) == {"sea-1"}
    finally:
        store.mark([], [file], datetime(2025, 1, 1))


def test_damaged_signals_are_as_if_not_seen(tmp_path: Path) -> None:
    lives = [Life(f"{n}.jpg", tags={"dog": 0.9}, people=1) for n in range(3)]
    with library_of(tmp_path, lives) as library:
        with library.store.writing() as connection:
            connection.execute(
                "UPDATE signals SET data = x'00' WHERE photo = 1 AND head = 'detection'"
            )
        assert answers(asked(library, "one person")) == {"1", "2"}


def test_taught_tags_and_favourites_can_be_asked_for(tmp_path: Path) -> None:
    lives = [Life(f"{n}.jpg", tags={"cat": 0.9}, kind=n // 10) for n in range(20)]
    with library_of(tmp_path, lives) as library:
        with library.store.writing() as connection:
            connection.execute(
                "INSERT INTO told_tags SELECT 'my cat Miso', digest, id <= 10 FROM photos"
                " WHERE id <= 15"
            )
            connection.execute(
                "INSERT INTO told_marks SELECT digest, 'favourite' FROM photos WHERE id = 2"
            )
        assert answers(asked(library, "my cat miso")) == {str(n) for n in range(10)}
        assert answers(asked(library, "favourites with a cat")) == {"1"}
        assert answers(asked(library, "my favourite photos")) == {"1"}
