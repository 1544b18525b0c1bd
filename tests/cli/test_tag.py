"""``ansa tag``, ``ansa mark KIND`` and ``ansa undo``: corrections as a person makes them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_tags_are_corrected_listed_cleared_and_undone(run: Run, photos: Path) -> None:
    run("index", str(photos))
    red = str(photos / "red.png")
    done = run("tag", red, "--is", "Anna's car", "--not", "dog")
    assert done.returncode == 0, done.stderr
    assert b"is Anna's car; is not dog" in done.stdout
    assert b"1 photo" in done.stdout
    document = json.loads(run("tag", "--json").stdout)
    assert document["photos"] == [{"path": red, "kind": None, "is": ["Anna's car"], "not": ["dog"]}]
    assert run("search", "anna's car").stdout.decode().splitlines()[0].count("red.png")
    assert b"as ANSA sees it" in run("tag", red, "--clear", "dog", "--clear", "Anna's car").stdout
    assert b"undone: 1 photo: dog forgotten, Anna's car forgotten; 1 photo" in run("undo").stdout
    assert json.loads(run("undo", "--json").stdout)["photos"] == [red]
    assert json.loads(run("tag", "--json").stdout)["photos"] == []
    assert b"nothing to undo" in run("undo").stdout


def test_what_a_search_finds_is_corrected_at_once(run: Run, photos: Path) -> None:
    run("index", str(photos))
    done = run("tag", "--search", "red", "--limit", "2", "--is", "sunset", "--json")
    assert len(json.loads(done.stdout)["photos"]) == 2
    done = run("mark", "document", "--search", "red", "--limit", "1")
    assert b"red.png" in done.stdout
    assert b"1 photo of the kind document" in done.stdout


def test_kinds_are_said_listed_and_taken_away(run: Run, photos: Path) -> None:
    run("index", str(photos))
    red = str(photos / "red.png")
    assert b"1 photo of the kind photo" in run("mark", "photo", red).stdout
    assert json.loads(run("mark", "photo", "--json").stdout)["photos"] == [red]
    run("mark", "none", red)
    assert json.loads(run("mark", "photo", "--json").stdout)["photos"] == []


def test_wrong_usage_is_said(run: Run, photos: Path) -> None:
    run("index", str(photos))
    red = str(photos / "red.png")
    assert run("tag", "--is", "cat").returncode == 2
    done = run("tag", red, "--is", "cat", "--not", "cat")
    assert done.returncode == 2
    assert b"cannot show 'cat' and not show 'cat'" in done.stderr
    assert run("tag", red, "--is", "").returncode == 2
    assert run("mark", "holiday", red).returncode == 2
    assert run("tag", "--search", "", "--is", "cat").returncode == 2
    done = run("tag", str(photos / "new.png"), "--is", "cat")
    assert done.returncode == 1
    assert b"new.png: it does not exist; check its name" in done.stderr
