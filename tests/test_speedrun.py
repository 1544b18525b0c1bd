from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ansa import Analyzer

SCRIPT = Path(__file__).parents[1] / "recipes" / "speedrun.sh"


def test_from_captions_to_an_evaluated_bundle(tmp_path: Path) -> None:
    small = {"PYTHON": sys.executable, "COUNT": "160", "STEPS": "12", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        ["sh", SCRIPT, tmp_path / "run"], env=os.environ | small, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert Analyzer(tmp_path / "run" / "bundle").embed_text(["a red circle"]).shape == (1, 64)
    report = json.loads((tmp_path / "run" / "results.json").read_text())
    assert "text to image R@5" in json.dumps(report)
