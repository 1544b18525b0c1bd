"""``ansa search``: photos in one's own words."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def indexed(run: Run, photos: Path) -> Run:
    run("index", str(photos))
    return run


def names(document: dict[str, Any]) -> list[str]:
    return [Path(match["path"]).stem for match in document["matches"]]


@pytest.mark.parametrize("colour", ["red", "blue", "yellow"])
def test_the_photo_one_asks_for_comes_first(indexed: Run, colour: str) -> None:
    done = indexed("search", f"a photo of the {colour}", "--json")
    assert done.returncode == 0
    assert done.stderr == b""
    assert names(json.loads(done.stdout))[0] == colour


def test_lines_for_people_carry_score_and_path(indexed: Run, photos: Path) -> None:
    lines = indexed("search", "red", "--limit", "2").stdout.decode().splitlines()
    scores = [line for line in lines if ".png" in line]
    assert len(scores) == 2
    assert scores[0].split("  ")[1].strip() == str(photos / "red.png")
    assert scores[0].endswith('"red" in the name of the file "red.png"')  # the reason
    assert 1 >= float(scores[0].split()[0]) >= float(scores[1].split()[0]) >= 0
    assert "photo" in lines[-1]


def test_like_finds_photos_that_look_like_one(indexed: Run, photos: Path) -> None:
    done = indexed("search", "--like", str(photos / "red.png"), "--limit", "1", "--json")
    assert names(json.loads(done.stdout)) == ["yellow"]


def test_words_need_no_quotation_marks(indexed: Run) -> None:
    done = indexed("search", "a", "photo", "of", "the", "red", "-yellow", "--json")
    found = names(json.loads(done.stdout))
    assert found[0] == "red"
    assert "yellow" not in found
    assert indexed("search", "-h").returncode == 0


def test_names_are_told_from_where_one_stands(
    indexed: Run, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(photos)
    lines = indexed("search", "red", "--limit", "1").stdout.decode().splitlines()
    assert lines[0].split("  ")[1].strip() == "red.png" or lines[1].split("  ")[1] == "red.png"


def test_a_page_shows_the_photos(indexed: Run, tmp_path: Path) -> None:
    page = tmp_path / "found.html"
    assert indexed("search", "red", "--report", str(page)).returncode == 0
    assert "red.png" in page.read_text()
    assert page.read_text().count("<img") == 6


def test_every_photo_has_a_grade_and_a_chance(indexed: Run) -> None:
    document = json.loads(indexed("search", "red", "--json").stdout)
    assert document["grade"] in ("matches", "perhaps", "not here")
    scores = [match["score"] for match in document["matches"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_not_leaves_out(indexed: Run) -> None:
    done = indexed("search", "red", "--not", "yellow", "--json")
    found = names(json.loads(done.stdout))
    assert found[0] == "red"
    assert "yellow" not in found


def test_dates_leave_out_what_has_none(indexed: Run) -> None:
    done = indexed("search", "red", "--after", "2001", "--json")
    assert done.returncode == 0
    assert names(json.loads(done.stdout)) == []


def test_only_a_folder(indexed: Run, photos: Path) -> None:
    indexed("index", str(photos / "deeper"))
    done = indexed("search", "red", "--folder", str(photos / "deeper"), "--json")
    assert names(json.loads(done.stdout)) == ["blue"]


def test_an_empty_library_says_what_to_do(run: Run) -> None:
    done = run("search", "red")
    assert done.returncode == 0
    assert b"ansa index" in done.stdout
    assert done.stdout.endswith(b"0 photos found\n")


def test_a_photo_to_be_like_that_is_not_there_is_named(indexed: Run) -> None:
    done = indexed("search", "--like", "nowhere.jpg")
    assert done.returncode == 1
    assert b"nowhere.jpg" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_damaged_library_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.sqlite").write_bytes(b"my notes " * 1000)
    done = run("search", "red", "--library", str(tmp_path / "notes.sqlite"), "--json")
    assert done.returncode == 1
    assert "notes.sqlite" in json.loads(done.stdout)["error"]


def test_explain_says_what_was_understood_and_why(indexed: Run) -> None:
    lines = indexed("search", "red -blue", "--explain", "--limit", "1").stdout.decode().splitlines()
    assert 'text "red": by meaning' in lines
    assert 'not text "blue": by meaning' in lines
    assert '"red" 1.0' in next(line for line in lines if line.startswith("       "))
    document = json.loads(indexed("search", "red -blue", "--json").stdout)
    wanted = {(step["kind"], step["said"]): step["wanted"] for step in document["steps"]}
    assert wanted["text", "red"]
    assert not wanted["text", "blue"]
    assert {"name", "text"} == {r["kind"] for r in document["matches"][0]["reasons"]}


def test_facts_alone_are_listed_without_a_score(indexed: Run) -> None:
    done = indexed("search", "since 1999", "--explain")
    assert done.returncode == 0
    assert done.stdout.startswith(b'date "since 1999": since 1 January 1999, 0 photos')


@pytest.mark.parametrize("query", ["red^99", "-a " * 20])
def test_a_query_that_makes_no_sense_is_a_usage_error(indexed: Run, query: str) -> None:
    done = indexed("search", "--", query)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_photos_that_are_not_there_now_are_told(run: Run, photos: Path) -> None:
    run("index", str(photos))
    photos.rename(photos.with_name("away"))
    assert b"6 photos of these not there now: on a drive" in run("search", "red").stdout
