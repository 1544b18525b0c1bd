import json
from pathlib import Path

from benchmarks import training
from tests.bundles import write_bundle


def test_every_switch_is_measured(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    sizes = ["--batch", "8", "--side", "32", "--steps", "2"]
    arguments = [*sizes, "--bundle", str(bundle), "--out", str(tmp_path)]
    assert (
        training.main(
            arguments,
            image="tiny",
            some=("checkpointing and accumulation",),
        )
        == 0
    )
    report = json.loads((tmp_path / "training.json").read_text())
    figures = {figure["name"]: figure["value"] for figure in report["figures"]}
    assert figures["everything off: speed"] > 0
    assert figures["checkpointing and accumulation: peak memory of a process"] > 100
    assert figures["two processes / one, speed"] > 0
