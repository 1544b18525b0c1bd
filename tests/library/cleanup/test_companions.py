"""What lies beside a photo is known by its name, in any case of letters, and nobody else's is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansa.library.cleanup.companions import Companions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def of(folder: Path, photo: str, *beside: str) -> list[str]:
    for name in (photo, *beside):
        (folder / name).write_text("")
    return [each.path.name for each in Companions().of(folder / photo)]


@pytest.mark.parametrize(
    ("photo", "beside"),
    [
        ("IMG_1.JPG", ["IMG_1.xmp", "img_1.jpg.XMP", "IMG_1.CR2", "IMG_1.cr2.xmp", "IMG_1.AAE"]),
        ("IMG_E1.HEIC", ["IMG_E1.MOV", "IMG_O1.AAE", "IMG_E1_HEVC.MOV", "._IMG_E1.HEIC"]),
        ("PXL_2.MP.jpg", ["PXL_2.MP", "PXL_2.MP.jpg.json"]),
        ("a(1).jpg", ["a.jpg(1).json", "a(1).xmp"]),
        ("b(2).jpg", ["b.jpg.supplemental-metad(2).json"]),
        ("c.jpg", ["c.jpg.supplemental-metadata.json", "c.jpg.pp3", "c.WAV"]),
        (f"{'d' * 50}.jpg", [f"{'d' * 46}.json"]),
        ("g-edited.jpg", ["g.jpg.json"]),
        ("e.f.jpg", ["e.f.xmp", "e.f.nef"]),
    ],
)
def test_what_belongs_to_a_photo(folder: Path, photo: str, beside: list[str]) -> None:
    assert of(folder, photo, *beside) == sorted(beside)


@pytest.mark.parametrize(
    ("photo", "others"),
    [
        ("IMG_1.JPG", ["IMG_10.xmp", "IMG_1.png", "IMG_1.heic.xmp", "IMG_2.CR2", "IMG_O1.AAE"]),
        ("a.jpg", ["a.b.xmp", "a.b.jpg", "a-edited.xmp", "a(1).jpg.xmp", "b.a.jpg.xmp"]),
        ("a-edited.jpg", ["a.jpg", "a.jpg.json", "a.jpg.supplemental-metadata.json"]),
        ("a.jpg", ["a.jpg.supplemental-metadata(1).json", "a(1).jpg", "metadata.json"]),
    ],
)
def test_what_belongs_to_others(folder: Path, photo: str, others: list[str]) -> None:
    assert of(folder, photo, *others) == []


def test_folders_are_nobodys(folder: Path) -> None:
    (folder / "a.files").mkdir()
    (folder / "a").mkdir()
    assert of(folder, "a.jpg") == []


def test_what_two_photos_share_is_said(folder: Path) -> None:
    of(folder, "a.jpg", "a.heic", "a.mov", "a.jpg.xmp")
    xmp, film = Companions().of(folder / "a.jpg")
    assert (xmp.describes, xmp.shared) == (True, ())
    assert (film.describes, film.shared) == (False, (folder / "a.heic",))
    long = "d" * 50
    of(folder, f"{long}1.jpg", f"{long}2.jpg", f"{long[:46]}.json")
    (told,) = Companions().of(folder / f"{long}1.jpg")
    assert told.shared == (folder / f"{long}2.jpg",)


def test_a_folder_is_listed_anew_when_it_changed(folder: Path) -> None:
    companions = Companions()
    (folder / "a.jpg").write_text("")
    assert companions.works(folder / "a.jpg") == 0
    (folder / "a.mov").write_text("")
    companions.forget(folder)
    assert companions.works(folder / "a.jpg") == 1
    assert companions.works(folder / "missing" / "a.jpg") == 0
