"""What people told a library outlives its file: deleted, made anew, damaged row by row, told by two
processes at once."""

from __future__ import annotations

import sqlite3
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansa.library import Library, LibraryError
from ansa.library.custom_tags.scores import custom_tag_names, examples
from ansa.library.custom_tags.training import forget
from ansa.library.index_report import LibraryWarning
from ansa.library.memories.dismissed import dismiss, read_dismissed
from ansa.library.personal.marks import marked_files
from ansa.library.personal.settings import is_on, switch
from ansa.library.storage.store import Store
from ansa.library.storage.user_data import MARKS, VERSION, path_of, read
from tests.cli.conftest import paint
from tests.library.conftest import RunPython, as_nobody, python
from tests.library.copies import copy_indexed
from tests.library.storage.test_user_data import no_room_beyond

MARKING = """
import sys
from ansa.library import Library
folder, database, mark, *names = sys.argv[1:]
for name in names:
    with Library(folder, database=database) as library:
        library.mark([f"{folder}/{name}"], mark)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photos, indexed."""
    folder = tmp_path_factory.mktemp("made") / "photos"
    folder.mkdir()
    for number in range(12):
        paint(folder / f"{number}.png", (number / 12, 0.5, 0))
    with open_(folder) as library:
        library.index(workers=1)
    return folder.parent


@pytest.fixture
def photos(made: Path, tmp_path: Path) -> Path:
    copy_indexed(made, tmp_path)
    return tmp_path / "photos"


@pytest.fixture
def library(photos: Path) -> Iterator[Library]:
    with open_(photos) as opened:
        yield opened


def open_(photos: Path) -> Library:
    return Library(photos, database=photos.parent / "l.sqlite")


def tell(library: Library, photos: Path) -> None:
    """One of each thing that can be told."""
    library.mark([photos / "0.png", photos / "1.png"], "favourite")
    library.mark([photos / "2.png"], "hidden")
    with library.store.telling() as connection:
        connection.execute("INSERT INTO told_tags SELECT 'Zoe', digest, id % 2 FROM photos")
    dismiss(library.store, "5fa0", "trip", [1, 2, 3])
    switch(library, "personal", False)


def told(library: Library) -> object:
    """All of it, by the names of files."""

    def names(rows: list[int]) -> list[str]:
        return sorted(paths[0].name for paths in library.store.paths(rows, None).values())

    dismissed = read_dismissed(library.store)
    return (
        [{path.name for path in marked_files(library, mark)} for mark in MARKS],
        [(name, *map(names, examples(library, name))) for name in custom_tag_names(library)],
        sorted(dismissed.ids),
        [names(list(photos)) for each in dismissed.photos.values() for photos in each],  # type: ignore[arg-type]
        is_on(library, "personal"),
    )


def delete(database: Path) -> None:
    for file in database.parent.glob(f"{database.name}*"):
        if "told" not in file.name:
            file.unlink()


def test_a_library_that_was_deleted_gets_all_of_it_back(library: Library, photos: Path) -> None:
    tell(library, photos)
    before = told(library)
    library.close()
    delete(library.database)
    with pytest.warns(LibraryWarning, match=r"2 favourites, 1 hidden photo, 1 taught tag, .*back"):
        again = open_(photos)
    again.index(workers=1)
    assert told(again) == before
    again.close()


def test_it_comes_back_piece_by_piece_and_nothing_is_lost_meanwhile(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    tell(library, photos)
    before = told(library)
    library.close()
    delete(library.database)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for number in range(1, 12):
        (photos / f"{number}.png").rename(elsewhere / f"{number}.png")
    with pytest.warns(LibraryWarning):
        again = open_(photos)
    again.index(workers=1)
    assert [path.name for path in marked_files(again, "favourite")] == ["0.png"]
    again.mark([photos / "0.png"], None)
    again.mark([photos / "0.png"], "favourite")
    again.close()
    with Library(elsewhere, database=library.database) as rest:
        rest.index(workers=1)
    with Library(database=library.database) as whole:
        assert told(whole) == before


def test_what_was_taken_back_stays_so(library: Library, photos: Path) -> None:
    tell(library, photos)
    library.mark([photos / "0.png"], None)
    forget(library, "Zoe")
    library.close()
    delete(library.database)
    with pytest.warns(LibraryWarning):
        again = open_(photos)
    again.index(workers=1)
    assert [path.name for path in marked_files(again, "favourite")] == ["1.png"]
    assert custom_tag_names(again) == []
    again.close()


def test_an_older_copy_of_the_library_gets_what_was_told_since(
    library: Library, photos: Path
) -> None:
    library.mark([photos / "0.png"], "favourite")
    library.close()
    old = library.database.read_bytes()
    with open_(photos) as later:
        later.mark([photos / "1.png"], "hidden")
    delete(library.database)
    library.database.write_bytes(old)
    with open_(photos) as restored:
        assert [path.name for path in marked_files(restored, "hidden")] == ["1.png"]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE told_marks SET mark = 3",
        "UPDATE told_marks SET digest = x'00'",
        "UPDATE told_tags SET shown = 'x'",
        "UPDATE told_state SET revision = 'x'",
        "DELETE FROM told_marks",
        "DELETE FROM told_memories WHERE rowid = 1",
    ],
)
def test_damaged_rows_are_mended_from_the_second_file(
    library: Library, photos: Path, damage: str
) -> None:
    tell(library, photos)
    before = told(library)
    library.close()
    with sqlite3.connect(library.database) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("DELETE FROM told_marks WHERE mark = 'favourite'")
        connection.execute(damage)
    connection.close()
    with open_(photos) as again:
        assert told(again) == before


