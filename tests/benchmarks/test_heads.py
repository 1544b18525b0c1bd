"""A bundle with heads is taken apart, and each head's cost and figures are listed."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from ansa import Bundle
from ansa_train.export.bundle import put_heads
from ansa_train.export.heads import export_head
from benchmarks import heads
from tests.bundles import write_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """With two heads of the kind "embedding", which every version reads, of 24 numbers each."""
    folder = tmp_path_factory.mktemp("bundles")
    plain = Bundle.open(write_bundle(folder / "plain"))
    graph = export_head(nn.Linear(3, 6), ["features"], {"features": (3,)})
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "head.onnx").write_bytes(graph.model)
        made: dict[str, Any] = {
            "name": name,
            "version": 1,
            "backbone": plain.manifest.image.backbone,
            "branches": ["features"],
        }
        made |= {"shape": [6], "settings": {}, "metrics": {"mAP": 0.25, "recall": 1 / 3}}
        (folder / name / "head.json").write_text(json.dumps(made | {"licences": {}}))
    return put_heads(plain, [folder / "one", folder / "two"], folder / "both")


def test_every_head_has_its_cost_and_its_figures(bundle: Bundle, tmp_path: Path) -> None:
    sizes = ["--rounds", "1", "--repeats", "1"]
    heads.main([*sizes, "--bundle", str(bundle.path), "--out", str(tmp_path)])
    report = json.loads((tmp_path / "heads.json").read_text())
    figures = {figure["name"]: figure["value"] for figure in report["figures"]}
    assert figures["one, parameters"] == 0.024
    assert 0 < figures["one, disk"] < 2
    assert figures["two, mAP"] == 0.25
    assert figures["a network each, disk"] > figures["all heads, disk"]
    assert "one, added time" in figures
    assert "a network each / all heads" in figures
    with (tmp_path / "heads.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["head"], row["metric"], row["value"]) for row in rows] == [
        ("one", "mAP", "0.25"),
        ("one", "recall", "0.33333"),
        ("two", "mAP", "0.25"),
        ("two", "recall", "0.33333"),
    ]
    assert {row["split"] for row in rows} == {"test"}
    assert {row["parameters"] for row in rows} == {"24"}
    assert {row["backbone"] for row in rows} == {bundle.manifest.image.backbone[:12]}
