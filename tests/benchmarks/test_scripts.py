"""Every benchmark runs, on tiny sizes and a tiny bundle, and writes a report. Numbers are not
looked at: they are only worth something on a quiet machine."""

import importlib
import json
import platform
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import QUESTIONS
from tests.bundles import write_bundle

SIZES = {
    "latency": "--rounds 1",
    "heads": "--rounds 1 --repeats 1",
    "search": "--photos 300 --queries 3",
    "vector_scan": "--photos 300",
    "duplicates": "--photos 60",
    "rescan": "--files 5 --repeats 1",
    "indexing": "--photos 3 --sample 1 --repeats 1",
    "memory": "--photos 8 --width 400 --height 300",
    "throughput": "--photos 4 --batch 1 --batches 2 --repeats 1",
    "app": "--photos 50 --queries 2 --pictures 1",
    "everyday": "--files 60 --films 1 --seconds 2",
    "watching": "--photos 20 --idle 1 --pause 0",
}
FIGURES = {
    "latency": "embedding alone / MobileNetV3-Large, float32 weights",
    "heads": "all heads / embedding alone",
    "search": "a search typed again, 95th percentile",
    "vector_scan": "NumPy, 8 bits in blocks (ships)",
    "duplicates": "all alike: seconds",
    "rescan": "a run again, slowest",
    "indexing": "Library.index / ideal",
    "memory": "last quarter / first, median",
    "throughput": "shards / full size",
    "app": "start to the timeline",
    "everyday": "mixed folder: files that the report does not count",
    "watching": "watch: a new photo is known after, median",
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_benchmark_runs_and_writes_its_report(name: str, tmp_path: Path) -> None:
    if name in ("memory", "everyday", "watching") and sys.platform != "linux":
        pytest.skip("needs Linux")
    bundle = write_bundle(tmp_path / "bundle")
    arguments = [*SIZES[name].split(), "--bundle", str(bundle), "--out", str(tmp_path / "results")]
    status = importlib.import_module(f"benchmarks.{name}").main(arguments)
    text = (tmp_path / "results" / f"{name}.json").read_text()
    page = (tmp_path / "results" / f"{name}.md").read_text()
    report = json.loads(text)
    verdicts = {figure["name"]: figure["passed"] for figure in report["figures"]}
    assert status == int(False in verdicts.values())
    assert verdicts[FIGURES[name]] is not None
    assert report["command"] == f"python -m benchmarks.{name} {SIZES[name]}"
    assert all(f"| {figure} |" in page for figure in verdicts)
    for secret in (platform.node(), str(tmp_path), str(Path.home())):
        assert secret not in text + page
