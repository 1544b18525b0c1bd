"""Moving is undoable and overwrites nothing, whatever happens in between."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ansa.library import LibraryError
from ansa.library.cleanup import moves
from ansa.library.cleanup.move_journal import JOURNAL
from ansa.library.cleanup.moves import MoveResult, move_back, move_into
from tests.library.conftest import as_nobody


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """An indexed folder: `kept`, and one `a.jpg` in each of two folders."""
    folder = tmp_path / "photos"
    for name in ("one", "two"):
        (folder / name).mkdir(parents=True)
        (folder / name / "a.jpg").write_text(f"photo {name}")
    (folder / "kept.jpg").write_text("kept")
    return folder


def move(photos: Path, *names: str, kept: str = "kept.jpg") -> MoveResult:
    """Moves files for which another one stands, all of them as they are now."""
    digests = {
        path: hashlib.sha256(path.read_bytes()).digest()
        for path in photos.rglob("*")
        if path.is_file()
    }
    files = [(photos / name, [photos / kept]) for name in names]
    return move_into(photos.parent / "out", files, [photos], digests)


def state(folder: Path) -> dict[str, tuple[str, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): (path.read_text(), path.stat().st_mtime_ns) for path in files
    }


def test_what_is_moved_comes_back_as_it_was(photos: Path) -> None:
    before = state(photos)
    moved = move(photos, "one/a.jpg", "two/a.jpg")
    out = photos.parent / "out"
    assert moved.files == (
        (photos / "one/a.jpg", out / "a.jpg"),
        (photos / "two/a.jpg", out / "a (2).jpg"),
    )
    assert set(state(photos)) == {"kept.jpg"}
    assert (out / "a (2).jpg").read_text() == "photo two"
    assert len(move_back(out, [photos]).files) == 2
    assert state(photos) == before
    assert list(out.iterdir()) == []


def test_nothing_is_overwritten_on_either_way(photos: Path) -> None:
    out = photos.parent / "out"
    out.mkdir()
    (out / "a.jpg").write_text("mine")
    move(photos, "one/a.jpg")
    assert (out / "a.jpg").read_text() == "mine"
    (photos / "one/a.jpg").write_text("new")
    undone = move_back(out, [photos])
    assert undone.files == ()
    assert "stays where it is" in undone.problems[0].reason
    assert (photos / "one/a.jpg").read_text() == "new"
    assert (out / "a (2).jpg").read_text() == "photo one"
    (photos / "one/a.jpg").unlink()  # then it can be moved back after all
    assert len(move_back(out, [photos]).files) == 1


def test_names_that_are_as_long_as_they_can_be_get_a_number_too(photos: Path) -> None:
    name = "\N{LATIN SMALL LETTER E WITH ACUTE}" * 123 + ".jpg"  # 250 bytes
    for folder in ("one", "two"):
        (photos / folder / name).write_text(f"photo {folder}")
        (photos / folder / f"{name}.xmp").write_text(f"of {folder}")
    before = state(photos)
    moved = move(photos, f"one/{name}", f"two/{name}")
    assert moved.problems == ()
    second = [new.name for old, new in moved.files if old.parent.name == "two"]
    assert second[0].endswith(" (2).jpg")
    assert all(len(os.fsencode(each)) <= 255 for each in second)
    move_back(photos.parent / "out", [photos])
    assert state(photos) == before


def test_a_photo_whose_kept_one_is_gone_stays(photos: Path) -> None:
    (photos / "kept.jpg").unlink()
    moved = move(photos, "one/a.jpg")
    assert moved.files == ()
    assert "to be kept, is gone" in moved.problems[0].reason
    assert (photos / "one/a.jpg").exists()
    assert not (photos.parent / "out").exists()


def test_one_that_cannot_be_moved_does_not_stop_the_others(photos: Path) -> None:
    moved = move(photos, "gone.jpg", "one/a.jpg")
    assert [old.name for old, _ in moved.files] == ["a.jpg"]
    assert moved.problems[0].file.endswith("gone.jpg")
    assert len(move_back(photos.parent / "out", [photos]).files) == 1


def test_to_another_disk_it_is_copied_and_compared(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(photos)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr(os, "link", refuse)
    move(photos, "one/a.jpg", "two/a.jpg")
    assert set(state(photos)) == {"kept.jpg"}
    move_back(photos.parent / "out", [photos])
    assert state(photos) == before


def test_a_folder_that_cannot_be_written_keeps_its_photo_and_no_second_one_is_made(
    photos: Path,
) -> None:
    (photos / "one").chmod(0o555)
    (photos.parent / "out").mkdir(mode=0o777)
    (photos.parent / "out").chmod(0o777)
    with as_nobody(photos.parent):
        moved = move(photos, "one/a.jpg")
    (photos / "one").chmod(0o755)
    assert moved.files == ()
    assert (photos / "one/a.jpg").read_text() == "photo one"
    assert list((photos.parent / "out").iterdir()) == []


def test_a_run_that_ended_before_its_move_is_undone_too(photos: Path) -> None:
    move(photos, "one/a.jpg")
    journal = photos.parent / "out" / JOURNAL
    noted = json.dumps({"from": str(photos / "two/a.jpg"), "to": "a (2).jpg"})
    journal.write_text(journal.read_text() + noted + '\n{"from": "/half a li')
    assert len(move_back(photos.parent / "out", [photos]).files) == 1
    assert (photos / "two/a.jpg").exists()


def test_a_folder_in_an_indexed_one_is_refused(photos: Path) -> None:
    with pytest.raises(LibraryError, match=r"lies in an indexed folder.*name one outside"):
        move_into(photos / "out", [(photos / "one/a.jpg", [photos / "kept.jpg"])], [photos], {})
    assert (photos / "one/a.jpg").exists()


def test_neither_folder_nor_journal_is_made_for_nothing(photos: Path) -> None:
    assert move(photos).files == ()
    assert move(photos, "gone.jpg").files == ()
    assert not (photos.parent / "out").exists()


@pytest.mark.parametrize("name", ["one/a.jpg", "kept.jpg"])
def test_what_changed_since_it_was_indexed_moves_nothing(photos: Path, name: str) -> None:
    digests = {path: hashlib.sha256(path.read_bytes()).digest() for path in photos.rglob("*.jpg")}
    was = (photos / name).stat()
    (photos / name).write_bytes((photos / name).read_bytes()[::-1])
    os.utime(photos / name, ns=(was.st_atime_ns, was.st_mtime_ns))
    files = [(photos / "one/a.jpg", [photos / "kept.jpg"])]
    moved = move_into(photos.parent / "out", files, [photos], digests)
    assert moved.files == ()
    assert "has changed since it was indexed" in moved.problems[0].reason
    assert (photos / "one/a.jpg").exists()


def test_a_journal_that_a_run_was_killed_in_is_gone_on_with(photos: Path) -> None:
    move(photos, "one/a.jpg")
    journal = photos.parent / "out" / JOURNAL
    journal.write_text(journal.read_text() + '{"from": "/half a li')
    move(photos, "two/a.jpg")
    assert len(move_back(photos.parent / "out", [photos]).files) == 2
    assert (photos / "two/a.jpg").exists()


def test_a_file_that_only_has_the_journals_name_is_left(photos: Path) -> None:
    out = photos.parent / "out"
    out.mkdir()
    (out / JOURNAL).write_text("my own notes")
    with pytest.raises(LibraryError, match="not a journal of moves"):
        move(photos, "one/a.jpg")
    (out / JOURNAL).unlink()
    (photos.parent / "notes").write_text("")
    (out / JOURNAL).symlink_to(photos.parent / "notes")
    with pytest.raises(LibraryError, match="it is a link"):
        move(photos, "one/a.jpg")
    assert (photos.parent / "notes").read_text() == ""
    assert (photos / "one/a.jpg").exists()


# One file under two names


def test_a_hard_link_to_the_kept_one_is_not_moved(photos: Path) -> None:
    (photos / "one/link.jpg").hardlink_to(photos / "kept.jpg")
    before = state(photos)
    moved = move(photos, "one/link.jpg")
    assert (moved.files, moved.problems) == ((), ())
    assert "itself, under another name" in moved.held[0].reason
    assert state(photos) == before


@contextmanager
def mounted(folder: Path, place: Path) -> Iterator[None]:
    """A folder at a second place, which only root may do."""
    place.mkdir()
    if subprocess.run(["mount", "--bind", folder, place], capture_output=True).returncode:
        pytest.skip("folders cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_folder_that_is_mounted_twice_loses_nothing(photos: Path) -> None:
    with mounted(photos / "one", photos / "again"):
        moved = move(photos, "one/a.jpg", kept="again/a.jpg")
        assert moved.files == ()
        assert "itself, under another name" in moved.held[0].reason
        assert (photos / "one/a.jpg").read_text() == "photo one"
    assert not (photos.parent / "out").exists()


def test_what_takes_the_kept_one_with_it_is_put_back_at_once(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on drives where one file has two identities."""
    monkeypatch.setattr(moves, "same_file", lambda one, two: False)
    (photos / "one/a.xmp").write_text("of it")
    with mounted(photos / "one", photos / "again"):
        before = state(photos)
        moved = move(photos, "one/a.jpg", kept="again/a.jpg")
        assert moved.files == ()
        assert "went with it" in moved.held[0].reason
        assert state(photos) == before
    assert not (photos.parent / "out").exists()


