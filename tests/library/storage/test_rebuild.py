"""A library's file that is cut, overwritten or deleted: the message is true, and following it
brings back all that was told."""

from __future__ import annotations

import re
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansa.cli import main
from ansa.library import Library, LibraryError
from ansa.library.index_report import DamagedLibraryError
from ansa.library.storage import database, schema
from ansa.library.storage.rebuild import is_damaged, read_what_is_left, rebuild
from ansa.library.storage.user_data import path_of, read
from tests.cli.conftest import paint
from tests.library.conftest import RunPython
from tests.library.copies import copy_indexed
from tests.library.storage.test_user_data_sync import tell, told

MAIN = "import sys; from ansa.cli import main; sys.exit(main(sys.argv[1:]))"
Damage = Callable[[bytes], bytes]


def cut_in_half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def without_its_header(data: bytes) -> bytes:
    return bytes(100) + data[100:]


def without_its_first_page(data: bytes) -> bytes:
    return bytes(4096) + data[4096:]


def without_its_middle(data: bytes) -> bytes:
    third = len(data) // 3 // 4096 * 4096
    return data[:third] + bytes(third) + data[2 * third :]


def of_noise(data: bytes) -> bytes:
    return bytes((7 * n + n // 251) % 256 for n in range(len(data)))


DAMAGES = [cut_in_half, without_its_header, without_its_first_page, without_its_middle, of_noise]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photos, indexed."""
    folder = tmp_path_factory.mktemp("made") / "photos"
    folder.mkdir()
    for number in range(40):
        paint(folder / f"{number}.png", (number / 40, 0.5, 0))
    with Library(folder, database=folder.parent / "l.sqlite") as library:
        library.index(workers=1)
    return folder.parent


@pytest.fixture
def photos(made: Path, tmp_path: Path) -> Path:
    copy_indexed(made, tmp_path)
    return tmp_path / "photos"


@pytest.fixture
def before(photos: Path, tmp_path: Path) -> Iterator[object]:
    """What was told to a library whose photos were indexed."""
    with Library(photos, database=tmp_path / "l.sqlite") as library:
        tell(library, photos)
        library.store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        yield told(library)


def damage(file: Path, how: Damage) -> None:
    for end in ("-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)
    file.write_bytes(how(file.read_bytes()))


def answers(library: Path, folder: Path) -> str:
    """The message with which one verb after the other refuses the library."""

    def ask() -> None:
        with Library(folder, database=library) as opened:
            opened.search("red")
            opened.best()
            list(opened.photos())
            opened.index(workers=1)

    with pytest.raises(DamagedLibraryError) as caught:
        ask()
    return str(caught.value)


@pytest.mark.parametrize("how", DAMAGES)
def test_the_message_is_true_and_following_it_brings_all_of_it_back(
    before: object, photos: Path, tmp_path: Path, how: Damage
) -> None:
    file = tmp_path / "l.sqlite"
    damage(file, how)
    assert is_damaged(file)
    said = answers(file, photos)
    assert re.search(r"damaged .*move it away and index again.*`ansa index FOLDER --rebuild`", said)
    assert "2 favourites, 1 hidden photo, 1 taught tag, 1 dismissed memory, 1 setting" in said
    assert f"is kept in {path_of(file)}" in said
    for moved in tmp_path.glob("l.sqlite*"):
        if moved != path_of(file):
            moved.rename(tmp_path / f"away-{moved.name}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        again = Library(photos, database=file)
    again.index(workers=1)
    assert told(again) == before
    again.close()


@pytest.mark.parametrize("how", DAMAGES)
def test_rebuild_does_so_and_keeps_the_damaged_file(
    before: object,
    photos: Path,
    tmp_path: Path,
    how: Damage,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "l.sqlite"
    damage(file, how)
    damaged = file.read_bytes()
    arguments = ["index", str(photos), "--library", str(file), "--rebuild"]
    assert main(arguments) == 0
    said = capsys.readouterr().err
    assert f"now {tmp_path / 'l.sqlite.damaged-1'}; kept of what was told: 2 fav" in said
    assert (tmp_path / "l.sqlite.damaged-1").read_bytes() == damaged
    with Library(photos, database=file) as again:
        assert told(again) == before
        assert not is_damaged(file)
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert "not damaged, so it is kept" in err
    assert "40 unchanged" in out


@pytest.mark.parametrize("how", [cut_in_half, without_its_header, without_its_middle])
@pytest.mark.parametrize("second", ["missing", "damaged"])
def test_without_the_second_file_what_can_be_read_of_the_library_is_kept(
    before: object, photos: Path, tmp_path: Path, how: Damage, second: str
) -> None:
    """The tables of what was told lie at the front of so small a library, or in its last third."""
    file = tmp_path / "l.sqlite"
    path_of(file).unlink()
    if second == "damaged":
        path_of(file).write_bytes(b"{")
    damage(file, how)
    said = answers(file, photos)
    # What lies before the damage may have been read already, and kept in a new second file.
    assert "--rebuild saves what can be read" in said or f"is kept in {path_of(file)}" in said
    left, folders = read_what_is_left(file)
    done = rebuild(file)
    assert done is not None
    assert done.told.marks == left.marks
    assert done.folders == folders
    assert read(path_of(file)) == (done.told if done.told else None)
    if how is without_its_header:
        assert str(done.told).startswith("2 favourites, 1 hidden photo, 1 taught tag")
        assert folders == (photos,)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            again = Library(photos, database=file)
        again.index(workers=1)
        assert told(again) == before
        again.close()
    aside = path_of(file).with_name(path_of(file).name + ".damaged-1")
    assert aside.exists() == (second == "damaged")


def test_of_an_older_library_what_was_told_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "l.sqlite"
    connection = sqlite3.connect(file)
    for step in schema.STEPS[:2]:
        connection.executescript(step)
    connection.execute("INSERT INTO roots VALUES (1, x'2f61')")
    connection.execute("INSERT INTO photos (digest, width, height) VALUES (zeroblob(32), 1, 1)")
    connection.execute("INSERT INTO marks VALUES (1, 'favourite')")
    connection.execute("INSERT INTO settings VALUES ('personal', 'off')")
    connection.commit()
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    damage(file, without_its_header)
    done = rebuild(file)
    assert done is not None
    assert (str(done.told), done.folders) == ("1 favourite, 1 setting", (Path("/a"),))


def test_what_is_no_library_is_never_moved(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a library\n" * 1000)
    with pytest.raises(LibraryError, match="not a library; name another file"):
        rebuild(file)
    theirs = tmp_path / "theirs.sqlite"
    with sqlite3.connect(theirs) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(LibraryError, match="another program"):
        rebuild(theirs)
    assert file.exists()
    assert theirs.exists()
    assert rebuild(tmp_path / "none.sqlite") is None


def test_a_library_without_one_of_its_tables_is_damaged(before: object, tmp_path: Path) -> None:
    file = tmp_path / "l.sqlite"
    assert not is_damaged(file)
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE told_marks")
    connection.close()
    assert is_damaged(file)


def test_it_waits_for_no_index_run(before: object, tmp_path: Path) -> None:
    file = tmp_path / "l.sqlite"
    damage(file, without_its_header)
    with database.index_lock(file), pytest.raises(LibraryError, match="another index run"):
        rebuild(file)
    assert file.exists()


def test_after_its_deletion_the_next_run_says_what_comes_back(
    before: object, photos: Path, tmp_path: Path, run_python: RunPython
) -> None:
    for file in tmp_path.glob("l.sqlite*"):
        if file != path_of(tmp_path / "l.sqlite"):
            file.unlink()
    script = [MAIN, "index", photos, "--library", tmp_path / "l.sqlite"]
    done = run_python(*script)
    assert (done.returncode, "come back as their photos are indexed" in done.stderr) == (0, True)
    assert run_python(*script).stderr == ""
    with Library(photos, database=tmp_path / "l.sqlite") as again:
        assert told(again) == before
