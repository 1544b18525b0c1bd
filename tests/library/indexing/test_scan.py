from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansa.library.index_report import LibraryError
from ansa.library.indexing.scan import Scan, scan
from ansa.photo.file_kinds import read_suffixes
from tests.library.conftest import as_nobody


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def walk(root: Path) -> Scan:
    return scan(os.fsencode(root))


def touch(root: Path, *names: str | bytes) -> None:
    for name in names:
        path = root / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_photos_of_every_format_are_found_in_every_folder_by_name(root: Path) -> None:
    touch(root, "b.JPG", "a.jpeg", "c/d.heic", "c/e/f.webp", "g.tiff", "h.png", "i.gif", "j.bmp")
    touch(root, "k.avif")
    names = [b"a.jpeg", b"b.JPG", b"g.tiff", b"h.png", b"i.gif", b"j.bmp", b"k.avif"]
    assert list(walk(root).photos) == [*names, b"c/d.heic", b"c/e/f.webp"]


def test_other_files_are_counted_and_not_taken_for_photos(root: Path) -> None:
    touch(root, "a.jpg", "notes.txt", "jpg", "b.jpg.part", "Thumbs.db", "song.mp3", "noextension")
    seen = walk(root)
    assert list(seen.photos) == [b"a.jpg"]
    assert seen.ignored == 6
    assert seen.unread == {"document": 1, "sound": 1, "other file": 4}
    assert seen.skipped == []


def test_hidden_files_and_folders_are_left_alone(root: Path) -> None:
    touch(root, "a.jpg", "._a.jpg", ".thumbnails/a.jpg")
    seen = walk(root)
    assert list(seen.photos) == [b"a.jpg"]
    assert seen.ignored == 1


def test_raw_beside_a_photo_of_its_name_is_one_with_it(root: Path) -> None:
    touch(root, "pair.cr2", "pair.jpg", "Case.JPG", "case.NEF", "alone.dng", "other/pair.dng")
    touch(root, "PXL_1.RAW-01.COVER.jpg", "PXL_1.RAW-02.ORIGINAL.dng")
    seen = walk(root)
    names = [b"Case.JPG", b"PXL_1.RAW-01.COVER.jpg", b"alone.dng", b"pair.jpg", b"other/pair.dng"]
    assert list(seen.photos) == names
    assert seen.paired == 3
    assert not seen.unread


def test_a_film_beside_a_photo_of_its_name_may_be_its_live_photo(root: Path) -> None:
    touch(root, "live.heic", "live.mov", "film.mov", "a.JPG", "a_HEVC.MOV", "P.MP.jpg", "P.MP")
    seen = walk(root)
    assert seen.beside.keys() == {b"live.mov", b"a_HEVC.MOV", b"P.MP"}
    assert len(seen.photos) == 7


def test_pictures_that_users_would_miss_are_named_and_counted(root: Path) -> None:
    touch(root, "vector.eps", "stars.fits", "a.ai")
    seen = walk(root)
    assert [(Path(p.file).name, p.reason) for p in seen.skipped] == [
        ("stars.fits", ".fits is not opened"),
        ("vector.eps", ".eps is not opened"),
    ]
    assert seen.unread == {"other picture": 3}


def test_without_their_packages_raw_is_named_and_films_are_counted(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ansa.photo.file_kinds.is_installed", lambda package: False)
    read_suffixes.cache_clear()
    touch(root, "a.dng", "b.mov", "c.jpg", "c.mov", "c.dng")
    try:
        seen = walk(root)
    finally:
        read_suffixes.cache_clear()
    assert list(seen.photos) == [b"c.jpg"]
    assert [(Path(p.file).name, p.remedy) for p in seen.skipped] == [
        ("a.dng", "run pip install 'ansa[raw]'")
    ]
    assert seen.unread == {"RAW photo": 1, "film": 2}
    assert seen.paired == 1


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.binary(min_size=1, max_size=40), min_size=1, max_size=10))
def test_any_name_a_disk_can_hold_is_found_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, stems: set[bytes]
) -> None:
    root = tmp_path_factory.mktemp("names")
    names = {b"x" + stem.replace(b"/", b"_").replace(b"\0", b"_") + b".jpg" for stem in stems}
    touch(root, *names)
    assert set(walk(root).photos) == names


def test_names_with_newlines_and_without_utf8_are_found(root: Path) -> None:
    touch(root, b"caf\xe9\n\xff.jpg", b"two\nlines/photo.jpg")
    assert list(walk(root).photos) == [b"caf\xe9\n\xff.jpg", b"two\nlines/photo.jpg"]


