"""A library limited to any folder, and photos of which one file is gone and another is there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansa.library import Library, LibraryError
from ansa.library.index_report import LibraryWarning
from ansa.model.analyzer import Analyzer
from tests.library.seen import seeing_bundle
from tests.library.selection.test_best import paint

Open = Callable[..., Library]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeing_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def open_library(tmp_path: Path, bundle: Path) -> Iterator[Open]:
    opened = []

    def open_(folder: Path | str | None = None) -> Library:
        database = tmp_path / "library.sqlite"
        opened.append(Library(folder, database=database, analyzer=Analyzer(bundle)))
        return opened[-1]

    yield open_
    for library in opened:
        library.close()


@pytest.fixture
def photos(tmp_path: Path, open_library: Open) -> Path:
    """An indexed folder with photos of two years, in names that begin alike."""
    folder = tmp_path / "photos"
    for number, name in enumerate(("2024/a", "2024/deep/b", "2024b/c", "2025/d")):
        paint(folder / f"{name}.jpg", number, taken=f"2024:05:0{number + 1} 12:00:00")
    open_library(folder).index(workers=1)
    return folder


def seen(library: Library) -> set[str]:
    """Names of the photos that everything which lists photos tells of, all of them alike."""
    told = [
        {match.path.stem for match in library.search("a photo").matches},
        {photo.path.stem for photo in library.photos()},
    ]
    assert all(names == told[0] for names in told), told
    number = len(told[0])
    assert library.overview().get("photo", 0) == number
    assert sum(len(moment.photos) for moment in library.moments()) == number
    assert library.duplicates().photos == library.best().among == number
    return told[0]


def test_any_folder_limits_a_library(photos: Path, open_library: Open) -> None:
    assert seen(open_library(photos / "2024")) == {"a", "b"}
    assert seen(open_library(photos / "2024" / "deep")) == {"b"}
    assert seen(open_library(photos)) == seen(open_library()) == {"a", "b", "c", "d"}
    assert seen(open_library(photos.parent)) == {"a", "b", "c", "d"}  # it holds an indexed one
    for unknown in (photos / "202", photos / "none", photos / "2024" / "a"):
        library = open_library(unknown)
        assert seen(library) == set()
        assert library.search("a photo").message.startswith("nothing of this folder is known")
        assert library.duplicates().message.startswith("nothing of this folder is known")


def test_a_folder_may_be_spelled_in_any_way(
    photos: Path, open_library: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(photos / "2024" / "deep")
    monkeypatch.chdir(photos / "2025")
    for name in ("../2024/deep", f"{photos}/2024/deep/", f"{photos}/2025/.././2024//deep"):
        assert seen(open_library(name)) == {"b"}
    assert seen(open_library(tmp_path / "link")) == {"b"}
    assert seen(open_library(".")) == {"d"}


def test_a_folder_whose_name_is_no_text(photos: Path, open_library: Open) -> None:
    for name in (b"odd \xff", b"new\nline", b"50% _"):
        paint(photos / os.fsdecode(name) / "odd.jpg", 9, "2024:05:01 12:00:00")
        open_library(photos).index(workers=1)
        assert seen(open_library(photos / os.fsdecode(name))) == {"odd"}
        shutil.rmtree(photos / os.fsdecode(name))


def test_a_folder_in_two_indexed_ones_is_known_by_both(
    photos: Path, open_library: Open, tmp_path: Path
) -> None:
    (tmp_path / "library.sqlite").unlink()  # the inner folder was indexed first
    open_library(photos / "2024").index(workers=1)
    open_library(photos).index(workers=1)
    paint(photos / "2024" / "deep" / "late.jpg", 7, "2024:05:01 12:00:00")
    open_library(photos / "2024").index(workers=1)  # the outer folder has not seen that one
    assert seen(open_library(photos / "2024" / "deep")) == {"b", "late"}
    assert seen(open_library(photos)) == {"a", "b", "c", "d", "late"}


def test_a_folder_below_an_indexed_one_is_part_of_that(photos: Path, open_library: Open) -> None:
    """It becomes no second one, unless the walk of that would not come to it."""
    for name in ("2024/late", "2025/later", "#recycle/deleted", ".hidden/kept"):
        paint(photos / f"{name}.jpg", len(name), "2024:05:01 12:00:00")
    said = rf"2024: part of {photos}, all of which is brought up to date"
    with pytest.warns(LibraryWarning, match=said):
        report = open_library(photos / "2024").index(workers=1)
    assert (report.new, report.unchanged) == (2, 4)
    assert open_library().folders() == [photos]
    for name in ("#recycle", ".hidden"):
        assert open_library(photos / name).index(workers=1).new == 1
    with pytest.raises(LibraryError, match="no such folder"):
        open_library(photos / "none").index()


@pytest.mark.parametrize(("old", "new"), [("a_old", "b_new"), ("b_old", "a_new")])
def test_what_was_renamed_shows_only_files_that_are_there(
    tmp_path: Path, open_library: Open, old: str, new: str
) -> None:
    """Whichever name sorts first; marks and what was taught stay."""
    for number in range(4):
        paint(tmp_path / old / f"{number}.jpg", number, taken="2024:05:01 12:00:00")
    open_library(tmp_path / old).index(workers=1)
    open_library().mark([tmp_path / old / "1.jpg"], "favourite")
    (tmp_path / old).rename(tmp_path / new)
    open_library(tmp_path / new).index(workers=1)
    library = open_library()
    for photo in library.photos():
        assert (photo.path.parent, photo.copies) == (tmp_path / new, ())
    assert library.search("a photo").away == 0
    for match in library.search("a photo").matches:
        assert (match.path.parent, match.copies) == (tmp_path / new, ())
    best = library.best()
    assert best.left_out["gone"] == 0
    assert {photo.path.parent for photo in best.photos} == {tmp_path / new}
    wallpapers = library.wallpapers((80, 60))
    assert wallpapers.among == best.among
    assert wallpapers.left_out["gone"] == 0
    assert library.duplicates().gone == ()
    sidecars = library.write_sidecars()
    assert (sidecars.problems, sidecars.gone) == ((), 0)
    lesson = library.teach("one", [str(tmp_path / new / "1.jpg")])
    assert {each.path.parent for each in lesson.suggestions} == {tmp_path / new}
    marked = library.mark([tmp_path / new], "favourite").photos
    assert {path.parent for path in marked} == {tmp_path / new}


def test_a_folder_that_a_link_leads_to_now_is_the_same_one(
    photos: Path, open_library: Open
) -> None:
    """It was moved to a larger disk, and a link was left in its place."""
    moved = photos.with_name("larger disk")
    photos.rename(moved)
    photos.symlink_to(moved)
    report = open_library(photos).index(workers=1)
    assert (report.unchanged, report.new, report.problems) == (4, 0, ())
    assert open_library().folders() == [moved]


def test_photos_of_which_no_file_is_there_are_told_as_such(
    photos: Path, open_library: Open
) -> None:
    """As on a drive that is not connected."""
    photos.rename(photos.with_name("away"))
    library = open_library()
    found = library.search("a photo")
    assert len(found.matches) == 4
    assert found.away == found.to_dict()["away"] == 4
    assert library.best().left_out["gone"] == 4
    done = library.write_sidecars()
    assert (done.written, done.problems, done.gone) == ((), (), 4)


def test_what_lies_in_a_bin_is_never_used_even_if_it_was_indexed(
    tmp_path: Path, open_library: Open
) -> None:
    """An ANSA that did not know bins indexed it; nothing was indexed since."""
    folder = tmp_path / "share"
    kept = paint(folder / "x" / "holiday.jpg", 1)
    paint(folder / "x" / "deleted.jpg", 2)
    shutil.copy(kept, folder / "x" / "again.jpg")
    library = open_library(folder)
    library.index(workers=1)
    with library.store.writing() as connection:
        rows = ("again.jpg", "deleted.jpg")
        for name in rows:
            path = os.fsencode(Path("#recycle", name))
            old = os.fsencode(Path("x", name))
            connection.execute("UPDATE files SET path = ? WHERE path = ?", (path, old))
    (folder / "#recycle").mkdir()
    for name in rows:
        (folder / "x" / name).rename(folder / "#recycle" / name)
    assert seen_paths(library) == {kept}
    assert library.duplicates().groups == ()
    assert library.photo_of(folder / "#recycle" / "deleted.jpg") is None


def seen_paths(library: Library) -> set[Path]:
    found = {match.path for match in library.search("a photo").matches}
    found |= {copy for match in library.search("a photo").matches for copy in match.copies}
    return found | {path for photo in library.photos() for path in (photo.path, *photo.copies)}
