"""A folder is taken out of the library: what is lost and what stays is told, photos stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansa.library import Library, LibraryError
from ansa.library.indexing.forget import known_folders
from ansa.library.personal.marks import marked_files
from ansa.library.storage.database import index_lock
from ansa.model.analyzer import Analyzer
from tests.bundles import write_bundle
from tests.cli.conftest import paint

TABLES = "roots", "files", "photos", "signals", "sources", "mounts"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three photos in ``old``, one of them also in ``new``, and one that is only there."""
    folder = tmp_path / "photos"
    for place in ("old/deep", "new", "older"):
        (folder / place).mkdir(parents=True)
    for number, name in enumerate(("old/red", "old/deep/green", "old/blue", "new/white")):
        paint(folder / f"{name}.png", (number == 0, number == 1, number == 2))
    (folder / "older" / "blue.png").write_bytes((folder / "old" / "blue.png").read_bytes())
    return folder


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Iterator[Library]:
    analyzer = Analyzer(write_bundle(tmp_path / "bundle"))
    with Library(photos, database=tmp_path / "l.sqlite", analyzer=analyzer) as made:
        made.index(workers=1)
        yield made


def names(library: Library) -> set[str]:
    return {f"{p.path.parent.name}/{p.path.stem}" for p in library.photos()}


def rows(library: Library, table: str) -> int:
    with library.store.reading() as connection:
        count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return count


def test_a_folder_below_an_indexed_one_is_forgotten_and_no_photo_is_touched(
    library: Library, photos: Path
) -> None:
    before = {path: path.stat() for path in photos.rglob("*")}
    library.mark([photos / "old" / "red.png"], "favourite")
    library.mark([photos / "old" / "blue.png"], "hidden")
    told = library.forget(photos / "old", dry_run=True)
    assert (told.files, told.lost, told.elsewhere, told.told, told.done) == (3, 2, 1, 1, False)
    assert len(names(library)) == 4
    assert library.forget(photos / "new" / ".." / "old").done
    assert names(library) == {"older/blue", "new/white"}
    assert rows(library, "photos") == 2
    assert rows(library, "signals") == 2 * len(library.model().heads)
    assert {path: path.stat() for path in before} == before
    assert told.again == photos
    report = library.index(workers=1)
    assert (report.new, report.analyzed) == (3, 2)
    assert marked_files(library, "favourite") == [photos / "old" / "red.png"]
    assert library.mark([photos / "old" / "blue.png"], None).problems == ()
    assert rows(library, "told_marks") == 1


def test_an_indexed_folder_is_forgotten_whole(library: Library, photos: Path) -> None:
    done = library.forget(f"{photos}/")
    assert (done.files, done.lost, done.elsewhere, done.again) == (5, 4, 0, None)
    assert [rows(library, table) for table in TABLES] == [0] * len(TABLES)
    assert library.search("red").message.startswith("nothing of this folder is known")
    assert library.index(workers=1).new == 5


def test_a_folder_that_is_gone_can_be_forgotten(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    library.mark([photos / "old" / "red.png"], "favourite")
    photos.rename(tmp_path / "renamed")
    with Library(
        tmp_path / "renamed", database=library.database, analyzer=library.analyzer
    ) as other:
        report = other.index(workers=1)
        (problem,) = report.problems
        assert (report.new, report.unreadable, problem.kind) == (5, 0, "away")
        assert problem.file == str(photos)
        assert "not there, though it held 4 photos; all of them are in other" in problem.reason
        assert [(each.folder, each.there) for each in known_folders(other)] == [
            (photos, False),
            (tmp_path / "renamed", True),
        ]
        with Library(database=library.database, analyzer=library.analyzer) as all_of_it:
            again = all_of_it.index(workers=1)
            assert (again.unreadable, again.problems) == (0, (problem,))
        done = other.forget(photos)
        assert (done.files, done.lost, done.elsewhere) == (5, 0, 4)
        assert other.index(workers=1).problems == ()
        assert len(names(other)) == 4
        assert marked_files(other, "favourite") == [tmp_path / "renamed" / "old" / "red.png"]


def test_a_folder_in_which_another_was_indexed_goes_with_it(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    database, analyzer = tmp_path / "nested.sqlite", library.analyzer
    with Library(photos / "old", database=database, analyzer=analyzer) as inner:
        inner.index(workers=1)
    with Library(photos, database=database, analyzer=analyzer) as outer:
        outer.index(workers=1)
        done = outer.forget(photos / "old" / "deep")  # of both
        assert (done.files, done.lost, done.again) == (2, 1, photos)
        outer.forget(photos)
        assert rows(outer, "roots") == rows(outer, "files") == 0


def test_what_is_not_known_is_not_forgotten(library: Library, photos: Path) -> None:
    for unknown in (photos / "ol", photos / "none", photos.parent / "elsewhere"):
        with pytest.raises(LibraryError, match="knows nothing of this folder; `ansa forget` lists"):
            library.forget(unknown)
    with pytest.raises(LibraryError, match=r"not indexed itself; it holds .*photos; name the one"):
        library.forget(photos.parent)
    with (
        index_lock(library.database),
        pytest.raises(LibraryError, match="another index run is at work"),
    ):
        library.forget(photos)
    assert len(names(library)) == 4


def test_no_name_of_a_forgotten_file_stays_in_the_library(library: Library, photos: Path) -> None:
    library.memories()
    library.forget(photos)
    with library.store.reading() as connection:
        dump = "\n".join(connection.iterdump())
    assert str(photos) not in dump
    assert b"red.png".hex().upper() not in dump
