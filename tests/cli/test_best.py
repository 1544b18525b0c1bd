"""``ansa best``: the photos worth showing, each with its reasons."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def indexed(run: Run, photos: Path) -> Run:
    run("index", str(photos))
    return run


def test_photos_are_told_with_reasons_a_cover_and_counts(indexed: Run, photos: Path) -> None:
    done = indexed("best", "--count", "2")
    assert done.returncode == 0
    lines = done.stdout.decode().splitlines()
    told = [line for line in lines if line.startswith("0.")]
    assert len(told) == 2
    assert all(str(photos) in line for line in told)
    assert lines[-3].startswith(f"cover: {photos}")
    assert lines[-1] == "2 photos of 6 chosen"


def test_json_and_a_page_hold_the_same_photos(indexed: Run, photos: Path, tmp_path: Path) -> None:
    page = tmp_path / "best.html"
    done = indexed("best", "--album", str(photos / "deeper"), "--json", "--report", str(page))
    document = json.loads(done.stdout)
    assert [each["path"] for each in document["photos"]] == [str(photos / "deeper" / "blue.png")]
    assert document["photos"][0]["reasons"]
    assert document["among"] == 1
    assert page.read_text().count("<figure>") == 1


def test_a_page_takes_the_place_of_no_other_file(indexed: Run, photos: Path) -> None:
    kept = (photos / "blue.html").write_text("mine")
    done = indexed("best", "--report", str(photos / "blue.html"))
    assert done.returncode == 2
    assert b"name another file" in done.stderr
    assert (photos / "blue.html").stat().st_size == kept
    assert indexed("best", "--report", "sheet.png").returncode == 2


def test_before_anything_is_indexed_it_says_what_helps(run: Run) -> None:
    done = run("best")
    assert done.returncode == 0
    assert b"run `ansa index` on the folder first\n0 photos of 0 chosen\n" in done.stdout


def test_a_count_below_one_is_refused(run: Run) -> None:
    assert run("best", "--count", "0").returncode == 2


def test_a_folder_below_an_indexed_one_is_chosen_from(indexed: Run, photos: Path) -> None:
    for option in ("--folder", "--album"):  # --album is how it was called before
        done = indexed("best", option, f"{photos}/deeper/", "--json")
        assert json.loads(done.stdout)["among"] == 1
    assert indexed("best", "--folder", "").returncode == 2
