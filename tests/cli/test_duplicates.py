"""``ansa duplicates``: groups with reasons, a page, and moves that can be undone."""

import json
import shutil
from pathlib import Path

from tests.cli.conftest import Run
from tests.cli.test_promises import snapshot


def test_a_group_says_what_to_keep_and_why(run: Run, photos: Path) -> None:
    shutil.copy(photos / "red.png", photos / "red (1).png")
    run("index", str(photos))
    done = run("duplicates")
    assert done.returncode == 0
    lines = done.stdout.decode().splitlines()
    assert lines[0] == f"keep  {photos / 'red.png'}"
    assert lines[1] == f"      {photos / 'red (1).png'}"
    assert lines[2] == "        exact copy; the same bytes"
    assert "this bundle gives no prints" in lines[3]
    assert lines[4] == "6 photos compared: 1 exact, 0 edited, 0 burst"


def test_json_and_the_page_tell_the_same(run: Run, photos: Path, tmp_path: Path) -> None:
    shutil.copy(photos / "red.png", photos / "red-copy.png")
    run("index", str(photos))
    done = run("duplicates", "--json", "--only", "exact", "--report", str(tmp_path / "page.html"))
    (group,) = json.loads(done.stdout)["groups"]
    assert group["keep"] == str(photos / "red.png")
    assert group["others"][0]["path"] == str(photos / "red-copy.png")
    page = (tmp_path / "page.html").read_text()
    assert "Keep red.png" in page
    assert "red-copy.png: exact copy; the same bytes" in page
    assert page.count("<img") == 2


def test_a_page_never_replaces_something_else(run: Run, photos: Path, tmp_path: Path) -> None:
    mine = "<!doctype html>\n<title>my own</title>"
    (tmp_path / "mine.html").write_text(mine)
    done = run("duplicates", "--report", str(tmp_path / "mine.html"))
    assert done.returncode == 2
    assert b"it is there already, and not as ANSA made it" in done.stderr
    assert (tmp_path / "mine.html").read_text() == mine
    assert run("duplicates", "--report", str(photos / "red.png")).returncode == 2


def test_what_was_moved_is_moved_back(run: Run, photos: Path, tmp_path: Path) -> None:
    shutil.copy(photos / "red.png", photos / "deeper" / "red-copy.png")
    run("index", str(photos))
    before = {name: content for name, (*_, content) in snapshot(photos).items()}
    done = run("duplicates", "--move-to", str(tmp_path / "copies"))
    assert done.returncode == 0
    assert b"1 photo moved, 0 failed" in done.stdout
    assert not (photos / "deeper" / "red-copy.png").exists()
    assert b"0 exact" in run("duplicates").stdout
    undone = run("duplicates", "--undo", str(tmp_path / "copies"), "--json")
    assert undone.returncode == 0
    assert json.loads(undone.stdout)["moved"][0]["to"] == str(photos / "deeper" / "red-copy.png")
    assert {name: content for name, (*_, content) in snapshot(photos).items()} == before


def test_a_folder_among_the_photos_is_refused(run: Run, photos: Path) -> None:
    shutil.copy(photos / "red.png", photos / "red-copy.png")
    run("index", str(photos))
    done = run("duplicates", "--move-to", str(photos / "copies"))
    assert done.returncode == 1
    assert b"lies in an indexed folder" in done.stderr
    assert (photos / "red-copy.png").exists()


def test_nothing_indexed_is_no_error(run: Run, photos: Path) -> None:
    assert b"0 photos compared" in run("duplicates").stdout
    assert b"run `ansa index`" in run("duplicates", "--folder", str(photos)).stdout
