from __future__ import annotations

import json
from pathlib import Path

import pytest

from research.architecture_search.__main__ import main
from research.tests.architecture_search.conftest import write_recipe


@pytest.mark.usefixtures("parts")
def test_a_search_ends_in_a_report_and_goes_on_from_there(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = write_recipe(tmp_path / "search.toml", pack)
    command = [str(recipe), "--report", str(tmp_path / "results" / "found")]
    assert main(command) == 0
    assert "trial 1/1: 256 px" in capsys.readouterr().out
    data = json.loads((tmp_path / "results" / "found.json").read_text())
    (trial,) = data["trials"]
    assert trial["name"] == "shipped"
    assert 0.3 < trial["latency_ratio"] < 10.0
    assert (tmp_path / "results" / "found.svg").exists()

    assert main(command) == 0
    assert "trial" not in capsys.readouterr().out
    assert json.loads((tmp_path / "results" / "found.json").read_text())["trials"] == [trial]


def test_what_is_in_the_way_is_said_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none.toml")]) == 1
    assert "none.toml" in capsys.readouterr().err
    assert main([str(write_recipe(tmp_path / "search.toml", tmp_path / "nowhere"))]) == 1
    assert "nowhere holds no .tar" in capsys.readouterr().err
