"""``ansa index``: what is new or changed is taken in, and everything seen is counted."""

import json
import os
import shutil
from pathlib import Path

from tests.cli.conftest import Run, paint


def test_every_file_is_counted_and_what_failed_is_named(run: Run, photos: Path) -> None:
    done = run("index", str(photos))
    assert done.returncode == 1
    assert b"7 photos found: 6 new, 1 failed" in done.stdout
    assert b"broken.jpg" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_second_run_leaves_everything_as_it_is(run: Run, photos: Path) -> None:
    (photos / "broken.jpg").unlink()
    assert run("index", str(photos)).returncode == 0
    again = run("index", str(photos))
    assert again.returncode == 0
    first, second = again.stdout.splitlines()
    assert first == b"6 photos found: 6 unchanged"
    assert second == b"of them 6 without a time, 6 without a place"


def test_json_is_one_document(run: Run, photos: Path) -> None:
    done = run("index", str(photos), "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["new"] == 6
    assert report["failed"] == 1
    (problem,) = report["problems"]
    assert problem["file"].endswith("broken.jpg")
    assert problem["reason"]
    assert problem["remedy"]


def test_the_library_is_in_the_users_data_directory_or_where_it_is_told(
    run: Run, photos: Path, tmp_path: Path
) -> None:
    run("index", str(photos))
    assert (tmp_path / "data/ansa/library.sqlite").is_file()
    run("index", str(photos), "--library", str(tmp_path / "elsewhere.sqlite"))
    assert (tmp_path / "elsewhere.sqlite").is_file()


def test_a_folder_that_is_not_there_is_named(run: Run, photos: Path) -> None:
    run("index", str(photos))
    photos.rename(photos.with_name("unmounted"))
    done = run("index", str(photos), "--json")
    assert done.returncode == 1
    assert f"{photos}: no such folder" in json.loads(done.stdout)["error"]
    assert b"Traceback" not in done.stderr


def test_odd_names_are_found_again(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    names = {b"new\nline.png", b"not utf-8 \xff.png", b"\x1b[31m.png", "grün ✓.png".encode()}
    for number, name in enumerate(sorted(names)):
        paint(folder / os.fsdecode(name), (number % 2, number // 2, 1))
    assert b"4 new" in run("index", str(folder)).stdout
    shown = run("search", "blue")
    assert b"\x1b" not in shown.stdout
    assert len(shown.stdout.splitlines()) == 5
    found = json.loads(run("search", "blue", "--json").stdout)["matches"]
    assert {os.fsencode(Path(match["path"]).name) for match in found} == names


def test_a_moved_photo_is_not_analyzed_again(run: Run, photos: Path) -> None:
    run("index", str(photos))
    shutil.move(photos / "red.png", photos / "deeper" / "crimson.png")
    assert b"1 moved, 5 unchanged, 1 failed" in run("index", str(photos)).stdout
