"""The library knows what said when and where, and fills it in from every file of a content."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from ansa import Analyzer
from ansa.library import Library
from ansa.library.storage.store import Store
from ansa.scene import Facts
from tests.bundles import write_bundle
from tests.photo.metadata.packets import jpeg, xmp
from tests.photos import exif_block

NAME = "IMG_20190102_030405.jpg"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def opened(photos: Path, bundle: Path) -> Library:
    return Library(photos, database=photos.parent / "l.sqlite", analyzer=Analyzer(bundle))


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Library:
    return Library(
        photos, database=tmp_path / "l.sqlite", analyzer=Analyzer(write_bundle(tmp_path / "b"))
    )


def facts_of(tmp_path: Path) -> list[Facts]:
    store = Store(tmp_path / "l.sqlite")
    try:
        return list(store.facts(sorted(store.places(None))).values())
    finally:
        store.close()


def test_what_photos_do_not_say_is_counted(library: Library, photos: Path) -> None:
    block = exif_block(taken="2013:03:04 05:06:07", place=(48.2, 16.4))
    (photos / "all.jpg").write_bytes(jpeg(exif=block))
    (photos / "changed.jpg").write_bytes(jpeg(exif=exif_block(modified="2013:03:04 05:06:07")))
    (photos / NAME).write_bytes(jpeg())
    (photos / "nothing.jpg").write_bytes(jpeg(exif=exif_block(orientation=1)))
    for _ in range(2):
        report = library.index()
        assert (report.no_time, report.no_place, report.weak_times) == (1, 3, 2)
    assert report.to_dict()["weak_times"] == 2
    (photos / "nothing.jpg").unlink()
    assert library.index().no_time == 0


def test_a_copy_that_says_more_adds_it(library: Library, photos: Path, tmp_path: Path) -> None:
    (photos / "a.jpg").write_bytes(jpeg())
    library.index()
    assert facts_of(tmp_path)[0].taken is None
    shutil.copy(photos / "a.jpg", photos / NAME)
    report = library.index()
    assert (report.new, report.analyzed, report.no_time) == (1, 0, 0)
    (facts,) = facts_of(tmp_path)
    assert (facts.taken_text, facts.taken_source) == ("2019-01-02T03:04:05", "file name")
    (photos / "z.jpg").write_bytes((photos / "a.jpg").read_bytes())
    (photos / "z.xmp").write_bytes(xmp({"exif:DateTimeOriginal": "2011-07-04"}))
    library.index()
    (facts,) = facts_of(tmp_path)
    assert (facts.taken_text, facts.taken_source) == ("2011-07-04", "xmp sidecar")
    (photos / NAME).rename(photos / "IMG_20200102_030405.jpg")
    library.index()
    assert facts_of(tmp_path) == [facts]


def test_a_photo_that_is_touched_is_read_again(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    (photos / "a.jpg").write_bytes(jpeg())
    library.index()
    packet = xmp({"exif:DateTimeOriginal": "2011-07-04", "exif:GPSLatitude": "48,12.0N",
                  "exif:GPSLongitude": "16,22.2E"})  # fmt: skip
    (photos / "a.xmp").write_bytes(packet)
    os.utime(photos / "a.jpg")
    report = library.index()
    assert (report.unchanged, report.analyzed, report.no_time, report.no_place) == (1, 0, 0, 0)
    assert facts_of(tmp_path)[0].place_source == "xmp sidecar"


def test_a_library_of_before_is_read_and_learns(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    (photos / "a.jpg").write_bytes(jpeg(exif=exif_block(modified="2013:03:04 05:06:07")))
    library.index()
    library.close()
    with sqlite3.connect(tmp_path / "l.sqlite") as old:
        old.execute("DELETE FROM sources")  # as it comes from a schema without them
    old.close()
    (facts,) = facts_of(tmp_path)
    assert (facts.taken_text, facts.taken_source) == ("2013-03-04T05:06:07", None)
    os.utime(photos / "a.jpg")
    with Library(
        photos, database=tmp_path / "l.sqlite", analyzer=Analyzer(tmp_path / "b")
    ) as again:
        assert again.index().weak_times == 1
    assert facts_of(tmp_path)[0].taken_source == "file change tag"
    assert json.dumps(facts_of(tmp_path)[0].to_dict())
