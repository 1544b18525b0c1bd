import json
from pathlib import Path

from benchmarks import presets
from tests.bundles import write_bundle


def test_networks_are_counted_and_timed_side_by_side(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    arguments = ["--rounds", "1", "--bundle", str(bundle), "--out", str(tmp_path)]
    assert presets.main(arguments, images=["tiny"], texts=["tiny"]) == 0
    report = json.loads((tmp_path / "presets.json").read_text())
    figures = {figure["name"]: figure["value"] for figure in report["figures"]}
    assert 0.3 < figures["image tiny, parameters"] < 0.5
    assert 0 < figures["image tiny, multiply-adds"] < 100
    assert 0.9 < figures["text tiny, in a bundle"] < 2
    assert figures["text tiny, one thread, median"] > 0