def test_an_indexed_folder_is_known_under_another_name(photos: Path) -> None:
    with mounted(photos, photos.parent / "again"):
        files = [(photos / "one/a.jpg", [photos / "kept.jpg"])]
        with pytest.raises(LibraryError, match="lies in an indexed folder"):
            move_into(photos.parent / "again" / "out", files, [photos], {})


def test_one_in_a_recycle_bin_stands_for_nothing(photos: Path) -> None:
    (photos / "#recycle").mkdir()
    (photos / "#recycle" / "a.jpg").write_text("photo one")
    moved = move(photos, "one/a.jpg", kept="#recycle/a.jpg")
    assert "a folder that a system made for itself" in moved.held[0].reason
    assert (photos / "one/a.jpg").exists()


# What belongs to a photo


def test_what_says_something_of_a_photo_goes_and_comes_back_with_it(photos: Path) -> None:
    beside = ["a.xmp", "A.JPG.XMP", "a.jpg.json", "a.aae", "a.jpg.supplemental-metada.json"]
    for name in beside:
        (photos / "one" / name).write_text(f"of one: {name}")
    (photos / "one" / "ab.xmp").write_text("of another")
    before = state(photos)
    moved = move(photos, "one/a.jpg", "two/a.jpg")
    out = photos.parent / "out"
    assert sorted(old.name for old, _ in moved.beside) == sorted(beside)
    assert set(state(photos)) == {"kept.jpg", "one/ab.xmp"}
    assert (out / "a.jpg.json").read_text() == "of one: a.jpg.json"
    move_back(out, [photos])
    assert state(photos) == before


