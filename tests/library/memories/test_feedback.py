"""What people say of memories changes later ones, on their own machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from ansa.library import Library, LibraryError
from tests.library.lives import LISBON, MUNICH, PORTO, Life, Point
from tests.library.memories.test_memories import live

TODAY = date(2025, 9, 1)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A year at home and two trips."""
    home = [
        Life(f"home{n:02}.jpg", datetime(2024, 1, 3, 10) + timedelta(days=7 * n), MUNICH)
        for n in range(50)
    ]
    lives = [*home, *_trip("lisbon", datetime(2024, 5, 10), LISBON, 12)]
    lives += _trip("porto", datetime(2024, 9, 14), PORTO, 16)
    base = tmp_path_factory.mktemp("feedback")
    with live(base, lives) as library:
        yield library


def _trip(name: str, start: datetime, point: Point, count: int) -> list[Life]:
    return [Life(f"{name}{n:02}.jpg", start + timedelta(hours=5 * n), point) for n in range(count)]


def trips(library: Library) -> dict[str, str]:
    """The ids of the trips by their titles, the best first."""
    found = library.memories(today=TODAY).memories
    return {memory.title: memory.id for memory in found if memory.kind == "trip"}


def photos(library: Library, title: str) -> list[str]:
    found = library.memories(today=TODAY).memories
    return next([shot.path.name for shot in m.photos] for m in found if m.title == title)


def test_a_photo_that_does_not_belong_is_replaced_and_may_come_again(library: Library) -> None:
    title = "Lisbon, May 2024"
    memory = trips(library)[title]
    before = photos(library, title)
    unwanted = library.database.parent / "photos" / before[0]
    library.mark([unwanted], "favourite")  # a favourite elsewhere, but not here
    done = library.leave_out(memory, [unwanted], today=TODAY)
    assert done.photos == (unwanted,)
    assert before[0] not in photos(library, title)
    library.leave_out(memory, [unwanted], again=True, today=TODAY)
    assert before[0] in photos(library, title)


def test_a_liked_memory_comes_first_and_liking_is_taken_back(library: Library) -> None:
    before = list(trips(library))
    last = before[-1]
    assert library.like_memory(trips(library)[last], today=TODAY) == last
    assert next(iter(trips(library))) == last
    library.like_memory(trips(library)[last], False, today=TODAY)
    assert list(trips(library)) == before


def test_feedback_on_an_unknown_memory_is_an_error(library: Library) -> None:
    with pytest.raises(LibraryError, match="there is no memory 'none'"):
        library.like_memory("none", today=TODAY)
    with pytest.raises(LibraryError, match="there is no memory 'none'"):
        library.leave_out("none", [], today=TODAY)
