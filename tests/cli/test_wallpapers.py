"""``ansa crop`` and ``ansa wallpapers``: new files and pages, and photos as they were."""

import json
from pathlib import Path

from ansa.photo.read import read_photo
from tests.cli.conftest import Run


def test_a_crop_has_the_shape_and_the_photo_stays(run: Run, photos: Path, tmp_path: Path) -> None:
    photo, out = photos / "red.png", tmp_path / "square.jpg"
    before = photo.read_bytes()
    done = run("crop", str(photo), "--aspect", "1:1", "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["width"], document["height"], document["around"]) == (40, 40, "centre")
    assert read_photo(out)[0].shape == (40, 40, 3)
    assert photo.read_bytes() == before


def test_a_crop_overwrites_nothing(run: Run, photos: Path) -> None:
    photo = photos / "red.png"
    before = photo.read_bytes()
    done = run("crop", str(photo), "--aspect", "1:1", "--out", str(photo))
    assert done.returncode == 1
    assert b"is there already; name another file" in done.stderr
    assert photo.read_bytes() == before


def test_a_damaged_photo_is_named(run: Run, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jpg"
    done = run("crop", str(photos / "broken.jpg"), "--aspect", "4:5", "--out", str(out))
    assert done.returncode == 1
    assert b"broken.jpg" in done.stderr
    assert not out.exists()


def test_wrong_shapes_and_screens_are_usage_errors(run: Run, photos: Path) -> None:
    photo = str(photos / "red.png")
    for aspect in ("0:1", "1:0", "wide", "1:1:1", "1e9"):
        assert run("crop", photo, "--aspect", aspect, "--out", "o.jpg").returncode == 2
    assert run("crop", photo, "--aspect", "1:1", "--out", "o.gif").returncode == 2
    assert run("wallpapers", "--screen", "big").returncode == 2
    assert run("wallpapers", "--screen", "5x5").returncode == 2


def test_wallpapers_are_written_for_the_screen_with_a_page(
    run: Run, photos: Path, tmp_path: Path
) -> None:
    run("index", str(photos))
    out, page = tmp_path / "walls", tmp_path / "walls.html"
    args = ["wallpapers", "--screen", "48x32", "--clock", "top", "--count", "2", "--json"]
    done = run(*args, "--out", str(out), "--report", str(page))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    files = sorted(out.iterdir())
    assert document["written"] == [str(file) for file in files]
    assert len(files) == len(document["wallpapers"]) == 2
    assert {read_photo(file)[0].shape for file in files} == {(32, 48, 3)}
    assert page.read_text().count("<figure>") == 2
    again = run(*args, "--out", str(out))  # nothing is overwritten
    assert again.returncode == 1
    assert again.stderr.count(b"is there already") == 2


def test_a_wallpaper_of_a_long_name_gets_a_shorter_one(
    run: Run, photos: Path, tmp_path: Path
) -> None:
    for file in photos.iterdir():
        file.rename(photos / ("x" * (250 - len(file.name)) + file.name))
    run("index", str(photos))
    out = tmp_path / "walls"
    done = run("wallpapers", "--screen", "48x32", "--count", "2", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert len([*out.iterdir()]) == 2


def test_where_no_wallpaper_is_chosen_no_folder_is_made(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "walls"
    done = run("wallpapers", "--screen", "48x32", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert b"0 wallpapers of 0 photos" in done.stdout
    assert not out.exists()
