from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from ansa.library.index_report import LibraryError
from ansa.library.storage.store import Store
from ansa.library.storage.vectors import pack
from tests.library.conftest import Shelf, as_nobody
from tests.library.starts import DIM, Bundle, vector_of


def test_everything_is_new_at_first_and_nothing_is_analyzed_again(shelf: Shelf) -> None:
    shelf.put_many(10)
    first = shelf.index()
    assert (first.found, first.new, first.analyzed) == (10, 10, 10)
    assert len(shelf.analyzed()) == 10
    again = shelf.index()
    assert (again.found, again.unchanged, again.analyzed) == (10, 10, 0)
    assert shelf.analyzed() == []


def test_an_unchanged_file_is_not_even_opened(shelf: Shelf) -> None:
    path = shelf.put("a.jpg")
    shelf.index()
    os.utime(path, ns=(0, path.stat().st_mtime_ns))  # a known time of the last access ...
    shelf.index()
    before = path.stat().st_atime_ns
    assert shelf.index().unchanged == 1
    assert path.stat().st_atime_ns == before


def test_what_is_stored_is_what_the_network_gave(shelf: Shelf) -> None:
    path = shelf.put("a.jpg")
    shelf.index()
    assert shelf.vectors() == [pack(vector_of(path.read_bytes()), DIM)]


def test_a_changed_file_is_analyzed_again(shelf: Shelf) -> None:
    shelf.put_many(3)
    shelf.index()
    shelf.analyzed()
    shelf.put("0001.jpg", "another photo")
    report = shelf.index()
    assert (report.changed, report.unchanged) == (1, 2)
    assert shelf.analyzed() == ["0001.jpg"]


def test_a_file_changed_under_the_same_size_and_time_stamp_is_noticed(shelf: Shelf) -> None:
    path = shelf.put("a.jpg", "one photo")
    shelf.index()
    before = path.stat()
    path.write_text("two photo")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert shelf.index().changed == 1


def test_a_file_rewritten_right_after_it_was_read_is_noticed(shelf: Shelf) -> None:
    """Even within one tick of the file system's clock."""
    path = shelf.put("a.jpg", "photo 00")
    seen = [shelf.index()]
    for number in range(1, 6):
        path.write_text(f"photo {number:02}")
        seen.append(shelf.index())
    assert [report.changed for report in seen] == [0, 1, 1, 1, 1, 1]


def test_touching_a_file_costs_a_hash_and_no_analysis(shelf: Shelf) -> None:
    path = shelf.put("a.jpg")
    shelf.index()
    shelf.analyzed()
    path.touch()
    assert shelf.index().unchanged == 1
    assert shelf.analyzed() == []


def test_renamed_moved_and_copied_photos_keep_their_signals(shelf: Shelf) -> None:
    shelf.put_many(4)
    shelf.index()
    shelf.analyzed()
    (shelf.folder / "0000.jpg").rename(shelf.folder / "renamed.jpg")
    (shelf.folder / "deep").mkdir()
    (shelf.folder / "0001.jpg").rename(shelf.folder / "deep" / "0001.jpg")
    shutil.copy(shelf.folder / "0002.jpg", shelf.folder / "copy.jpg")
    report = shelf.index()
    assert (report.moved, report.new, report.unchanged, report.missing) == (2, 1, 2, 0)
    assert shelf.analyzed() == []
    assert shelf.names() == ["0002.jpg", "0003.jpg", "copy.jpg", "deep/0001.jpg", "renamed.jpg"]


def test_a_whole_renamed_folder_of_equally_large_photos_is_not_analyzed_again(shelf: Shelf) -> None:
    for number in range(300):
        shelf.put(f"old/{number:04}.jpg", f"content {number:04}")
    shelf.index()
    shelf.analyzed()
    (shelf.folder / "old").rename(shelf.folder / "new")
    assert shelf.index().moved == 300
    assert shelf.analyzed() == []


def test_two_photos_that_swap_names_keep_their_signals(shelf: Shelf) -> None:
    a, b = shelf.put("a.jpg"), shelf.put("b.jpg")
    shelf.index()
    shelf.analyzed()
    a.rename(shelf.folder / "c")
    b.rename(a)
    (shelf.folder / "c").rename(b)
    shelf.index()
    assert shelf.analyzed() == []
    assert shelf.names() == ["a.jpg", "b.jpg"]


