from __future__ import annotations

import json

from ansa.library.index_report import IndexReport, LibraryError, Problem


def test_reports_of_several_folders_add_up() -> None:
    one = IndexReport(found=3, new=2, failed=1, analyzed=2, seconds=1.0, problems=(bad("a"),))
    two = IndexReport(found=2, moved=1, skipped=1, seconds=0.5, problems=(bad("b"),))
    both = one + two
    assert (both.found, both.new, both.moved, both.done) == (5, 2, 1, 3)
    assert [problem.file for problem in both.problems] == ["a", "b"]
    assert both.rate == 2 / 1.5


def test_a_report_is_json_whatever_the_names() -> None:
    report = IndexReport(found=1, failed=1, problems=(bad("caf\udce9\n.jpg"),))
    assert json.loads(json.dumps(report.to_dict()))["problems"][0]["kind"] == "failed"


def test_messages_stay_on_one_line() -> None:
    assert str(bad("a\nb")) == "a\\nb: damaged; save it again"
    assert str(LibraryError("a\nb", "gone", "look")) == "a\\nb: gone; look"


def bad(file: str) -> Problem:
    return Problem(file, "failed", "damaged", "save it again")
