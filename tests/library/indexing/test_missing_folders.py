"""Photos that are gone with their drive are not deleted ones, and come back with it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansa.library.index_report import LibraryError
from ansa.library.indexing.missing_folders import find_missing_folders
from ansa.library.indexing.scan import Fingerprint, Scan, scan
from tests.library.conftest import Shelf


@pytest.mark.parametrize("inside", ["usb", "a/usb", "usb/DCIM/100"])
def test_a_folder_that_is_empty_now_is_perhaps_not_connected(shelf: Shelf, inside: str) -> None:
    """As the mount point of a drive is, however deep."""
    shelf.put("here.jpg")
    for number in range(4):
        shelf.put(f"{inside}/{number}.jpg")
    shelf.index()
    usb = shelf.folder / inside.removesuffix("/DCIM/100")
    usb.rename(shelf.base / "drive")
    usb.mkdir()
    for _ in range(2):
        report = shelf.index()
        assert (report.unchanged, report.missing, report.away) == (1, 0, 4)
        (problem,) = report.problems
        assert (problem.file, problem.kind) == (str(usb), "away")
        assert problem.reason.startswith("empty, though it held 4 photos; perhaps a drive that")
        assert len(shelf.names()) == 5
    usb.rmdir()
    (shelf.base / "drive").rename(usb)
    report = shelf.index()
    assert (report.unchanged, report.away, report.analyzed, report.problems) == (5, 0, 0, ())


def test_photos_moved_out_of_a_folder_leave_nothing_to_tell(shelf: Shelf) -> None:
    shelf.put("inbox/a.jpg")
    shelf.put("b.jpg")
    shelf.index()
    shutil.move(shelf.folder / "inbox" / "a.jpg", shelf.folder / "a.jpg")
    report = shelf.index()
    assert (report.moved, report.away, report.missing, report.problems) == (1, 0, 0, ())
    assert shelf.names() == ["a.jpg", "b.jpg"]


def test_a_folder_whose_photos_are_all_elsewhere_is_told_as_such(shelf: Shelf) -> None:
    shelf.put("old/a.jpg", "one content")
    shelf.put("new/a.jpg", "one content")
    shelf.index()
    (shelf.folder / "old" / "a.jpg").unlink()
    (problem,) = shelf.index().problems
    assert "it held a photo; it is in other folders, too" in problem.reason
    assert "`ansa forget FOLDER`" in problem.remedy


def test_one_deleted_photo_of_several_is_no_longer_there(shelf: Shelf) -> None:
    shelf.put_many(3)
    shelf.put("deeper/a.jpg")
    shelf.put("deeper/b.jpg")
    shelf.put("removed/c.jpg")
    shelf.index()
    (shelf.folder / "deeper" / "a.jpg").unlink()
    shutil.rmtree(shelf.folder / "removed")  # it was no drive
    report = shelf.index()
    assert (report.missing, report.away, report.problems) == (2, 0, ())


def scanned(*photos: str, walked: str = "", mounts: dict[bytes, int] | None = None) -> Scan:
    found = Scan(walked={b"", *map(os.fsencode, walked.split())}, mounts=mounts or {b"": 1})
    found.photos = dict.fromkeys(map(os.fsencode, photos), Fingerprint(1, 1, 1))
    return found


KNOWN = [b"here.jpg", b"usb/a.jpg", b"usb/card/b.jpg", b"usb2/c.jpg"]
MOUNTS = {b"": "1", b"usb": "2", b"usb/card": "3"}


def test_a_mount_point_that_the_system_took_away() -> None:
    (away,) = find_missing_folders(scanned("here.jpg", "usb2/c.jpg", walked="usb2"), KNOWN, MOUNTS)
    assert (away.folder, away.now, away.replaced) == (b"usb", "not there", False)
    assert [path for path in KNOWN if away.holds(path)] == [b"usb/a.jpg", b"usb/card/b.jpg"]


def test_another_drive_in_the_same_place() -> None:
    seen = scanned("here.jpg", "usb/new.jpg", "usb2/c.jpg", walked="usb usb2")
    (away,) = find_missing_folders(seen, KNOWN, MOUNTS)
    assert (away.folder, away.now, away.replaced) == (b"usb", "other files are there now", True)


def test_a_drive_in_a_drive() -> None:
    seen = scanned("here.jpg", "usb/a.jpg", "usb2/c.jpg", walked="usb usb2")
    (away,) = find_missing_folders(seen, KNOWN, MOUNTS)
    assert away.folder == b"usb/card"


def test_a_drive_that_is_there_under_another_number_is_there() -> None:
    seen = scanned(*map(os.fsdecode, KNOWN), walked="usb usb/card usb2", mounts={b"": 7})
    assert find_missing_folders(seen, KNOWN, MOUNTS) == []


def test_another_drive_in_the_place_of_the_root() -> None:
    seen = scanned("new.jpg", mounts={b"": 9})
    (away,) = find_missing_folders(seen, KNOWN, MOUNTS)
    assert (away.folder, away.replaced) == (b"", True)
    assert (
        find_missing_folders(scanned("new.jpg"), [b"deleted.jpg"], {b"": "1"}) == []
    )  # the same drive


def test_a_folder_that_cannot_be_listed_is_told_as_that() -> None:
    seen = scanned("here.jpg", "usb2/c.jpg", walked="usb2")
    seen.unreadable.append(b"usb")
    assert find_missing_folders(seen, KNOWN, MOUNTS) == []


@pytest.fixture
def other_device(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than the temporary one, where there is such."""
    shared = Path("/dev/shm")
    if not os.access(shared, os.W_OK) or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system")
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        yield Path(folder)


