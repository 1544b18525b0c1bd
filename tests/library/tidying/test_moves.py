"""Moving is undoable and overwrites nothing, whatever happens in between."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from ansa.library import LibraryError
from ansa.library.tidying.moves import JOURNAL, Moved, move_back, move_into
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


def move(photos: Path, *names: str) -> Moved:
    files = ((photos / name, photos / "kept.jpg") for name in names)
    return move_into(photos.parent / "out", files, [photos])


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


def test_a_photo_whose_kept_one_is_gone_stays(photos: Path) -> None:
    (photos / "kept.jpg").unlink()
    moved = move(photos, "one/a.jpg")
    assert moved.files == ()
    assert "to be kept, is gone" in moved.problems[0].reason
    assert (photos / "one/a.jpg").exists()


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
    assert [path.name for path in (photos.parent / "out").iterdir()] == [JOURNAL]


def test_a_run_that_ended_before_its_move_is_undone_too(photos: Path) -> None:
    move(photos, "one/a.jpg")
    journal = photos.parent / "out" / JOURNAL
    noted = json.dumps({"from": str(photos / "two/a.jpg"), "to": "a (2).jpg"})
    journal.write_text(journal.read_text() + noted + '\n{"from": "/half a li')
    assert len(move_back(photos.parent / "out", [photos]).files) == 1
    assert (photos / "two/a.jpg").exists()


def test_a_folder_in_an_indexed_one_is_refused(photos: Path) -> None:
    with pytest.raises(LibraryError, match=r"lies in an indexed folder.*name one outside"):
        move_into(photos / "out", [(photos / "one/a.jpg", photos / "kept.jpg")], [photos])
    assert (photos / "one/a.jpg").exists()


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
