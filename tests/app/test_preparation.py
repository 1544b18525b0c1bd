"""What the first search needs is loaded while nobody waits, and again after indexing."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from ansa.app import preparation
from ansa.app.context import AppContext
from ansa.app.preparation import Preparation
from tests.app.conftest import load


class _Threads:
    """Threads that do their work at once, for a library whose preparation has three steps."""

    def __init__(self, after: Callable[[int], None] = lambda step: None) -> None:
        self.asked = 0.0
        self.steps = 0
        self._after = after

    def begin(self, work: Callable[[Any], object]) -> Future[object]:
        done: Future[object] = Future()
        work(self)
        done.set_result(None)
        return done

    def prepare_searches(self) -> Any:
        for _ in range(3):
            self.steps += 1
            self._after(self.steps)
            yield


def test_it_goes_on_to_the_end_once() -> None:
    begun: list[int] = []
    searching = _Threads()
    made: Any = Preparation(searching, _Threads(), lambda: begun.append(1))  # type: ignore[arg-type]
    for _ in range(5):
        made.go_on(False)
    assert (begun, searching.steps) == ([1], 3)
    made.go_on(True)
    assert searching.steps == 6


def test_it_stops_for_whoever_asks_and_goes_on_later(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("ansa.app.preparation.time.monotonic", lambda: now)
    pictures = _Threads()

    def asked_after_the_first_step(step: int) -> None:
        if step == 1:
            pictures.asked = now

    searching = _Threads(asked_after_the_first_step)
    made: Any = Preparation(searching, pictures, lambda: None)  # type: ignore[arg-type]
    made.go_on(False)
    assert searching.steps == 1
    made.go_on(False)
    assert searching.steps == 1
    now += 2 * preparation.REST_SECONDS
    made.go_on(False)
    assert searching.steps == 3


def test_who_scrolls_without_a_rest_is_not_waited_for_forever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("ansa.app.preparation.time.monotonic", lambda: now)
    searching, pictures = _Threads(), _Threads()
    made: Any = Preparation(searching, pictures, lambda: None)  # type: ignore[arg-type]
    for _ in range(50):
        pictures.asked = now
        made.go_on(False)
        now += 0.1
    assert searching.steps == 3
    made = Preparation(searching, pictures, lambda: None)  # type: ignore[arg-type]
    for _ in range(50):
        searching.asked = now  # a search itself is never delayed
        made.go_on(False)
        now += 0.1
    assert searching.steps == 3


def test_a_step_that_fails_is_left_to_the_search_that_needs_it() -> None:
    def fail(step: int) -> None:
        raise OSError("gone")

    searching = _Threads(fail)
    made: Any = Preparation(searching, _Threads(), lambda: None)  # type: ignore[arg-type]
    with pytest.raises(OSError, match="gone"):
        made.go_on(False)
    made.go_on(False)
    assert searching.steps == 1


def test_a_search_finds_all_prepared(context: AppContext) -> None:
    began = time.monotonic()
    while not context._preparation._steps or context._preparation._unfinished:
        context.prepare_searches()
        assert time.monotonic() - began < 60 * load()
        time.sleep(0.02)
    loaded = context.searching.begin(lambda library: vars(library.snapshot()).keys())
    found: Any = loaded.result()
    assert {"times", "places", "tagged", "text_baseline"} <= found