def test_the_other_drive_is_told_apart_from_the_first_one(shelf: Shelf, other_device: Path) -> None:
    """Two sticks that are mounted at one place, one after the other."""
    shelf.put("first.jpg")
    shelf.index()
    mounted = shelf.folder
    with_first = shelf.base / "first"
    mounted.rename(with_first)
    second = other_device / "second.jpg"
    second.write_text("photo on the second")
    # A root is an absolute real path; only the row is the same, as after mounting.
    with shelf.store.writing() as connection:
        connection.execute("UPDATE roots SET path = ?", (os.fsencode(other_device),))
    shelf.folder = other_device
    report = shelf.index()
    assert (report.new, report.missing, report.away) == (1, 0, 1)
    assert report.problems[0].reason.startswith("other files are there now, though it held a photo")
    assert shelf.index().problems == ()
    with shelf.store.writing() as connection:
        connection.execute("UPDATE roots SET path = ?", (os.fsencode(with_first),))
    shelf.folder = with_first
    report = shelf.index()
    assert (report.unchanged, report.analyzed, report.away) == (1, 0, 1)


def test_what_is_on_a_device_of_its_own_is_noted(tmp_path: Path, other_device: Path) -> None:
    assert scan(os.fsencode(tmp_path)).mounts == {b"": tmp_path.stat().st_dev}
    shared = other_device.parent
    found = scan(b"/dev")
    assert found.mounts[b"shm"] == shared.stat().st_dev
    assert found.mounts[b""] == Path("/dev").stat().st_dev


def test_a_root_that_is_empty_is_an_error_that_says_how_to_forget_it(shelf: Shelf) -> None:
    shelf.put("a.jpg")
    shelf.index()
    shelf.folder.rename(shelf.base / "unmounted")
    shelf.folder.mkdir()
    with pytest.raises(LibraryError, match="`ansa forget FOLDER` takes it out"):
        shelf.index()


@pytest.mark.parametrize(
    "bin_", ["#recycle", "$RECYCLE.BIN/S-1", "2023/@eaDir/a.jpg", "lost+found"]
)
def test_what_systems_made_for_themselves_holds_no_photos(shelf: Shelf, bin_: str) -> None:
    shelf.put("2023/a.jpg")
    shelf.put(f"{bin_}/deleted.jpg")
    report = shelf.index()
    assert (report.found, report.new, report.ignored) == (1, 1, 0)
    assert shelf.analyzed() == ["a.jpg"]


def test_what_was_indexed_of_them_before_is_dropped(shelf: Shelf) -> None:
    shelf.put("a.jpg")
    shelf.put("x/b.jpg")
    shelf.put("x/copy.jpg", "photo 'a.jpg'")
    shelf.index()
    with shelf.store.writing() as connection:  # as an ANSA that did not know bins left it
        connection.execute("INSERT INTO told_marks SELECT digest, 'favourite' FROM photos")
        connection.execute("UPDATE files SET path = replace(CAST(path AS TEXT), 'x/', '@Recycle/')")
        connection.execute("UPDATE files SET path = CAST(path AS BLOB)")
    (shelf.folder / "x").rename(shelf.folder / "@Recycle")
    report = shelf.index()
    assert (report.dropped, report.unchanged, report.missing) == (2, 1, 0)
    assert shelf.rows("SELECT path FROM files") == [(b"a.jpg",)]
    assert len(shelf.rows("SELECT * FROM signals")) == 1
    assert len(shelf.rows("SELECT * FROM told_marks")) == 2  # what people told stays
    (shelf.folder / "@Recycle" / "b.jpg").rename(shelf.folder / "b.jpg")  # restored
    assert shelf.index().new == 1
    digests = "SELECT digest FROM photos JOIN files ON photo = photos.id"
    assert len(shelf.rows(f"SELECT * FROM told_marks WHERE digest IN ({digests})")) == 2


def test_a_folder_of_which_only_a_bin_was_indexed_is_no_drive(shelf: Shelf) -> None:
    shelf.put("x/a.jpg")
    shelf.index()
    with shelf.store.writing() as connection:
        connection.execute("UPDATE files SET path = ?", (b"#recycle/a.jpg",))
    (shelf.folder / "x").rename(shelf.folder / "#recycle")
    report = shelf.index()
    assert (report.dropped, report.found, report.problems) == (1, 0, ())


def test_a_bin_that_is_named_itself_is_indexed(shelf: Shelf) -> None:
    """Who asks for it has a reason, as to look for what was deleted by mistake."""
    shelf.folder = shelf.folder / "#recycle"
    shelf.folder.mkdir()
    shelf.put("deleted.jpg")
    assert shelf.index().new == 1
    assert shelf.names() == ["deleted.jpg"]
