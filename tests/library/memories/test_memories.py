"""Memories of a library: good, different, explained, the same every time, gone when dismissed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from ansa.library import Library, LibraryError
from ansa.library.memories.memories import Memories
from ansa.model.analyzer import Analyzer
from ansa.scene import Utility
from ansa.taxonomy.everyday import everyday_prompts
from tests.library.lives import LISBON, MUNICH, Life, library_of

TODAY = date(2025, 6, 1)
RECEIPT = {"utility": Utility("receipt", 0.9, {"receipt": 0.9, "photo": 0.1}, True)}


def a_life() -> list[Life]:
    """A year at home with a dog, a trip by the sea, and receipts everywhere."""
    home = [
        Life(f"home{n:02}.jpg", datetime(2024, 1, 3, 10) + timedelta(days=7 * n), MUNICH,
             tags={"dog": 0.9} if n % 3 == 0 else {})
        for n in range(52)
    ]  # fmt: skip
    trip = [
        Life(f"trip{n:02}.jpg", datetime(2024, 5, 9, 10) + timedelta(hours=5 * n), LISBON,
             tags={"beach": 0.9})
        for n in range(20)
    ]  # fmt: skip
    receipts = [
        Life(f"receipt{n}.jpg", datetime(2024, 5, 9, 11) + timedelta(hours=5 * n), LISBON,
             tags={"dog": 0.9, "beach": 0.9}, signals=RECEIPT)
        for n in range(9)
    ]  # fmt: skip
    return home + trip + receipts


def live(base: Path, photos: list[Life]) -> Library:
    """The library of some photos, and a file for each."""
    (base / "photos").mkdir(parents=True, exist_ok=True)
    for photo in photos:
        (base / "photos" / photo.name).touch()
    library = library_of(base, photos)
    subject = f"everyday texts of {library.model().bundle}"
    library.store.cache.put(subject, dict([everyday()]))
    return library


@cache
def everyday() -> tuple[str, bytes]:
    """The everyday texts' digest and vectors, read once for all tests."""
    prompts = everyday_prompts()
    vectors = Analyzer().embed_text(prompts)
    return hashlib.sha256("\n".join(prompts).encode()).hexdigest(), vectors.astype("<f4").tobytes()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("life")


@pytest.fixture(scope="module")
def library(base: Path) -> Iterator[Library]:
    with live(base, a_life()) as made:
        yield made


@pytest.fixture(scope="module")
def found(library: Library) -> Memories:
    return library.memories(today=TODAY)


def test_a_trip_comes_first_and_themes_and_seasons_follow(found: Memories) -> None:
    assert found.memories[0].kind == "trip"
    assert found.memories[0].title == "Lisbon, May 2024"
    titles = {memory.title for memory in found.memories}
    assert "Dogs, 2024" in titles
    assert len({memory.id for memory in found.memories}) == len(found.memories) == len(titles)


def test_every_memory_has_what_it_takes(found: Memories) -> None:
    for memory in found.memories:
        shown = [shot.path for shot in memory.photos]
        assert memory.cover.path in shown
        assert len(set(shown)) == len(shown) >= 5
        taken = [shot.taken for shot in memory.photos if shot.taken]
        assert taken == sorted(taken)
        assert memory.reasons
        assert memory.cover.reasons
        assert all(shot.reasons for shot in memory.photos)
        assert 0 <= memory.score <= 1
        assert memory.mood.tempo > 0


def test_no_clutter_is_in_any_memory(found: Memories) -> None:
    names = {shot.path.name for memory in found.memories for shot in memory.photos}
    assert names
    assert not any(name.startswith("receipt") for name in names)