def test_two_processes_at_once_lose_nothing(library: Library, photos: Path) -> None:
    library.close()
    runs = [
        subprocess.Popen(python(MARKING, photos, library.database, mark, *names))
        for mark, names in {
            "favourite": [f"{number}.png" for number in range(0, 12, 2)],
            "hidden": [f"{number}.png" for number in range(1, 12, 2)],
        }.items()
    ]
    assert [run.wait(timeout=60) for run in runs] == [0, 0]
    second = read(path_of(library.database))
    assert str(second) == "6 favourites, 6 hidden photos"
    with open_(photos) as again:
        assert len(marked_files(again, "favourite")) == len(marked_files(again, "hidden")) == 6


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00" * 300])
def test_a_damaged_second_file_is_said_set_aside_and_made_anew(
    library: Library, photos: Path, content: bytes
) -> None:
    tell(library, photos)
    before = told(library)
    library.close()
    file = path_of(library.database)
    whole = read(file)
    file.write_bytes(content)
    with pytest.warns(LibraryWarning, match=r"told.json: damaged.*told.json.damaged-1"):
        again = open_(photos)
    assert told(again) == before
    again.close()
    assert read(file) == whole
    assert file.with_name(f"{file.name}.damaged-1").read_bytes() == content
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_(photos).close()


def test_a_second_file_of_a_newer_version_is_left_alone(library: Library, photos: Path) -> None:
    file = path_of(library.database)
    newer = f'{{"version": {VERSION + 1}}}'
    file.write_text(newer)
    library.close()
    with open_(photos) as again:
        with pytest.raises(LibraryError, match=r"newer ANSA.*upgrade"):
            again.mark([photos / "0.png"], "favourite")
        assert marked_files(again, "favourite") == []
    assert file.read_text() == newer


def test_where_the_second_file_cannot_be_written_nothing_is_changed(
    library: Library, photos: Path
) -> None:
    refused = pytest.raises(
        LibraryError, match=r"told.json: cannot be written.*nothing was changed"
    )
    with no_room_beyond(10), refused:
        library.mark([photos / "0.png"], "favourite")
    assert marked_files(library, "favourite") == []
    library.mark([photos / "0.png"], "favourite")
    assert len(marked_files(library, "favourite")) == 1


def test_a_library_to_which_nothing_was_told_has_no_second_file(tmp_path: Path) -> None:
    Store(tmp_path / "l.sqlite").close()
    assert not path_of(tmp_path / "l.sqlite").exists()


def test_where_nothing_can_be_written_the_library_still_opens(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    tell(library, photos)
    library.close()
    path_of(library.database).write_bytes(b"damaged")
    tmp_path.chmod(0o555)
    library.database.chmod(0o444)
    with as_nobody(tmp_path):
        with pytest.warns(LibraryWarning, match="move it away"):
            again = open_(photos)
        assert len(marked_files(again, "favourite")) == 2
        again.close()
    tmp_path.chmod(0o755)


def test_a_locked_library_still_opens(library: Library, photos: Path) -> None:
    tell(library, photos)
    path_of(library.database).unlink()
    with sqlite3.connect(library.database, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with open_(photos) as again:
            assert len(marked_files(again, "favourite")) == 2
    other.close()
    open_(photos).close()
    assert str(read(path_of(library.database))).startswith("2 favourites")


def test_the_run_that_finds_it_anew_says_so(
    library: Library, photos: Path, run_python: RunPython
) -> None:
    tell(library, photos)
    library.close()
    delete(library.database)
    script = "import sys; from ansa.cli import main; sys.exit(main(sys.argv[1:]))"
    done = run_python(script, "mark", "hidden", "--library", library.database)
    assert done.returncode == 0
    assert "ansa: " in done.stderr
    assert "2 favourites" in done.stderr
    assert "Warning" not in done.stderr