def test_a_link_to_a_photo_in_the_root_is_a_photo(root: Path) -> None:
    touch(root, "a/photo.jpg")
    (root / "link.jpg").symlink_to("a/photo.jpg")
    assert list(walk(root).photos) == [b"link.jpg", b"a/photo.jpg"]


def test_links_that_lead_nowhere_round_or_out_are_skipped_with_a_reason(root: Path) -> None:
    touch(root, "a/photo.jpg", "../outside.jpg", "../photos2/near.jpg")
    (root / "broken.jpg").symlink_to("nowhere.jpg")
    (root / "circle.jpg").symlink_to("circle.jpg")
    (root / "out.jpg").symlink_to("../outside.jpg")
    (root / "near.jpg").symlink_to("../photos2/near.jpg")  # whose path begins like the root's
    (root / "folder.jpg").symlink_to("a")
    (root / "a" / "again").symlink_to(root)
    (root / "broken.txt").symlink_to("nowhere.txt")
    seen = walk(root)
    assert list(seen.photos) == [b"a/photo.jpg"]
    assert seen.ignored == 1
    assert {Path(p.file).name: p.reason for p in seen.skipped} == {
        "broken.jpg": "a link that leads nowhere or in a circle",
        "circle.jpg": "a link that leads nowhere or in a circle",
        "out.jpg": "a link out of the indexed folder",
        "near.jpg": "a link out of the indexed folder",
        "folder.jpg": "a link to a folder",
        "again": "a link to a folder",
    }


def test_a_folder_that_contains_itself_through_links_is_walked_once(root: Path) -> None:
    touch(root, "a/b/photo.jpg")
    (root / "a" / "b" / "up").symlink_to("../..")
    (root / "a" / "b" / "beside").symlink_to(".")
    assert list(walk(root).photos) == [b"a/b/photo.jpg"]


def test_a_pipe_or_folder_named_like_a_photo_is_no_photo(root: Path) -> None:
    os.mkfifo(root / "pipe.jpg")
    touch(root, "folder.jpg/photo.jpg")
    seen = walk(root)
    assert list(seen.photos) == [b"folder.jpg/photo.jpg"]
    assert [(Path(p.file).name, p.reason) for p in seen.skipped] == [
        ("pipe.jpg", "not a plain file")
    ]


def test_an_unreadable_folder_is_reported_and_the_rest_goes_on(root: Path) -> None:
    touch(root, "a/1.jpg", "closed/2.jpg", "z/3.jpg")
    (root / "closed").chmod(0)
    with as_nobody(root):
        seen = walk(root)
    (root / "closed").chmod(0o755)
    assert list(seen.photos) == [b"a/1.jpg", b"z/3.jpg"]
    (problem,) = seen.folders
    assert problem.file == str(root / "closed")
    assert problem.reason == "cannot be listed (Permission denied)"
    assert seen.hides(b"closed/2.jpg")
    assert not seen.hides(b"a/1.jpg")
    assert not seen.hides(b"closed2/1.jpg")


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_root_that_is_missing_or_no_folder_is_an_error_with_a_remedy(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match=r"no such folder|not a folder.*drive, connect it"):
        walk(tmp_path / name)


def test_a_root_that_is_unmounted_during_the_walk_is_an_error(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(root, "a/1.jpg", "b/2.jpg")
    list_ = os.scandir

    def unmounting(path: bytes) -> object:
        if path.endswith(b"/b"):
            root.rename(root.parent / "unmounted")
            root.mkdir()
        return list_(path)

    monkeypatch.setattr(os, "scandir", unmounting)
    with pytest.raises(LibraryError, match="another folder took its place"):
        walk(root)


def test_a_folder_that_is_deleted_during_the_walk_is_no_problem(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(root, "a/1.jpg", "b/2.jpg")
    list_ = os.scandir

    def deleting(path: bytes) -> object:
        if path.endswith(b"/a"):
            (root / "a" / "1.jpg").unlink()
            (root / "a").rmdir()
        return list_(path)

    monkeypatch.setattr(os, "scandir", deleting)
    seen = walk(root)
    assert list(seen.photos) == [b"b/2.jpg"]
    assert seen.folders == []


def test_a_hundred_thousand_files_in_one_folder_are_walked_in_seconds(root: Path) -> None:
    folder = os.open(root, os.O_RDONLY)
    for number in range(100_000):
        os.close(os.open(f"{number}.jpg", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)
    began = time.process_time()
    assert len(walk(root).photos) == 100_000
    assert time.process_time() - began < 5
