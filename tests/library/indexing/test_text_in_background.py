"""Text is read beside what else goes on, when it is asked for, and stopping ends it soon."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ansa.library.index_report import LibraryError
from ansa.library.indexing.text_in_background import BackgroundText
from ansa.library.indexing.text_run import TextReport
from ansa.library.library import Library

SECONDS = 60.0


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., TextReport]], None]:
    def by(function: Callable[..., TextReport]) -> None:
        monkeypatch.setattr(Library, "read_text", function)

    return by


def test_what_was_read_is_told_and_nothing_if_nothing_was(
    read: Callable[[Callable[..., TextReport]], None], tmp_path: Path
) -> None:
    reports = [TextReport(pictures=3, read=3), TextReport(pictures=3, before=3)]
    told: list[TextReport] = []
    done = threading.Semaphore(0)

    def reading(library: Library, **_: object) -> TextReport:
        done.release()
        return reports.pop(0)

    read(reading)
    text = BackgroundText(
        [None], tmp_path / "library.sqlite", None, warn=pytest.fail, told=told.append
    )
    for _ in range(2):
        text.ask()
        assert done.acquire(timeout=SECONDS)
    text.stop()
    assert [report.read for report in told] == [3]


def test_a_problem_is_told_and_later_runs_go_on(
    read: Callable[[Callable[..., TextReport]], None], tmp_path: Path
) -> None:
    problems: list[str] = []
    done = threading.Semaphore(0)

    def reading(library: Library, **_: object) -> TextReport:
        done.release()
        raise LibraryError("library.sqlite", "another run reads text", "wait for it")

    read(reading)
    text = BackgroundText([None], tmp_path / "library.sqlite", None, warn=problems.append)
    for _ in range(2):
        text.ask()
        assert done.acquire(timeout=SECONDS)
    text.stop()
    assert len(problems) == 2
    assert "another run reads text" in problems[0]


def test_stopping_ends_a_run_at_its_next_picture(
    read: Callable[[Callable[..., TextReport]], None], tmp_path: Path
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def reading(
        library: Library, *, progress: Callable[[int, int], None], **_: object
    ) -> TextReport:
        begun.set()
        try:
            while True:
                progress(1, 1_000_000)
        finally:
            ended.set()

    read(reading)
    text = BackgroundText([None], tmp_path / "library.sqlite", None, warn=pytest.fail)
    text.ask()
    assert begun.wait(SECONDS)
    text.stop()
    assert ended.is_set()
