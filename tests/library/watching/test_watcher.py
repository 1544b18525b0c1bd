"""A watch takes in what changes, whoever tells it of that, and ends when it is told to."""

from __future__ import annotations

import queue
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansa.library.index_report import IndexReport, LibraryError
from ansa.library.indexing.model import Model
from ansa.library.storage.database import index_lock
from ansa.library.storage.store import Store
from ansa.library.watching import watcher
from ansa.library.watching.watcher import Watcher, outermost
from tests.library.conftest import Shelf
from tests.library.starts import DIM, Start

PATIENCE = 120.0  # seconds, on a machine that is busy with other tests


class Watched:
    """A running watch, and what it told."""

    def __init__(self) -> None:
        self.reports: queue.Queue[IndexReport] = queue.Queue()
        self.warnings: queue.Queue[str] = queue.Queue()

    def next(self) -> IndexReport:
        return self.reports.get(timeout=PATIENCE)


@contextmanager
def watching(shelf: Shelf) -> Iterator[Watched]:
    """Watches in a thread, with a connection of its own."""
    watched, stop = Watched(), threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        store = Store(shelf.database)
        model = Model("first", {"embedding": 1}, DIM, Start(shelf.log))
        try:
            Watcher(
                store,
                model,
                [shelf.folder],
                lambda where, report: watched.reports.put(report),
                watched.warnings.put,
            ).run(stop)
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            store.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield watched
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()
    assert not failed


def test_what_comes_moves_and_goes_is_known(shelf: Shelf) -> None:
    shelf.put("before.jpg")
    with watching(shelf) as watched:
        assert watched.next().new == 1
        shelf.put("a.jpg")
        assert watched.next().new == 1
        (shelf.folder / "deep").mkdir()
        (shelf.folder / "a.jpg").rename(shelf.folder / "deep" / "b.jpg")
        report = watched.next()
        while not (report.moved or report.new):  # the two halves of a move may come apart
            report = watched.next()
        assert report.analyzed == 0
        shutil.rmtree(shelf.folder / "deep")
        assert watched.next().missing == 1
    assert shelf.names() == ["before.jpg"]
    assert shelf.analyzed() == ["a.jpg", "before.jpg"]
    assert watched.warnings.empty()


def test_on_battery_the_first_change_is_known_at_once_and_later_ones_are_gathered(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "waiting_time", lambda: 1.5)
    shelf.put("before.jpg")
    with watching(shelf) as watched:
        assert watched.next().new == 1
        shelf.put("first.jpg")
        assert watched.next().new == 1
        looked = time.monotonic()
        shelf.put("second.jpg")
        shelf.put("third.jpg")
        assert watched.next().new == 2
        assert time.monotonic() - looked >= 1.4


def test_what_comes_just_before_the_system_tells_of_changes_is_known(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles

    watch = watchfiles.watch

    def slow(*paths: Path, **options: Any) -> Iterator[set[tuple[Any, str]]]:
        shelf.put("late.jpg")
        yield from watch(*paths, **options)

    monkeypatch.setattr(watchfiles, "watch", slow)
    with watching(shelf) as watched:
        assert watched.next().new == 1
    assert shelf.names() == ["late.jpg"]


def test_beside_another_run_it_waits_and_loses_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "_BUSY_AGAIN", 0.1)
    with watching(shelf) as watched:
        time.sleep(0.5)
        with index_lock(shelf.database):
            shelf.put("a.jpg")
            time.sleep(1.5)
            assert watched.reports.empty()
        assert watched.next().new == 1


def test_where_the_system_does_not_tell_it_looks_by_itself(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles

    def full(*paths: Path, **options: object) -> Iterator[set[tuple[int, str]]]:
        if options["ignore_permission_denied"]:  # then watchfiles says nothing of the limit either
            while True:
                time.sleep(0.05)
                yield set()
        raise OSError('OS file watch limit reached. about ["/photos/2"] (Error {})')

    monkeypatch.setattr(watchfiles, "watch", full)
    monkeypatch.setattr(watcher, "interval", lambda seconds: 0.2)
    with watching(shelf) as watched:
        assert "max_user_watches" in watched.warnings.get(timeout=PATIENCE)
        shelf.put("a.jpg")
        assert watched.next().new == 1


def test_a_folder_that_goes_away_and_comes_back_loses_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "_BACK_AGAIN", 0.1)
    shelf.put("a.jpg")
    away = shelf.base / "away"
    with watching(shelf) as watched:
        assert watched.next().new == 1
        shelf.folder.rename(away)
        assert "is kept" in watched.warnings.get(timeout=PATIENCE)
        (away / "b.jpg").write_text("photo b")
        away.rename(shelf.folder)
        assert watched.next().new == 1
    assert shelf.names() == ["a.jpg", "b.jpg"]


def test_a_folder_inside_another_is_part_of_it(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert outermost([inner, tmp_path / "a", tmp_path / "a"]) == [tmp_path / "a"]
    with pytest.raises(LibraryError, match="no such folder"):
        outermost([tmp_path / "none"])
