"""Whatever a command could not do, its ``--json`` tells in one form: which file, why, and what
helps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

COMMANDS = {
    "index": ["index", "PHOTOS"],
    "index of nothing": ["index", "nowhere"],
    "analyze": ["analyze", "PHOTOS/broken.jpg", "PHOTOS/red.png", "nowhere.jpg"],
    "search": ["search", "--like", "nowhere.jpg"],
    "crop": ["crop", "PHOTOS/broken.jpg", "--aspect", "1:1", "--out", "crop.jpg"],
    "mark": ["mark", "favourite", "nowhere.jpg", "PHOTOS/red.png"],
    "teach": ["teach", "colour", "--yes", "nowhere.jpg", "PHOTOS/red.png"],
    "duplicates": ["duplicates", "--undo", "PHOTOS"],
    "memories": ["memories", "no-such-memory", "--movie", "film.mp4"],
    "catalog": ["catalog", "nowhere/catalog.json"],
    "a library that is none": ["clutter", "--library", "PHOTOS/broken.jpg"],
}


def problems_in(document: Any) -> Iterator[Any]:
    """All problems of a document, those of its parts too."""
    if isinstance(document, dict):
        yield from document.get("problems", ())
        document = list(document.values())
    for part in document if isinstance(document, list) else ():
        yield from problems_in(part)


@pytest.mark.parametrize("command", COMMANDS)
def test_problems_have_one_form(
    command: str,
    run: Run,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    if command != "index":
        run("index", str(photos))
    words = [word.replace("PHOTOS", str(photos)) for word in COMMANDS[command]]
    done = run(*words, "--json")
    document = json.loads(done.stdout)
    problems = list(problems_in(document))
    assert problems, document
    for problem in problems:
        assert problem.keys() - {"kind"} == {"file", "reason", "remedy"}
        assert "kind" not in problem or command.startswith("index")  # which counter it is in
        assert problem["reason"]
