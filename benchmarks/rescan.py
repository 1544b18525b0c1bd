"""How long does `ansa index` take over a folder in which nothing has changed?

    python -m benchmarks.rescan

Many small photos, a hundred to a folder, are indexed once; then `ansa index` runs again, and again,
each time as a whole process from its start to its end.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from ansa_train.benchmark.machine import timed
from ansa_train.benchmark.question_report import QuestionReport, parse

_SECONDS = 2.0
_SIDE = 32


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, files=10_000, repeats=7)
    report = QuestionReport("rescan", __doc__, options)
    with tempfile.TemporaryDirectory() as base:
        folder, library = Path(base) / "photos", Path(base) / "library.sqlite"
        _write_photos(folder, options.files)
        command = [sys.executable, "-m", "ansa", "index", str(folder), "--json"]
        command += ["--library", str(library)]
        command += ["--bundle", options.bundle] if options.bundle else []
        first = timed(partial(_index, command, "new", options.files))
        again = [
            timed(partial(_index, command, "unchanged", options.files))
            for _ in range(options.repeats)
        ]
        report.add("the first run, all of them new", first, "s")
        report.add("a run again, median", float(np.median(again)), "s", at_most=_SECONDS)
        report.add("a run again, slowest", max(again), "s", at_most=_SECONDS)
        report.add("of that, before the walk begins", _start_up(options.repeats), "s")
        report.add("the library's file", library.stat().st_size / 1e6, "MB")
    report.note("The folder's entries come from the system's cache, as it was just written.")
    return report.write()


def _write_photos(folder: Path, count: int) -> None:
    rng = np.random.default_rng(0)
    for number in range(count):
        path = folder / f"{number // 100:04}" / f"{number:06}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (_SIDE, _SIDE, 3), np.uint8)).save(path)


def _index(command: list[str], counter: str, files: int) -> None:
    """Runs the command; every file must be in the one counter of its report."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    counts = json.loads(done.stdout)
    assert counts["found"] == counts[counter] == files, counts


def _start_up(repeats: int) -> float:
    """Seconds that a command takes which does nothing but import what `ansa index` imports."""
    command = [
        sys.executable,
        "-c",
        "import ansa.cli.index, ansa.model.analyzer, ansa.library, tqdm",
    ]
    return float(
        np.median([timed(partial(subprocess.run, command, check=True)) for _ in range(repeats)])
    )


if __name__ == "__main__":
    sys.exit(main())
