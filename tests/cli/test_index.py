"""``ansa index``: what is new or changed is taken in, and everything seen is counted."""

import json
import os
import shutil
import socket
from pathlib import Path

from tests.cli.conftest import Run, paint


def test_every_file_is_counted_and_what_failed_is_named(run: Run, photos: Path) -> None:
    done = run("index", str(photos))
    assert done.returncode == 0  # one photo among others stops no script
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
    done = run("index", str(photos), "--json", "--strict")
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
    document = json.loads(done.stdout)
    assert f"{photos}: no such folder" in document["error"]
    (problem,) = document["problems"]
    assert (problem["file"], problem["reason"]) == (str(photos), "no such folder")
    assert "connect it" in problem["remedy"]
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
    assert sum(b"/odd/" in line for line in shown.stdout.splitlines()) == 4
    found = json.loads(run("search", "blue", "--json").stdout)["matches"]
    assert {os.fsencode(Path(match["path"]).name) for match in found} == names


def test_a_moved_photo_is_not_analyzed_again(run: Run, photos: Path) -> None:
    run("index", str(photos))
    shutil.move(photos / "red.png", photos / "deeper" / "crimson.png")
    assert b"1 moved, 5 unchanged, 1 failed" in run("index", str(photos)).stdout


def test_nothing_but_damaged_photos_fails(run: Run, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "damaged").mkdir()
    (photos / "broken.jpg").rename(tmp_path / "damaged" / "broken.jpg")
    assert run("index", str(tmp_path / "damaged")).returncode == 1
    assert run("index", str(photos), "--strict").returncode == 0


def test_a_drive_that_is_not_connected_is_named(run: Run, photos: Path) -> None:
    run("index", str(photos))
    (photos / "deeper").rename(photos.with_name("drive"))
    (photos / "deeper").mkdir()
    done = run("index", str(photos))
    assert done.returncode == 0
    assert b"1 in folders that are perhaps not connected" in done.stdout
    assert b"no longer there" not in done.stdout
    assert b"deeper: empty, though it held a photo; perhaps a drive" in done.stderr
    assert run("index", str(photos), "--strict").returncode == 1


def test_pipes_sockets_and_long_names_do_no_harm(run: Run, photos: Path) -> None:
    os.mkfifo(photos / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(photos / "socket.png"))
        long = "x" * 251 + ".png"
        (photos / "red.png").rename(photos / long)
        done = run("index", str(photos), "--json")
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert (report["new"], report["skipped"], report["failed"]) == (6, 2, 1)
    walls = run("wallpapers", "--screen", "48x32", "--out", str(photos.with_name("out")), "--json")
    assert (walls.returncode, len(json.loads(walls.stdout)["written"])) == (0, 6)
