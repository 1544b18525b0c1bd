"""``ansa graph``: what photos belong to, asked and listed."""

from __future__ import annotations

import json
import sys
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


def test_an_answer_says_what_was_understood_and_why_each_photo(asked: Asked) -> None:
    out = asked("dogs in Portugal", "--limit", "2")
    assert out.startswith("dogs: tag dog\nportugal: country Portugal\n")
    assert "        shows dog (0.90)\n        at Lisbon > in Portugal\n" in out
    assert out.endswith("3 photos found, 2 shown\n")


def test_json_is_one_document(asked: Asked) -> None:
    told = document(asked("dogs in Portugal without zyzzyva", "--limit", "1", "--json"))
    assert told["found"] == 3
    assert len(told["photos"]) == 1
    assert told["photos"][0]["why"][0] == "shows dog (0.90)"
    assert told["unknown"] == ["zyzzyva"]


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
    assert document(asked("--json"))["counts"]["trip"] == 1


def test_without_the_extra_it_says_what_to_install(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    told = document(asked("dog", "--json", status=1))
    assert "needs networkx" in told["error"]
    assert "pip install 'ansa[experiences]'" in told["error"]
    assert "Lisbon, July 2024" in asked("--trips")
    assert "Munich" in asked("--places")


def test_an_empty_library_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Library(database=tmp_path / "new.sqlite").close()
    assert main(["graph", "dog", "--library", str(tmp_path / "new.sqlite")]) == 0
    assert capsys.readouterr().out.endswith("0 photos found\n")


def test_a_question_and_a_list_at_once_are_wrong_usage(asked: Asked) -> None:
    with pytest.raises(SystemExit, match="2"):
        asked("dog", "--trips")
