import json
from pathlib import Path

import pytest

from ansa_train.benchmark.question_report import QuestionReport, parse


@pytest.mark.parametrize(("value", "status"), [(1.0, 0), (3.0, 1)])
def test_a_missed_target_is_in_the_exit_status_and_on_the_page(
    tmp_path: Path, value: float, status: int
) -> None:
    options = parse("Is it quick?", ["--out", str(tmp_path)], photos=10)
    report = QuestionReport("quick", "Is it quick?\n\nMore.", options)
    report.add("time", value, "s", at_most=2.0)
    assert report.write() == status
    assert ("**missed**" in (tmp_path / "quick.md").read_text()) == bool(status)


def test_a_report_states_the_command_with_every_size_and_no_place(tmp_path: Path) -> None:
    options = parse("", ["--out", str(tmp_path), "--photos", "3"], photos=10, repeats=5)
    QuestionReport("quick", "Is it quick?", options).write()
    written = (tmp_path / "quick.json").read_text()
    assert json.loads(written)["command"] == "python -m benchmarks.quick --photos 3 --repeats 5"
    assert str(tmp_path) not in written + (tmp_path / "quick.md").read_text()
