"""Memories are made once, and again as soon as anything they depend on has changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansa.library import Library
from ansa.library.memories.remembered import remembered
from ansa.library.teaching.marks import set_mark
from tests.library.lives import Life
from tests.library.memories.test_memories import TODAY, live


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    start = datetime(2024, 5, 1, 8)
    with live(tmp_path, [Life(f"{n}.jpg", start + timedelta(hours=n)) for n in range(12)]) as made:
        yield made


class Maker:
    """Counts how often it makes something."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, Any]:
        self.times += 1
        return {"made": self.times}


def test_what_was_made_is_given_again_in_this_run_and_the_next(
    library: Library, tmp_path: Path
) -> None:
    make = Maker()
    assert remembered(library, make, "a") == remembered(library, make, "a") == {"made": 1}
    with Library(database=tmp_path / "library.sqlite") as again:
        assert remembered(again, make, "a") == {"made": 1}
    assert make.times == 1


def test_other_options_and_other_marks_make_it_again(library: Library, tmp_path: Path) -> None:
    make = Maker()
    remembered(library, make, "a")
    assert remembered(library, make, "b") == {"made": 2}
    set_mark(library, [tmp_path / "photos" / "3.jpg"], "hidden")
    assert remembered(library, make, "b") == {"made": 3}
    set_mark(library, [tmp_path / "photos" / "3.jpg"], None)
    assert remembered(library, make, "b") == {"made": 4}


def test_files_that_are_gone_make_it_again(library: Library) -> None:
    make = Maker()
    remembered(library, make)
    library.store.mark([1], [], datetime(2025, 1, 1))
    assert remembered(library, make) == {"made": 2}


@pytest.mark.parametrize("damage", ["{", "[]", '{"memories": 3}', '{"memories": [{"id": 1}]}'])
def test_what_is_damaged_in_the_library_is_made_again(library: Library, damage: str) -> None:
    found = library.memories(today=TODAY)
    assert found.memories
    with library.store.writing() as connection:
        connection.execute("UPDATE cache SET data = ?", (damage.encode(),))
    assert library.memories(today=TODAY) == found


def test_a_photo_of_a_memory_that_is_gone_since_is_not_shown(
    library: Library, tmp_path: Path
) -> None:
    gone = library.memories(today=TODAY).memories[0].photos[0].path
    gone.unlink()
    found = library.memories(today=TODAY).memories
    assert found
    assert gone not in {shot.path for memory in found for shot in memory.photos}


def test_another_day_is_another_question(library: Library) -> None:
    library.memories(today=TODAY)
    then = library.memories(today=date(2025, 5, 1)).memories
    assert "this day" in {memory.kind for memory in then}