def test_what_belongs_to_a_photo_keeps_its_name(photos: Path) -> None:
    for folder in ("one", "two"):
        (photos / folder / "a.jpg.xmp").write_text(folder)
    (photos / "two" / "a.AAE").write_text("two")
    move(photos, "one/a.jpg", "two/a.jpg")
    found = sorted(path.name for path in (photos.parent / "out").iterdir())
    assert found == ["a (2).AAE", "a (2).jpg", "a (2).jpg.xmp", "a.jpg", "a.jpg.xmp", JOURNAL]


@pytest.mark.parametrize(
    "name", ["a.CR2", "A.mov", "a.dng", "a.jpg.mp4", "a.wav", "a", "a_HEVC.MOV"]
)
def test_a_work_of_its_own_holds_its_photo_back(photos: Path, name: str) -> None:
    (photos / "one" / name).write_text("the only one")
    (photos / "one" / "a.xmp").write_text("of it")
    before = state(photos)
    moved = move(photos, "one/a.jpg")
    assert (moved.files, moved.problems) == ((), ())
    assert f"{name} belongs to it, and no copy of that is kept" in moved.held[0].reason
    assert state(photos) == before


def test_a_film_goes_if_the_kept_one_has_the_same(photos: Path) -> None:
    (photos / "kept.MOV").write_text("film")
    (photos / "one" / "a.mov").write_text("film")
    (photos / "two" / "a.mov").write_text("flim")
    before = state(photos)
    moved = move(photos, "one/a.jpg", "two/a.jpg")
    assert [old for old, _ in moved.files] == [photos / "one/a.jpg"]
    assert [old for old, _ in moved.beside] == [photos / "one/a.mov"]
    assert [problem.file for problem in moved.held] == [str(photos / "two/a.jpg")]
    move_back(photos.parent / "out", [photos])
    assert state(photos) == before


