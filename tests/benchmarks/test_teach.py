"""The benchmark of taught tags finds classes that are easy, and teaches none of too few photos."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmarks.teach import main
from tests.bundles import write_bundle
from tests.cli.conftest import paint


def test_colours_are_taught_and_reported(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    folder = tmp_path / "pictures"
    for name, colour in {"red": (1, 0, 0), "green": (0, 1, 0), "other": (0, 0, 1)}.items():
        (folder / name).mkdir(parents=True)
        for number in range(24):
            shade = np.clip(np.array(colour) * 0.8 + rng.uniform(0, 0.3, 3), 0, 1)
            paint(folder / name / f"{number}.png", tuple(shade))
    (folder / "few").mkdir()
    paint(folder / "few" / "1.png", (1, 1, 1))
    (folder / "few" / "2.png").write_bytes(b"no photo")
    bundle = write_bundle(tmp_path / "bundle")
    arguments = [
        "--bundle",
        str(bundle),
        "--draws",
        "2",
        "--out",
        str(tmp_path),
        "--about",
        "paint",
    ]
    assert main([str(folder), *arguments]) == 0
    report = json.loads((tmp_path / "teach.json").read_text())
    figures = {figure["name"]: figure["value"] for figure in report["figures"]}
    assert figures["never taught: classes"] == 2
    assert figures["red: average precision"] > 0.9
    assert "FOLDER: paint" in report["notes"]
    assert str(tmp_path) not in (tmp_path / "teach.md").read_text()
