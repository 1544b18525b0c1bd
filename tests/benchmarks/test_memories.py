"""The benchmark of memories runs the command in a library of few photos. Numbers are not looked at:
they are only worth something on a quiet machine."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.memories import main


def test_it_times_the_command_the_first_time_and_again(tmp_path: Path) -> None:
    status = main(["--photos", "40", "--out", str(tmp_path)])
    report = json.loads((tmp_path / "memories.json").read_text())
    verdicts = {figure["name"]: figure["passed"] for figure in report["figures"]}
    for when in ("the first time", "after a photo was added", "after nothing changed"):
        assert verdicts[when] is not None
        assert f"{when}, processor time" in verdicts
    assert status == int(False in verdicts.values())
