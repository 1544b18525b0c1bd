"""What selections need to know of photos is kept, and is never another than judged anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ansa.library import Library
from ansa.library.selection.judgements import Judgement, judge, judgements
from ansa.scene import Utility
from tests.library.lives import Life
from tests.library.memories.test_memories import RECEIPT, live

DARK = {"utility": Utility("photo", 0.7, {"photo": 0.7, "document": 0.3}, False)}


def some(count: int) -> list[Life]:
    start = datetime(2024, 5, 1, 8)
    photos = [
        Life(f"{n}.jpg", start + timedelta(days=n), tags={"dog": 0.9, "cat": 0.3}, people=n % 3)
        for n in range(count)
    ]
    return [*photos, Life("r.jpg", signals=RECEIPT), Life("d.jpg", signals=DARK)]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with live(tmp_path, some(6)) as made:
        yield made


def read(library: Library) -> tuple[dict[int, Judgement], list[tuple[int, int]]]:
    """The judgements of all photos, and the progress that was told."""
    told: list[tuple[int, int]] = []
    photos = [photo.id for photo in library.photos()]
    return judgements(library, photos, lambda done, all_: told.append((done, all_))), told


def test_a_photo_is_read_once_and_a_new_one_alone(library: Library, tmp_path: Path) -> None:
    first, told = read(library)
    assert told == [(8, 8)]
    again, told = read(library)
    assert (again, told) == (first, [])
    with live(tmp_path, some(7)) as grown:
        more, told = read(grown)
        assert (len(more), told) == (9, [(1, 1)])


def test_what_is_kept_is_what_would_be_judged_anew(library: Library) -> None:
    read(library)
    kept, _ = read(library)
    assert kept == {photo.id: judge(photo.scene) for photo in library.photos()}
    assert sorted(each.fit for each in kept.values()) == [False] * 2 + [True] * 6


def test_what_a_person_says_counts_at_once_and_is_forgotten_at_once(
    library: Library, tmp_path: Path
) -> None:
    read(library)
    photo = tmp_path / "photos" / "0.jpg"
    number = library.photo_of(photo)
    assert number is not None
    library.correct_tags([photo], here=["cat"], absent=["dog"])
    now = read(library)[0][number]
    assert "cat" in now.said
    assert "dog" not in now.tags
    library.undo_last_change()
    assert list(read(library)[0][number].tags) == ["dog"]


@pytest.mark.parametrize("damage", [b"", b"{}", b"[1]", b'{"cut": 7}', b"\xff", b"[" * 9999])
def test_what_is_damaged_is_judged_again(library: Library, damage: bytes) -> None:
    first, _ = read(library)
    cache = library.store.cache
    cache.put("judgements", dict.fromkeys(cache.get("judgements"), damage))
    assert read(library) == (first, [(8, 8)])
