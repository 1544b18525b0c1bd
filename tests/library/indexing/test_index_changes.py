"""An update of what changed looks at nothing else, and leaves the library as a whole run would."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

import pytest

from ansa.library.index_report import IndexReport, LibraryBusyError
from ansa.library.indexing.index import index_changes
from ansa.library.indexing.model import Model
from ansa.library.storage.database import index_lock
from tests.library.conftest import Shelf
from tests.library.starts import DIM, Start


def update(shelf: Shelf, changed: Mapping[bytes, bool]) -> IndexReport:
    model = Model("first", {"embedding": 1}, DIM, Start(shelf.log))
    return index_changes(shelf.store, os.fsencode(shelf.folder), model, changed)


def test_new_changed_and_deleted_photos_of_a_folder_are_taken_in(shelf: Shelf) -> None:
    shelf.put("a.jpg")
    shelf.put("b.jpg")
    shelf.put("deep/c.jpg")
    shelf.index()
    shelf.analyzed()
    shelf.put("a.jpg", "another")
    (shelf.folder / "b.jpg").unlink()
    shelf.put("new.jpg")
    shelf.put("deep/unheard.jpg")  # in a folder that nobody told of
    report = update(shelf, {b"": False})
    assert (report.found, report.new, report.changed, report.missing) == (2, 1, 1, 1)
    assert report.unchanged == 0
    assert shelf.analyzed() == ["a.jpg", "new.jpg"]
    assert shelf.names() == ["a.jpg", "deep/c.jpg", "new.jpg"]
    whole = shelf.index()
    assert (whole.new, whole.unchanged) == (1, 3)


def test_a_folder_that_came_went_or_was_renamed_is_followed(shelf: Shelf) -> None:
    for name in ("trip/a.jpg", "trip/deep/b.jpg", "stays.jpg"):
        shelf.put(name)
    shelf.index()
    shelf.analyzed()
    (shelf.folder / "trip").rename(shelf.folder / "voyage")
    report = update(shelf, {b"trip": True, b"voyage": True})
    assert (report.moved, report.missing, report.analyzed) == (2, 0, 0)
    assert shelf.names() == ["stays.jpg", "voyage/a.jpg", "voyage/deep/b.jpg"]
    shutil.rmtree(shelf.folder / "voyage")
    assert update(shelf, {b"voyage": True}).missing == 2
    assert shelf.names() == ["stays.jpg"]
    assert shelf.analyzed() == []


def test_where_nothing_changed_nothing_is_counted(shelf: Shelf) -> None:
    shelf.put("a.jpg")
    shelf.index()
    report = update(shelf, {b"": False, b"not there": True, b".hidden": True})
    assert (report.found, report.analyzed, report.missing) == (0, 0, 0)


def test_a_change_while_another_run_is_at_work_can_be_tried_again(shelf: Shelf) -> None:
    shelf.put("a.jpg")
    with index_lock(shelf.database), pytest.raises(LibraryBusyError):
        update(shelf, {b"": False})
    assert update(shelf, {b"": False}).new == 1
