from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from research.architecture_search.recipe import SearchRecipe
from research.architecture_search.report import Report
from research.architecture_search.space import Candidate
from research.architecture_search.study import FinishedTrial

OWNERS = np.repeat(np.arange(100), 2)


def _tried(
    number: int, candidate: Candidate, found: float, cost: float, name: str | None = None
) -> FinishedTrial:
    ranks = np.where(np.arange(200) < 2 * found, 0, 50)
    figures = {
        "recall_1": found,
        "recall_5": found,
        "recall_10": found,
        "divergence": 0.5,
        "agreement": 60.0,
        "latency_ratio": cost,
        "milliseconds": 5 * cost,
        "parameters": 3_000_000,
        "loss": 0.4,
        "seconds": 9.0,
    }
    return FinishedTrial(number, candidate, name, figures, ranks)


@pytest.fixture
def report(recipe: SearchRecipe) -> Report:
    tried = [
        _tried(0, Candidate(), 60, 1.9, "shipped"),
        _tried(1, Candidate(size=224), 59, 1.5),
        _tried(3, Candidate(size=288, squeeze="all"), 80, 2.5),
        _tried(4, Candidate(size=160), 30, 0.9),
        _tried(5, Candidate(squeeze="none"), 20, 1.7),
    ]
    given_up = [(Candidate(deep_drop=3), "the loss is nan at step 1")]
    return Report("python -m ...", recipe, tried, given_up, OWNERS)


def test_the_front_and_what_is_better_than_what_ships(report: Report) -> None:
    assert [t.number for t in report.front()] == [4, 1, 0, 3]
    assert [t.number for t in report.surely_better()] == [3]
    assert [t.number for t in report.faster_as_good()] == [1]


def test_the_page_and_the_document_list_every_trial(report: Report, tmp_path: Path) -> None:
    picture = tmp_path / "docs" / "front.svg"
    page, document, written = report.write(tmp_path / "results" / "search", picture)
    text = page.read_text()
    assert "![R@5 against latency](../docs/front.svg)" in text
    assert text.count("\n| ") == 1 + len(report.tried)
    assert "**1.90** | **60.0**" in text
    assert "| 1.70 | 20.0 | -40.0 (" in text
    assert "Given up: 256 px" in text
    data = json.loads(document.read_text())
    assert [t["on_front"] for t in data["trials"]] == [True, True, True, True, False]
    assert data["trials"][0]["candidate"]["squeeze"] == "late"
    assert data["given_up"][0]["reason"] == "the loss is nan at step 1"
    assert written.read_bytes().startswith(b"<?xml")


def test_the_same_study_gives_the_same_picture(report: Report, tmp_path: Path) -> None:
    pictures = [report.write(tmp_path / n, tmp_path / f"{n}.svg")[2].read_bytes() for n in "ab"]
    assert pictures[0] == pictures[1]


def test_a_study_cut_short_before_what_ships_still_has_a_report(
    report: Report, tmp_path: Path
) -> None:
    short = replace(report, tried=report.tried[1:2])
    assert short.shipped is None
    page, *_ = short.write(tmp_path / "short", tmp_path / "short.svg")
    assert "Surely better" not in page.read_text()
