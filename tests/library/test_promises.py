"""What holds whatever happens: counters add up, originals stay, the same gives the same."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path

from ansa.library.storage.store import Store
from tests.library.conftest import Shelf


def test_the_same_photos_give_the_same_library(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put_many(20)
    shelf.index(workers=2)
    query = "SELECT digest, data FROM photos JOIN signals ON photo = photos.id ORDER BY digest"
    first = shelf.rows(query)
    shelf.store.close()
    shelf.store = Store(tmp_path / "again.sqlite")
    shelf.index(workers=1)
    assert shelf.rows(query) == first


def test_originals_are_byte_identical_after_a_run(shelf: Shelf) -> None:
    shelf.put_many(5)
    shelf.put("bad.jpg", "damaged")
    shelf.put("bomb.jpg", "abort")

    def state() -> list[tuple[str, str, int, int]]:
        return [
            (
                p.name,
                hashlib.sha256(p.read_bytes()).hexdigest(),
                p.stat().st_mtime_ns,
                p.stat().st_mode,
            )
            for p in sorted(shelf.folder.rglob("*"))
        ]

    before = state()
    shelf.index()
    assert state() == before


def test_counters_add_up_through_any_history(shelf: Shelf) -> None:
    """Files come, go, move, change and break at random; the library always says what is there."""
    chance = random.Random(2)
    shelf.put("keep.jpg")
    for step in range(12):
        paths = sorted(shelf.folder.rglob("*.jpg"))
        for number in range(6):
            path = chance.choice(paths)
            content = chance.choice(["", "", "damaged", "unsupported", "nan", f"{step} {number}"])
            match chance.randrange(5):
                case 0:
                    shelf.put(f"{chance.randrange(3)}/{step}-{number}.jpg", content)
                case 1 if path.exists() and path.name != "keep.jpg":
                    path.unlink()
                case 2 if path.exists():
                    path.write_text(content or "changed")
                case 3 if path.exists() and path.name != "keep.jpg":
                    path.rename(shelf.folder / f"moved-{step}-{number}.jpg")
                case 4 if path.exists():
                    shutil.copy(path, shelf.folder / f"copy-{step}-{number}.jpg")
        remove_emptied(shelf.folder)
        bundle = "first" if step < 8 else "second"
        report = shelf.index(bundle=bundle, workers=2)
        there = {str(p.relative_to(shelf.folder)): p for p in shelf.folder.rglob("*.jpg")}
        assert report.found == len(there)
        bad = (b"damaged", b"unsupported", b"nan")
        good = {name for name, path in there.items() if not path.read_bytes().startswith(bad)}
        assert report.done == len(good)
        assert len(shelf.vectors(bundle)) == len({there[name].read_bytes() for name in good})
        if bundle == "first":
            assert set(shelf.names()) == good
        again = shelf.index(bundle=bundle)
        assert (again.unchanged, again.missing, again.away) == (len(good), 0, 0)


def remove_emptied(folder: Path) -> None:
    """What an empty folder held is kept: it may be the mount point of a drive (test_away)."""
    for path in folder.iterdir():
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def test_descriptors_and_memory_stay_flat(shelf: Shelf) -> None:
    """The short version: file descriptors here, and the peak memory of this process."""
    import resource

    shelf.put_many(100)
    shelf.index()
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for round_ in range(3):
        for number in range(200):
            shelf.put(f"{number:04}.jpg", f"{round_} {number}")
        shelf.index()
        assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 10_000  # kB
