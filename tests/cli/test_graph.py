"""``ansa graph``: what photos belong to, listed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ansa.cli import main
from ansa.library import Library
from tests.library.lives import LISBON, MUNICH, Life, library_of

Asked = Callable[..., str]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    base = tmp_path_factory.mktemp("graph")
    lives = [Life(f"{month}.jpg", datetime(2024, month, 3), MUNICH) for month in range(1, 13)]
    sea = [datetime(2024, 7, 10 + day) for day in range(3)]
    lives += [Life(f"sea{n}.jpg", day, LISBON, tags={"dog": 0.9}) for n, day in enumerate(sea)]
    lives += [Life("1970.jpg", datetime(1970, 1, 1), camera="Canon"), Life("undated.jpg")]
    library_of(base, lives).close()
    return str(base / "library.sqlite")


@pytest.fixture
def asked(database: str, capsys: pytest.CaptureFixture[str]) -> Asked:
    def asked(*args: str, status: int = 0) -> str:
        assert main(["graph", "--library", database, *args]) == status
        return capsys.readouterr().out

    return asked


def document(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def test_a_question_is_answered_as_a_search_that_is_explained(
    asked: Asked, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = asked("dogs in Portugal", "--limit", "2")
    assert out.startswith('place "Portugal": Portugal, 3 photos\ntag "dogs": dog, surely in 3')
    assert "in Portugal" in out
    assert "dog 0.90; " in out
    question = "dogs in Portugal", "--library", database, "--limit", "2", "--explain"
    assert main(["search", *question]) == 0
    assert capsys.readouterr().out == out


def test_json_of_a_question_has_the_answers_of_a_search_under_both_names(asked: Asked) -> None:
    told = document(asked("dogs in Portugal", "--limit", "1", "--json"))
    assert told["found"] == len(told["photos"]) == len(told["matches"]) == 1
    assert told["photos"][0]["path"] == told["matches"][0]["path"]
    assert told["photos"][0]["why"][:2] == ["in Portugal", "dog 0.90"]


@pytest.mark.parametrize(
    ("what", "line", "counts"),
    [
        (
            "moments",
            "2024-07-10 00:00 to 00:00  Lisbon, Portugal, 1 photo",
            "15 moments; 1 photo left out: no time; 1 photo left out: clock not set",
        ),
        ("trips", "Lisbon, July 2024  2024-07-10 to 2024-07-12, 3 days, ", "1 trip"),
        ("places", "Munich, Bavaria, Germany  12 photos", "2 places"),
        ("events", "Summer 2024  season, 6 photos", ""),
    ],
)
def test_lists_end_with_their_counts(asked: Asked, what: str, line: str, counts: str) -> None:
    out = asked(f"--{what}")
    assert line in out
    assert out.splitlines()[-1].endswith(counts)
    assert what in document(asked(f"--{what}", "--json"))


def test_without_a_question_it_says_what_there_is(asked: Asked) -> None:
    assert "      17  photo\n" in asked()
    counts = document(asked("--json"))["counts"]
    assert (counts["trip"], counts["moment"], counts["city"], counts["tag"]) == (1, 15, 2, 1)


def test_an_empty_library_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Library(database=tmp_path / "new.sqlite").close()
    assert main(["graph", "dog", "--library", str(tmp_path / "new.sqlite")]) == 0
    assert capsys.readouterr().out.endswith("0 photos found\n")


def test_a_question_and_a_list_at_once_are_wrong_usage(asked: Asked) -> None:
    with pytest.raises(SystemExit, match="2"):
        asked("dog", "--trips")
