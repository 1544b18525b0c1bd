"""The benchmark of the experiences makes its library once, and holds each against what it must
reach. Numbers are not looked at: so few drawn photos say little."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.world import main


def test_it_measures_all_and_writes_its_report(tmp_path: Path) -> None:
    made = ("--photos", "40", "--seed", "0", "--pages", "6", "--skies", "6")
    status = main([str(tmp_path / "world"), *made, "--out", str(tmp_path)])
    report = json.loads((tmp_path / "experiences.json").read_text())
    verdicts = {figure["name"]: figure["passed"] for figure in report["figures"]}
    for about in ("duplicates", "clutter", "moments", "trips", "best", "memories", "search"):
        assert any(name.startswith(about) for name, seen in verdicts.items() if seen is not None)
    assert status == int(False in verdicts.values())
    assert report["command"] == f"python -m benchmarks.world FOLDER {' '.join(made)}"
    assert str(tmp_path) not in (tmp_path / "experiences.md").read_text()


def test_another_world_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text(
        json.dumps(
            {"seed": 0, "home": "", "country": "", "birthdays": [], "trips": {}, "files": []}
        )
    )
    with pytest.raises(SystemExit, match="name another folder"):
        main([str(tmp_path), "--photos", "40", "--out", str(tmp_path)])