def test_deleted_photos_are_marked_and_come_back_without_analysis(shelf: Shelf) -> None:
    shelf.put_many(3)
    shelf.index()
    away = shelf.base / "away.jpg"
    (shelf.folder / "0001.jpg").rename(away)
    assert shelf.index().missing == 1
    assert shelf.names() == ["0000.jpg", "0002.jpg"]
    assert shelf.index().missing == 0  # said once
    shelf.analyzed()
    away.rename(shelf.folder / "0001.jpg")
    assert shelf.index().unchanged == 3
    assert shelf.analyzed() == []
    assert len(shelf.names()) == 3


def test_a_missing_root_is_an_error_and_nothing_counts_as_deleted(shelf: Shelf) -> None:
    shelf.put_many(3)
    shelf.index()
    shelf.folder.rename(shelf.base / "unmounted")
    with pytest.raises(LibraryError, match="no such folder; if it is on a drive, connect it"):
        shelf.index()
    assert len(shelf.names()) == 3


def test_an_empty_mount_point_is_an_error_and_nothing_counts_as_deleted(shelf: Shelf) -> None:
    shelf.put_many(3)
    shelf.index()
    shelf.folder.rename(shelf.base / "unmounted")
    shelf.folder.mkdir()
    with pytest.raises(LibraryError, match="empty, though it held photos"):
        shelf.index()
    assert len(shelf.names()) == 3


def test_an_empty_folder_that_held_nothing_is_fine(shelf: Shelf) -> None:
    assert shelf.index().found == 0


def test_an_empty_folder_that_held_only_damaged_photos_is_fine(shelf: Shelf) -> None:
    shelf.put("a.jpg", "damaged")
    assert shelf.index().failed == 1
    (shelf.folder / "a.jpg").unlink()
    assert shelf.index().missing == 1


def test_an_unreadable_folder_keeps_what_is_known_of_it(shelf: Shelf) -> None:
    shelf.put("a.jpg")
    shelf.put("closed/b.jpg")
    shelf.index()
    (shelf.folder / "closed").chmod(0)
    shelf.base.chmod(0o777)
    with as_nobody(shelf.base):
        report = shelf.index()
    (shelf.folder / "closed").chmod(0o755)
    assert (report.found, report.unchanged, report.missing, report.unreadable) == (1, 1, 0, 1)
    assert report.problems[0].kind == "folder"
    assert shelf.names() == ["a.jpg", "closed/b.jpg"]


def test_damaged_photos_are_named_each_time_but_opened_once(shelf: Shelf) -> None:
    shelf.put("bad.jpg", "damaged")
    shelf.put("other.jpg", "unsupported")
    shelf.put("good.jpg")
    for analyzed in (["bad.jpg", "good.jpg", "other.jpg"], []):
        report = shelf.index()
        assert (report.failed, report.skipped, report.done) == (1, 1, 1)
        assert [str(problem) for problem in report.problems] == [
            f"{shelf.folder}/bad.jpg: damaged; save it again",
            f"{shelf.folder}/other.jpg: no photo; nothing to do",
        ]
        assert shelf.analyzed() == analyzed


