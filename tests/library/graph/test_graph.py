"""Questions find the photos that belong to everything they name, and say why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ansa.library import Library
from ansa.library.graph.ask import Answer
from ansa.library.storage.row_checks import ExpectedSignals
from tests.library.lives import LISBON, MUNICH, Life, library_of

NOT_KNOWN = "the graph knows nothing of what was asked for"


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
    with library_of(tmp_path_factory.mktemp("graph"), lives()) as library:
        yield library


def names(answer: Answer) -> list[str]:
    return [photo.path.stem for photo in answer.photos]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("photos with dog at beach 2024", "sea-0 sea-1"),
        ("Dogs in Portugal", "sea-0 sea-1"),
        ("a doggie in Lisbon", "sea-0 sea-1"),
        ("a doggie in Lisbonne", "sea-0 sea-1"),
        ("cat or dog in july", "sea-2 sea-3 sea-0 sea-1"),
        ("dog at home", "home-00 home-01 home-02"),
        ("dog without beach", "1970 home-00 home-01 home-02"),
        ("dog -beach -winter", "1970"),
        ("nature without dog or cat", ""),
        ("or dog at the beach", "sea-0 sea-1"),
        ("beach on a saturday", "sea-1"),
        ("beach 5 July 2024", "sea-0"),
        ("beach 2024-07-06", "sea-1"),
        ("trip with no people", "sea-0 sea-lost"),
        ("two people in summer 2024", "sea-2"),
        ("many people at christmas", "christmas"),
        ("lisbon july 2024", "sea-0 sea-1 sea-2 sea-3 sea-lost"),
        ("beach in winter", ""),
        ("night in lisbon", "sea-lost"),  # by the trip it lies within
        ("dog 1970", ""),
        ("dog since july 2024", "sea-0 sea-1"),
        ("beach before 2024-07-06", "sea-0"),
        ("beach june to august 2024", "sea-0 sea-1 sea-2 sea-3"),
        ("june to august 2023", ""),
        ("beach 05.07.2024", "sea-0"),
        ("beach, not in 2024", ""),
        ("beach but no dog", "sea-2 sea-3"),
        ("beach first week of july 2024", "sea-0 sea-1 sea-2"),
        ("Lisbon, July 2024", "sea-0 sea-1 sea-2 sea-3 sea-lost"),
        ("Lísbon's beach with no dog", "sea-2 sea-3"),
    ],
)
def test_photos_are_found_by_all_that_is_named(library: Library, question: str, found: str) -> None:
    assert names(library.ask(question)) == found.split()


def test_every_photo_says_how_it_belongs(library: Library) -> None:
    photo = library.ask("dog at beach in portugal 2024").photos[0]
    assert photo.why == (
        "shows dog (0.70)",
        "shows beach (0.80)",
        "at Lisbon > in Portugal",
        "on 2024-07-05 > in 2024",
    )
    assert photo.score == pytest.approx(0.56)


def test_what_is_not_understood_is_said_and_left_out(library: Library) -> None:
    answer = library.ask("dog zzyzx beach")
    assert answer.unknown == ("zzyzx",)
    assert names(answer) == ["sea-0", "sea-1"]
    assert 'left out: "zzyzx"' in answer.message


def test_a_time_that_is_none_is_said_and_never_read_as_a_wider_one(library: Library) -> None:
    answer = library.ask("beach 31 june 2024")
    assert answer.unknown == ("31 june 2024",)
    assert [term.text for term in answer.terms] == ["beach"]


def test_what_is_known_but_not_here_is_said(library: Library) -> None:
    answer = library.ask("zebra at the beach")
    assert names(answer) == []
    assert answer.message == 'no photo here belongs to "zebra"'
    assert "all of it" in library.ask("christmas at the beach").message


@pytest.mark.parametrize(
    "question", ["", "   ", "🎉🐕", "-", "photos of the", "собака", "ab " * 5000]
)
def test_questions_that_name_nothing_get_a_short_answer(library: Library, question: str) -> None:
    answer = library.ask(question)
    assert answer.photos == ()
    assert answer.message.startswith(NOT_KNOWN)
    assert len(answer.message) < 400


def test_the_graph_is_the_same_in_every_run(library: Library) -> None:
    first, second = library.graph(), library.graph()
    assert list(first.network.edges(data=True)) == list(second.network.edges(data=True))
    assert first.by_name == second.by_name


def test_the_graph_lists_what_it_holds(library: Library) -> None:
    graph = library.graph()
    assert [trip.name for trip in graph.trips] == ["Lisbon, July 2024"]
    assert [(place.city, photos) for place, photos in library.places().counts()] == [
        ("Munich", 50),
        ("Lisbon", 4),
    ]
    assert [home.place.city for home in graph.homes] == ["Munich"]
    assert graph.counts()["photo"] == 58
    assert graph.ways(("tag", "no such tag")) == {}


def test_a_photo_that_is_gone_is_in_no_answer(library: Library) -> None:
    store = library.store
    root = next(iter(store.roots().values()))
    file = store.files(root, ExpectedSignals(1, {}, 1))[b"sea-0.jpg"].id
    store.mark([file], [], datetime(2025, 1, 1))
    try:
        assert names(library.ask("dog at beach")) == ["sea-1"]
    finally:
        store.mark([], [file], datetime(2025, 1, 1))


def test_a_folder_of_which_nothing_is_known_answers_nothing(library: Library) -> None:
    with Library("/nowhere", database=library.database) as other:
        assert other.ask("dog").photos == ()
        assert other.graph().counts() == {"people": 7, "edges": 0}


def test_damaged_signals_are_as_if_not_seen(tmp_path: Path) -> None:
    lives = [Life(f"{n}.jpg", tags={"dog": 0.9}, people=1) for n in range(3)]
    with library_of(tmp_path, lives) as library:
        with library.store.writing() as connection:
            connection.execute("UPDATE signals SET data = x'00' WHERE photo = 1")
        assert names(library.ask("dog")) == ["1", "2"]
        assert len(library.ask("one person").photos) == 2


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
        assert sorted(names(library.ask("my cat miso"))) == [str(n) for n in range(10)]
        assert names(library.ask("favourites with a cat")) == ["1"]
