"""``ansa teach`` and ``ansa mark``: what people tell the library, and what it says of it."""

import json
from pathlib import Path

from tests.cli.conftest import Run, paint


def shades(folder: Path) -> None:
    """Photos that are nearly red, and nearly green."""
    for number in range(6):
        paint(folder / f"red{number}.png", (0.9, 0.08 * number, 0.2 * number))
        paint(folder / f"green{number}.png", (0.08 * number, 0.9, 0.2 * number))


def test_a_tag_is_taught_listed_and_forgotten(run: Run, photos: Path) -> None:
    shades(photos)
    run("index", str(photos))
    yes = [str(photos / f"red{number}.png") for number in (0, 2, 4, 5)]
    no = [str(photos / f"green{number}.png") for number in (0, 2, 4, 5)]
    done = run("teach", "my car", "--yes", *yes, "--no", *no, "--suggest", "2")
    out = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert "my car: 4 yes, 4 no; accuracy " in out
    assert "cross-validated in " in out
    assert out.count("next ") == 2
    assert "8 examples, " in out
    document = json.loads(run("teach", "--json").stdout)
    assert [(each["name"], each["shown"]) for each in document["taught"]] == [("my car", 4)]
    assert (
        "my car is forgotten; 1 tag deleted" in run("teach", "my car", "--forget").stdout.decode()
    )
    assert json.loads(run("teach", "--json").stdout) == {"taught": []}


def test_a_photo_that_is_not_indexed_is_named_and_fails(run: Run, photos: Path) -> None:
    run("index", str(photos))
    done = run("teach", "x", "--yes", str(photos / "red.png"), str(photos / "new.png"), "--json")
    assert done.returncode == 1
    assert b"new.png: it does not exist; check its name" in done.stderr
    document = json.loads(done.stdout)
    assert document["shown"] == 1
    assert [each["file"] for each in document["problems"]] == [str(photos / "new.png")]
    assert [each["path"] for each in document["failed"]] == [str(photos / "new.png")]  # as before


def test_wrong_usage_is_said(run: Run) -> None:
    assert run("teach", "--yes", "a.jpg").returncode == 2
    assert run("teach", "x" * 101).returncode == 2
    assert run("teach", " ").returncode == 2
    assert run("teach", "x", "--forget", "--no", "a.jpg").returncode == 2
    assert run("mark", "none").returncode == 2


def test_marks_are_set_listed_and_taken_away(run: Run, photos: Path) -> None:
    run("index", str(photos))
    red = str(photos / "red.png")
    assert b"1 photo hidden" in run("mark", "hidden", red).stdout
    done = run("mark", "hidden", "--json")
    told = {"mark": "hidden", "photos": [red], "problems": [], "failed": []}
    assert json.loads(done.stdout) == told
    assert b"3 photos favourite" not in run("mark", "favourite", str(photos / "deeper")).stdout
    assert b"1 photo without a mark" in run("mark", "none", red).stdout
    assert b"0 photos hidden" in run("mark", "hidden").stdout
    assert run("mark", "hidden", str(photos / "unknown.png")).returncode == 1
