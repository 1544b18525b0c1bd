"""Every experience gives a sensible answer in the libraries that people really have: empty ones, of
one photo, without dates, all alike, all clutter, with clocks never set, deleted since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from ansa.cli.demo import gather
from ansa.library import Library
from ansa.model.analyzer import Analyzer
from ansa_train.data.synthetic.canvas import LOOKS, Canvas
from ansa_train.data.synthetic.receipts import receipt
from tests.photos import exif_block

TODAY = date(2024, 12, 24)
Fill = Callable[[Path, Image.Image], None]


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="module")
def cat(tmp_path_factory: pytest.TempPathFactory) -> Image.Image:
    """A real photo, as drawn ones are taken for drawings."""
    folder = tmp_path_factory.mktemp("real")
    gather(folder)
    with Image.open(next(folder.glob("*chelsea*"))) as photo:
        return photo.convert("RGB")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file for all folders, which keeps the everyday texts."""
    return tmp_path_factory.mktemp("library") / "l.sqlite"


def nothing(folder: Path, photo: Image.Image) -> None:
    """An empty folder."""


def one_photo(folder: Path, photo: Image.Image) -> None:
    stamp = exif_block(taken="2024:05:06 12:00:00", place=(38.7, -9.1))
    photo.save(folder / "only.jpg", exif=stamp)


def all_alike(folder: Path, photo: Image.Image) -> None:
    for day in range(1, 6):
        photo.save(folder / f"{day}.jpg", exif=exif_block(taken=f"2024:05:0{day} 12:00:00"))


def all_clutter(folder: Path, photo: Image.Image) -> None:
    for number in range(5):
        receipt(Canvas(f"{number}", LOOKS["unseen"])).save(folder / f"{number}.jpg")


def no_clock(folder: Path, photo: Image.Image) -> None:
    """Clocks that were never set or are far ahead, and photos without a date."""
    for second in range(2):
        early = exif_block(taken=f"1970:01:01 00:00:0{second}", model="K1")
        photo.save(folder / f"{second}-early.jpg", exif=early)
        late = exif_block(taken=f"2036:02:07 06:28:1{second}")
        photo.save(folder / f"{second}-late.jpg", exif=late)
    photo.save(folder / "undated.jpg")


@pytest.mark.parametrize(
    ("fill", "shown", "clutter", "days"),
    [
        (nothing, 0, 0, 0),
        (one_photo, 1, 0, 1),
        (all_alike, 1, 0, 5),
        (all_clutter, 0, 5, 0),
        (no_clock, 1, 0, 0),
    ],
)
def test_every_experience_answers_also_when_all_is_deleted_since(
    fill: Fill,
    shown: int,
    clutter: int,
    days: int,
    cat: Image.Image,
    database: Path,
    tmp_path: Path,
    analyzer: Analyzer,
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    fill(folder, cat)
    with Library(folder, database=database, analyzer=analyzer) as library:
        library.index(workers=1)
        told = answers(library)
        assert len(told["best"]) == len(told["wallpapers"]) == shown
        assert len(told["clutter"]) == clutter
        assert len(told["days"]) == days
        assert {*told["best"], *told["wallpapers"]}.isdisjoint(told["clutter"])
        for path in folder.iterdir():
            path.unlink()
        gone = answers(library)
        assert not gone["best"] + gone["wallpapers"] + gone["memories"] + gone["clutter"]


def answers(library: Library) -> dict[str, list[Path]]:
    """What each experience finds; every one of them must answer."""
    library.search("a red car")
    library.search("two people at home on a trip")
    library.overview()
    library.trips()
    library.events()
    library.duplicates()
    return {
        "best": [photo.path for photo in library.best(10).photos],
        "wallpapers": [photo.path for photo in library.wallpapers((64, 48), clock="top").photos],
        "memories": [
            shot.path for memory in library.memories(today=TODAY).memories for shot in memory.photos
        ],
        "clutter": [each.path for each in library.clutter()],
        "days": [Path(moment.day.isoformat()) for moment in library.moments()],
    }
