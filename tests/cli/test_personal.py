"""``ansa personal``: what was learned, on and off."""

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_it_says_what_it_needs_and_is_switched(run: Run, photos: Path) -> None:
    run("index", str(photos))
    run("mark", "favourite", str(photos / "red.png"))
    done = run("personal")
    assert done.returncode == 0, done.stderr
    assert b"mark at least 5 photos" in done.stdout
    assert b"1 favourite, 0 hidden: not used" in done.stdout
    assert json.loads(run("personal", "--off", "--json").stdout)["on"] is False
    assert json.loads(run("personal", "--on", "--json").stdout)["on"] is True
    assert b"switched off" in run("personal", "--delete").stdout
    assert run("personal", "--on", "--off").returncode == 2
