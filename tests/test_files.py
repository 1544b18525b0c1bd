"""What is no plain file is refused at once, wherever a user can name a file."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansa.files import open_plain
from ansa.library.cleanup.move_journal import JOURNAL
from ansa.library.index_report import LibraryError
from ansa.library.library import Library
from ansa.render.movie.errors import MovieError
from ansa.render.movie.music import read_music

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes"),
    pytest.mark.usefixtures("_at_once"),
]


@pytest.fixture
def _at_once() -> Iterator[None]:
    """What waits for ever ends as a failure."""

    def late(*_: object) -> None:
        raise AssertionError("it waits for ever")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 20)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def no_file(kind: str, name: str) -> Path:
    if kind == "pipe":
        os.mkfifo(name)
    elif kind == "folder":
        Path(name).mkdir()
    else:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(name)
    return Path(name)


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder"])
@pytest.mark.parametrize("write", [False, True])
def test_what_is_no_file_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, write: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match="it is no plain file"):
        open_plain(no_file(kind, "x"), write=write)
    Path("link").symlink_to("x")
    with pytest.raises(OSError, match="it is no plain file"):
        open_plain(Path("link"), write=write)
    with pytest.raises(OSError, match="it is a link"):
        open_plain(Path("link"), write=write, follow=False)


def test_plain_files_are_read_made_and_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with pytest.raises(FileNotFoundError):
        open_plain(file)
    with open_plain(file, write=True) as opened:
        opened.write(b"text")
    with open_plain(file) as opened:
        assert opened.read() == b"text"


def test_music_is_no_pipe(tmp_path: Path) -> None:
    pytest.importorskip("av")
    os.mkfifo(tmp_path / "song.mp3")
    with pytest.raises(MovieError, match=r"no plain file.*give a sound file"):
        read_music(tmp_path / "song.mp3")


def test_a_journal_is_no_pipe(tmp_path: Path) -> None:
    (tmp_path / "moved").mkdir()
    os.mkfifo(tmp_path / "moved" / JOURNAL)
    with (
        Library(database=tmp_path / "l.sqlite") as library,
        pytest.raises(LibraryError, match="no plain file"),
    ):
        library.undo_move(tmp_path / "moved")


def test_a_library_is_no_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "l.sqlite")
    with pytest.raises(LibraryError, match=r"no plain file.; name another with --library"):
        Library(database=tmp_path / "l.sqlite").__enter__()
