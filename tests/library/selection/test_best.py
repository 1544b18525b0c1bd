"""The best photos of a library: no clutter, nothing gone, nothing twice, the same every time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa.library import Library
from ansa.model.analyzer import Analyzer
from tests.library.seen import seeing_bundle
from tests.photos import exif_block


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeing_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def library(tmp_path: Path, bundle: Path) -> Iterator[Library]:
    (tmp_path / "photos").mkdir()
    with Library(
        tmp_path / "photos", database=tmp_path / "l.sqlite", analyzer=Analyzer(bundle)
    ) as made:
        yield made


def paint(path: Path, seed: int, taken: str | None = None) -> Path:
    """A photo of 4 x 4 reddish patches: neither receipt nor screenshot."""
    patches = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    patches[..., 1:] = patches[..., 1:] // 3 + 60
    image = Image.fromarray(patches).resize((160, 120), Image.Resampling.NEAREST)
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = {"exif": exif_block(taken=taken)} if taken else {}
    image.save(path, quality=95, **exif)  # type: ignore[arg-type]
    return path


def names(library: Library, count: int = 50, album: Path | None = None) -> list[str]:
    return [photo.path.name for photo in library.best(count, album=album).photos]


def test_clutter_and_what_is_gone_are_never_among_the_best(
    library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    for number in range(3):
        paint(folder / f"{number}.jpg", number)
    Image.new("RGB", (60, 40), (128, 255, 0)).save(folder / "receipt.png")
    Image.new("RGB", (60, 40), (3, 3, 3)).save(folder / "dark.png")
    library.index(workers=1)
    (folder / "1.jpg").unlink()
    found = library.best()
    assert {photo.path.name for photo in found.photos} <= {"0.jpg", "2.jpg"}
    assert found.photos
    assert found.left_out == {"clutter": 2, "gone": 1}
    assert found.cover is not None
    assert found.cover.path in {photo.path for photo in found.photos}
    assert all(photo.reasons for photo in found.photos)


def test_a_photo_is_not_gone_while_a_copy_of_it_is_there(library: Library, tmp_path: Path) -> None:
    first = paint(tmp_path / "photos" / "a.jpg", 0)
    copy = tmp_path / "photos" / "b.jpg"
    copy.write_bytes(first.read_bytes())
    library.index(workers=1)
    first.unlink()
    found = library.best()
    assert [photo.path for photo in found.photos] == [copy]
    assert found.left_out == {}


def test_an_album_is_a_folder_and_its_folders(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    paint(folder / "a" / "1.jpg", 1)
    paint(folder / "ab" / "2.jpg", 2)
    paint(folder / "a" / "deep" / "3.jpg", 3)
    library.index(workers=1)
    assert set(names(library, album=folder / "a")) <= {"1.jpg", "3.jpg"}
    assert set(names(library, album=folder / "ab")) == {"2.jpg"}
    found = library.best(album=folder / "none")
    assert found.photos == ()
    assert "no photos to choose from" in found.message


def test_an_album_is_found_in_another_normal_form(library: Library, tmp_path: Path) -> None:
    paint(tmp_path / "photos" / "Cafe\u0301" / "1.jpg", 1)
    library.index(workers=1)
    assert names(library, album=tmp_path / "photos" / "Caf\u00e9") == ["1.jpg"]


def test_the_same_library_gives_the_same_however_it_was_indexed(
    tmp_path: Path, bundle: Path
) -> None:
    told = []
    for round_, order in enumerate([[0, 1, 2, 3], [3, 2, 1, 0]]):
        folder = tmp_path / "photos"
        with Library(
            folder, database=tmp_path / f"{round_}.sqlite", analyzer=Analyzer(bundle)
        ) as library:
            for some in (order[:2], order[2:]):
                for number in some:
                    paint(folder / f"{number}.jpg", number, f"2024:05:{number + 1:02} 10:00:00")
                library.index(workers=1)
            told.append(library.best(3).to_dict())
        for photo in folder.iterdir():
            photo.unlink()
    assert told[0] == told[1]


def test_all_clutter_and_an_empty_library_say_so(library: Library, tmp_path: Path) -> None:
    assert "run `ansa index`" in library.best().message
    Image.new("RGB", (60, 40), (128, 255, 0)).save(tmp_path / "photos" / "receipt.png")
    library.index(workers=1)
    found = library.best()
    assert found.photos == ()
    assert found.cover is None
    assert "`ansa clutter` says why" in found.message


def test_less_than_one_photo_cannot_be_asked_for(library: Library) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        library.best(0)


def test_a_cover_can_be_had_for_any_photos(library: Library, tmp_path: Path) -> None:
    files = [paint(tmp_path / "photos" / f"{number}.jpg", number) for number in range(4)]
    library.index(workers=1)
    found = library.cover(files[:2])
    assert found is not None
    assert found.path in files[:2]
    assert library.cover([tmp_path / "photos" / "none.jpg"]) is None