def test_a_photo_that_failed_is_tried_again_when_what_reads_it_is_newer(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put("heic.jpg", "unsupported")
    shelf.index()
    shelf.analyzed()
    monkeypatch.setattr(
        "ansa.library.indexing.index._reader", lambda bundle: "pillow-heif is installed now"
    )
    shelf.index()
    assert shelf.analyzed() == ["heic.jpg"]


def test_what_could_not_be_read_is_tried_again_in_the_next_run(shelf: Shelf) -> None:
    shelf.put("huge.jpg", "memory")
    for _ in range(2):
        assert shelf.index().failed == 1
        assert shelf.analyzed() == ["huge.jpg"]


def test_a_quarantined_photo_is_left_alone_until_it_changes(shelf: Shelf) -> None:
    shelf.put_many(3)
    shelf.put("bomb.jpg", "segfault")
    report = shelf.index()
    assert (report.quarantined, report.new) == (1, 3)
    shelf.analyzed()
    report = shelf.index()
    assert (report.quarantined, report.unchanged) == (1, 3)
    assert report.problems[0].reason == "crashed the decoder (SIGSEGV)"
    assert shelf.analyzed() == []
    shelf.put("bomb.jpg", "repaired")
    report = shelf.index()
    assert (report.quarantined, report.new, report.unchanged) == (0, 1, 3)


@pytest.mark.parametrize("content", ["nan", "short"])
def test_a_vector_that_is_none_is_never_stored(shelf: Shelf, content: str) -> None:
    shelf.put("bad.jpg", content)
    shelf.put("good.jpg")
    report = shelf.index()
    assert (report.failed, report.new) == (1, 1)
    assert "the network gave a vector" in report.problems[0].reason
    assert len(shelf.vectors()) == 1
    assert shelf.index().failed == 1


def test_a_new_bundle_replaces_signals_photo_by_photo_and_never_mixes(shelf: Shelf) -> None:
    shelf.put_many(3)
    shelf.put("odd.jpg", "odd")
    shelf.index()
    old = shelf.vectors("first")
    assert len(old) == 4
    shelf.analyzed()
    report = shelf.index(Bundle(shelf.log, broken=b"odd"), bundle="second")
    assert (report.unchanged, report.failed, report.analyzed) == (3, 1, 3)
    assert len(shelf.analyzed()) == 4
    assert len(shelf.vectors("second")) == 3
    kept = shelf.vectors("first")  # of the one whose replacement does not stand
    assert len(kept) == 1
    assert kept[0] in old
    assert not set(shelf.vectors("second")) & set(old)
    assert shelf.index(Bundle(shelf.log), bundle="second").done == 4
    assert len(shelf.vectors("second")) == 4
    assert shelf.vectors("first") == []


def test_the_future_is_no_problem(shelf: Shelf) -> None:
    """Clock skew: a camera or a disk may be ahead."""
    path = shelf.put("a.jpg")
    future = time.time_ns() + 10**18
    os.utime(path, ns=(future, future))
    assert shelf.index().new == 1
    assert shelf.index().unchanged == 1
    path.write_text("another")
    os.utime(path, ns=(future, future))
    assert shelf.index().changed == 1


def test_odd_names_are_indexed_and_reported_on_one_line(shelf: Shelf) -> None:
    shelf.put(b"caf\xe9\n.jpg")
    shelf.put(b"bad\n\xff.jpg", "damaged")
    report = shelf.index()
    assert (report.new, report.failed) == (1, 1)
    assert str(report.problems[0]).endswith("bad\\n\\udcff.jpg: damaged; save it again")
    assert shelf.index().unchanged == 1


def test_a_run_that_is_stopped_keeps_what_was_analyzed(shelf: Shelf) -> None:
    shelf.put_many(10)

    def stop(done: int, total: int) -> None:
        assert total == 10
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shelf.index(progress=stop)
    assert len(shelf.names()) == 5
    shelf.analyzed()
    report = shelf.index()
    assert (report.unchanged, report.new) == (5, 5)
    assert len(shelf.analyzed()) == 5


def test_two_folders_keep_apart(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put("a.jpg", "same")
    shelf.index()
    first, shelf.folder = shelf.folder, tmp_path / "second"
    shelf.analyzed()
    shelf.put("a.jpg", "same")
    shelf.put("b.jpg", "other")
    report = shelf.index()
    assert (report.new, report.missing) == (2, 0)
    assert shelf.analyzed() == ["b.jpg"]
    shelf.folder = first
    assert shelf.index().unchanged == 1


def test_two_index_runs_at_once_do_not_mix_and_neither_hangs(shelf: Shelf) -> None:
    shelf.put_many(10)
    inside = threading.Event()
    errors: list[str] = []

    def other() -> None:
        inside.wait(20)
        second = Shelf.__new__(Shelf)
        second.__dict__.update(shelf.__dict__)
        second.store = Store(shelf.database)
        try:
            second.index()
        except LibraryError as error:
            errors.append(str(error))
        second.store.close()

    thread = threading.Thread(target=other)
    thread.start()

    def hold(done: int, total: int) -> None:
        if done == 1:
            inside.set()
            thread.join(20)

    assert shelf.index(progress=hold).new == 10
    assert errors == [
        f"{shelf.database}: another index run is at work on it; wait until it has ended"
    ]
    assert shelf.index().unchanged == 10
    assert len(shelf.names()) == 10
