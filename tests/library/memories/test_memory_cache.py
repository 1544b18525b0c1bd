"""Memories are made once, and again as soon as anything they depend on has changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansa.library import Library
from ansa.library.memories import memories as memories_module
from ansa.library.memories.memories import dismiss_memory
from ansa.library.memories.memory_cache import cached_memories
from ansa.library.personal.corrections import correct_tags, set_kind
from ansa.library.personal.marks import set_mark
from ansa.library.selection.gallery import Gallery, open_gallery
from tests.library.lives import ROME, Life, record
from tests.library.memories.test_memories import TODAY, a_life, live


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


def always(told: dict[str, Any]) -> bool:
    return True


def test_what_was_made_is_given_again_in_this_run_and_the_next(
    library: Library, tmp_path: Path
) -> None:
    make = Maker()
    assert cached_memories(library, make, always, "a") == {"made": 1}
    assert cached_memories(library, make, always, "a") == {"made": 1}
    with Library(database=tmp_path / "library.sqlite") as again:
        assert cached_memories(again, make, always, "a") == {"made": 1}
    assert make.times == 1


def test_what_does_not_hold_any_more_is_made_once_and_kept(library: Library) -> None:
    make = Maker()
    cached_memories(library, make, always)
    assert cached_memories(library, make, lambda told: told["made"] > 1) == {"made": 2}
    assert cached_memories(library, make, lambda told: told["made"] > 1) == {"made": 2}


def test_other_options_do_not_drive_it_out(library: Library) -> None:
    make = Maker()
    made = [cached_memories(library, make, always, each) for each in "abab"]
    assert made == [{"made": 1}, {"made": 2}] * 2


def test_other_options_and_other_marks_make_it_again(library: Library, tmp_path: Path) -> None:
    make = Maker()
    cached_memories(library, make, always, "a")
    assert cached_memories(library, make, always, "b") == {"made": 2}
    set_mark(library, [tmp_path / "photos" / "3.jpg"], "hidden")
    assert cached_memories(library, make, always, "b") == {"made": 3}
    set_mark(library, [tmp_path / "photos" / "3.jpg"], None)
    assert cached_memories(library, make, always, "b") == {"made": 2}  # all is as it was


def test_files_that_are_gone_make_it_again(library: Library) -> None:
    make = Maker()
    cached_memories(library, make, always)
    library.store.mark([1], [], datetime(2025, 1, 1))
    assert cached_memories(library, make, always) == {"made": 2}


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


def test_after_a_photo_is_gone_and_when_it_is_back_memories_are_made_once(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = library.memories(today=TODAY)
    path = before.memories[0].photos[0].path
    looked = counted(monkeypatch)
    path.unlink()
    without = library.memories(today=TODAY)
    assert library.memories(today=TODAY) == without != before
    assert looked() == 1
    path.touch()
    assert library.memories(today=TODAY) == library.memories(today=TODAY) == before
    assert looked() == 2


def test_few_memories_are_the_first_of_many_and_no_more_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = counted(monkeypatch)
    with live(tmp_path / "life", a_life()) as library:
        few = library.memories(today=TODAY, limit=1).memories
        assert library.memories(today=TODAY, limit=1).memories == few
        assert looked() == 1
        every = library.memories(today=TODAY).memories
        assert looked() == 2
        assert len(every) > len(few) == 1
        for limit in (2, 1, None):
            assert library.memories(today=TODAY, limit=limit).memories == every[:limit]
    assert looked() == 2


def test_after_every_change_memories_are_those_of_a_library_without_a_cache(
    tmp_path: Path,
) -> None:
    photos = tmp_path / "photos"
    later = [
        Life(f"later{n}.jpg", datetime(2024, 7, 4, 8) + timedelta(hours=4 * n), ROME,
             tags={"dog": 0.9, "cake": 0.9, "candle": 0.9})
        for n in range(9)
    ]  # fmt: skip
    with live(tmp_path, a_life()) as library:

        def add(some: list[Life]) -> None:
            model, store = library.model(), library.store
            for photo in some:
                (photos / photo.name).touch()
            root, bundle = store.add_root(os.fsencode(photos)), store.add_bundle(model.bundle)
            store.save(root, bundle, [record(each, model.heads, model.dim) for each in some])

        def remove() -> None:
            (photos / "home09.jpg").unlink()
            library.store.mark([2], [], datetime(2025, 1, 1))

        trip = [photos / f"trip{n:02}.jpg" for n in range(20)]
        homes = [photos / f"home{n:02}.jpg" for n in range(40)]
        changes: list[Callable[[], object]] = [
            lambda: add(later[:1]),
            lambda: add(later[1:]),
            remove,
            lambda: correct_tags(library, homes[1:30:2], here=["dog"]),
            lambda: correct_tags(library, homes[:30:3], absent=["dog"]),
            lambda: set_kind(library, trip[:9], "receipt"),
            lambda: set_kind(library, trip[:9], None),
            lambda: set_mark(library, trip[9:], "hidden"),
            lambda: set_mark(library, homes[30:], "favourite"),
            lambda: dismiss_memory(library, library.memories(today=TODAY).memories[0].id),
        ]
        seen = [library.memories(today=TODAY)]
        for change in changes:
            change()
            seen.append(library.memories(today=TODAY))
            with library.store.writing() as connection:
                connection.execute("DELETE FROM cache WHERE subject NOT LIKE '% texts of %'")
            assert library.memories(today=TODAY) == seen[-1]
        assert len({json.dumps(found.to_dict()) for found in seen}) > len(changes) // 2


def counted(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often galleries are opened for memories from now on."""
    galleries = []

    def open_(*args: Any, **options: Any) -> Gallery:
        galleries.append(open_gallery(*args, **options))
        return galleries[-1]

    monkeypatch.setattr(memories_module, "open_gallery", open_)
    return lambda: len(galleries)


def test_another_day_is_another_question(library: Library) -> None:
    library.memories(today=TODAY)
    then = library.memories(today=date(2025, 5, 1)).memories
    assert "this day" in {memory.kind for memory in then}
