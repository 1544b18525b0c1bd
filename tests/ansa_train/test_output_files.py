"""Reports and runs write over their own files only, whatever others are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansa.cli import main
from ansa_train.errors import TrainingError
from ansa_train.output_files import check_run, report_files
from ansa_train.train.metrics_log import MetricsLog
from tests.bundles import write_bundle


@pytest.mark.parametrize("suffix", ["md", "json", "svg"])
def test_a_report_takes_the_place_of_no_other_file(tmp_path: Path, suffix: str) -> None:
    theirs = tmp_path / f"notes.{suffix}"
    theirs.write_text('{"command": "make"}')
    with pytest.raises(TrainingError, match=rf"notes\.{suffix}: no report of ANSA's; give --out"):
        report_files(tmp_path / "notes")
    assert report_files(tmp_path / "other")[0] == tmp_path / "other.md"


def test_a_report_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "quality.md").write_text("a page")
    (tmp_path / "quality.json").write_text(json.dumps({"command": "ansa evaluate --labels x"}))
    assert report_files(tmp_path / "quality")[1] == tmp_path / "quality.json"


def test_the_commands_refuse_before_they_measure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = str(write_bundle(tmp_path / "bundle"))
    (tmp_path / "readme.md").write_text("mine")
    out = ["--out", str(tmp_path / "readme")]
    assert main(["evaluate", bundle, "--labels", str(tmp_path / "missing"), *out]) == 1
    assert "no report of ANSA's" in capsys.readouterr().err
    assert main(["benchmark", "--bundle", bundle, *out]) == 1
    assert "no report of ANSA's" in capsys.readouterr().err
    assert (tmp_path / "readme.md").read_text() == "mine"


def test_a_run_leaves_nothing_where_others_have_files(tmp_path: Path) -> None:
    write_bundle(tmp_path / "bundle")
    with pytest.raises(TrainingError, match=r"holds text\.onnx, which no run left there"):
        check_run(tmp_path / "bundle", "text.json", ["text.onnx"])
    (tmp_path / "files").mkdir()
    with pytest.raises(TrainingError, match=r"holds files, which no run left there"):
        check_run(tmp_path, "head.json", ["head.onnx", "files"])
    (tmp_path / "head.json").write_text('{"name": "tags", "metrics": {}}')
    check_run(tmp_path, "head.json", ["head.onnx", "files"])
    (tmp_path / "head.json").unlink()
    (tmp_path / "checkpoint.pt").write_text("")
    check_run(tmp_path, "head.json", ["head.onnx", "files"])


def test_curves_shorten_no_other_tables(tmp_path: Path) -> None:
    captions = tmp_path / "captions.csv"
    captions.write_text("image,caption\na.jpg,a dog\n")
    (tmp_path / "empty.csv").write_text("")
    curves = MetricsLog(tmp_path, 0)
    curves.add("losses", 1, {"total": 2.0})
    curves.add("losses", 2, {"total": 1.0})
    MetricsLog(tmp_path, 1)
    assert (tmp_path / "losses.csv").read_text() == "step,total\n1,2.0\n"
    assert captions.read_text() == "image,caption\na.jpg,a dog\n"
    assert (tmp_path / "empty.csv").exists()
    (tmp_path / "dev.csv").write_text("name,value\nx,1\n")
    with pytest.raises(TrainingError, match=r"dev\.csv is no learning curve"):
        MetricsLog(tmp_path, 0)