def test_a_film_that_is_one_file_with_the_kept_ones_is_no_copy_of_it(photos: Path) -> None:
    (photos / "kept.mov").write_text("film")
    (photos / "one" / "a.mov").hardlink_to(photos / "kept.mov")
    assert "a.mov belongs to it" in move(photos, "one/a.jpg").held[0].reason


def test_what_belongs_to_the_kept_one_as_well_stays_with_it(photos: Path) -> None:
    (photos / "one" / "a.heic").write_text("larger")
    (photos / "one" / "a.mov").write_text("film")
    moved = move(photos, "one/a.jpg", kept="one/a.heic")
    assert [old.name for old, _ in moved.files] == ["a.jpg"]
    assert moved.beside == ()
    assert (photos / "one" / "a.mov").exists()


def test_what_may_belong_to_another_photo_holds_it_back(photos: Path) -> None:
    (photos / "one" / "a.png").write_text("another")
    (photos / "one" / "a.xmp").write_text("of which")
    moved = move(photos, "one/a.jpg")
    assert "a.xmp may belong to it or to a.png" in moved.held[0].reason


def test_a_photo_and_what_belongs_to_it_move_together_or_not_at_all(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (photos / "one" / "a.xmp").write_text("of it")
    before = state(photos)
    link = os.link

    def refuse(old: Path, new: Path, **how: bool) -> None:
        if old.suffix == ".xmp":
            raise OSError(errno.ENOSPC, "no room")
        link(old, new, **how)

    monkeypatch.setattr(os, "link", refuse)
    moved = move(photos, "one/a.jpg")
    assert "no room" in moved.problems[0].reason
    assert state(photos) == before
    assert not (photos.parent / "out").exists()


def test_a_folder_that_nothing_was_moved_to_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="nothing was moved here"):
        move_back(tmp_path, [])


@pytest.mark.parametrize(
    "line",
    ['{"from": "/x/a", "to": "../b"}', '{"from": "a", "to": "b"}', "[]", '{"from": 1, "to": 2}'],
)
def test_a_journal_that_was_tampered_with_moves_nothing(photos: Path, line: str) -> None:
    move(photos, "one/a.jpg")
    out = photos.parent / "out"
    (out / JOURNAL).write_text(line + "\n" + (out / JOURNAL).read_text())
    with pytest.raises(LibraryError, match="line 1 is damaged"):
        move_back(out, [photos])
    assert (out / "a.jpg").exists()


def test_nothing_is_moved_back_to_a_place_that_is_not_indexed(photos: Path) -> None:
    move(photos, "one/a.jpg")
    out = photos.parent / "out"
    line = json.dumps({"from": str(photos.parent / "elsewhere.jpg"), "to": "a.jpg"})
    (out / JOURNAL).write_text(line + "\n")
    assert "in no indexed folder" in move_back(out, [photos]).problems[0].reason
    assert (out / "a.jpg").exists()


def test_names_that_are_not_utf_8_are_moved_and_back(photos: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(photos) + b"/odd \xff.jpg"))
    odd.write_text("odd")
    move(photos, odd.name)
    assert not odd.exists()
    move_back(photos.parent / "out", [photos])
    assert odd.read_text() == "odd"