def test_memories_are_the_same_again_and_in_another_process(found: Memories, base: Path) -> None:
    script = """
import json, sys
from datetime import date
from ansa.library import Library
with Library(database=sys.argv[1]) as library:
    print(json.dumps(library.memories(today=date.fromisoformat(sys.argv[2])).to_dict()))
"""
    out = subprocess.run(
        [sys.executable, "-c", script, base / "library.sqlite", TODAY.isoformat()],
        env=dict(os.environ) | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout
    assert json.loads(out) == found.to_dict()


def test_the_limit_keeps_the_best(library: Library, found: Memories) -> None:
    assert library.memories(today=TODAY, limit=2).memories == found.memories[:2]


def test_this_day_depends_on_today(tmp_path: Path) -> None:
    photos = [Life(f"{n}.jpg", datetime(2022, 5, 14, 8 + n)) for n in range(6)]
    with live(tmp_path, photos) as library:
        then = library.memories(today=date(2025, 5, 14)).memories
        assert "On this day, 3 years ago" in {memory.title for memory in then}
        other = library.memories(today=date(2025, 9, 1)).memories
        assert "this day" not in {memory.kind for memory in other}


def test_a_dismissed_memory_never_comes_back_until_it_is_restored(tmp_path: Path) -> None:
    photos = a_life()
    with live(tmp_path, photos[:-5]) as library:
        trip = library.memories(today=TODAY).memories[0]
        assert library.dismiss_memory(trip.id, today=TODAY) == "Lisbon, May 2024"
        assert "trip" not in {m.kind for m in library.memories(today=TODAY).memories}
    with live(tmp_path, [*photos, Life("trip99.jpg", datetime(2024, 5, 8, 9), LISBON)]) as grown:
        assert "trip" not in {m.kind for m in grown.memories(today=TODAY).memories}
        assert grown.restore_memory(trip.id)
        assert "trip" in {m.kind for m in grown.memories(today=TODAY).memories}
        assert not grown.restore_memory(trip.id)


def test_a_memory_that_is_not_there_is_named_with_what_helps(library: Library) -> None:
    with pytest.raises(LibraryError, match=r"no memory '12345678'.*`ansa memories` lists them"):
        library.dismiss_memory("12345678", today=TODAY)


def test_hidden_photos_are_in_none_and_favourites_come_first(tmp_path: Path) -> None:
    from ansa.library.personal.marks import set_mark

    photos = [Life(f"{n}.jpg", datetime(2024, 5, 1, 8) + timedelta(hours=n)) for n in range(30)]
    with live(tmp_path, photos) as library:
        set_mark(library, [tmp_path / "photos" / "3.jpg"], "hidden")
        set_mark(library, [tmp_path / "photos" / "7.jpg"], "favourite")
        found = library.memories(today=TODAY).memories
        names = {shot.path.name for memory in found for shot in memory.photos}
        assert "3.jpg" not in names
        best = library.best(3)
        assert best.photos[0].path.name == "7.jpg"
        assert best.photos[0].reasons[0] == "a favourite"
        assert best.left_out == {"hidden": 1}


@pytest.mark.parametrize(
    "photos",
    [
        [],
        [Life("one.jpg", datetime(2024, 5, 1))],
        [Life(f"{n}.jpg", signals=RECEIPT) for n in range(9)],
        [Life(f"{n}.jpg") for n in range(9)],
        [Life(f"{n}.jpg", datetime(1970, 1, 1), camera="x") for n in range(9)],
        [Life(f"{n}.jpg", datetime(2036, 2, 7)) for n in range(9)],
    ],
    ids=["empty", "one photo", "all clutter", "no dates", "clocks at 1970", "clocks at 2036"],
)
def test_a_library_without_memories_says_so(tmp_path: Path, photos: list[Life]) -> None:
    with live(tmp_path, photos) as library:
        found = library.memories(today=TODAY)
        assert found.memories == ()
        assert found.message


def test_photos_deleted_since_are_in_no_memory(tmp_path: Path) -> None:
    photos = [Life(f"{n}.jpg", datetime(2024, 5, 1, 8) + timedelta(hours=n)) for n in range(12)]
    with live(tmp_path, photos) as library:
        for number in range(4):
            (tmp_path / "photos" / f"{number}.jpg").unlink()
        found = library.memories(today=TODAY).memories
        names = {shot.path.name for memory in found for shot in memory.photos}
        assert names
        assert not names & {"0.jpg", "1.jpg", "2.jpg", "3.jpg"}


def test_photos_of_wrong_clocks_are_not_lost(tmp_path: Path) -> None:
    wrong = [datetime(1970, 1, 1, n) for n in range(4)] + [
        datetime(2036, 2, 7, n) for n in range(4)
    ]
    photos = [Life(f"{n}.jpg", taken, camera="x", tags={"dog": 0.95})
              for n, taken in enumerate(wrong)]  # fmt: skip
    home = [Life(f"home{n}.jpg", datetime(2024, 1, 3) + timedelta(days=7 * n)) for n in range(20)]
    with live(tmp_path, [*photos, *home]) as library:
        found = library.memories(today=TODAY).memories
        titles = {memory.title for memory in found}
        assert not any("1970" in title or "2036" in title for title in titles)
        assert len(library.best(50).photos) == 28
        assert {photo.path.name for photo in library.best(50).photos} >= {"0.jpg", "7.jpg"}


def test_photos_of_one_minute_are_one_day_and_no_two_of_them_alike(tmp_path: Path) -> None:
    start = datetime(2024, 5, 1, 8)
    photos = [Life(f"{n:02}.jpg", start + timedelta(seconds=n), kind=n % 8) for n in range(60)]
    with live(tmp_path, photos) as library:
        (memory,) = library.memories(today=TODAY).memories
        assert (memory.kind, memory.title) == ("day", "Wednesday, 1 May 2024")
        assert 5 <= len(memory.photos) <= 8
