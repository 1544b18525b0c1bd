"""Originals stay byte-identical, and no socket is opened: by any command, in any process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run, command, home

# Python reads this module at the start of every process that has its folder on the path.
WATCH = """
import os, sys

AF_UNIX = 1  # pipes within the machine

def watch(event, args):
    if not event.startswith("socket."):
        return
    if event == "socket.__new__" and args[1] == AF_UNIX:
        return
    if event in ("socket.bind", "socket.connect") and isinstance(args[1], (str, bytes)):
        return
    note(event)

def note(line):
    with open(os.environ["ANSA_TEST_SOCKETS"], "a") as file:
        file.write(f"{os.getpid()} {line}\\n")

sys.addaudithook(watch)
note("started")
"""


@pytest.fixture
def verbs(photos: Path, tmp_path: Path) -> list[list[str]]:
    """Every verb on the photos, as a user would call them one after the other."""
    return [
        ["analyze", str(photos / "red.png"), "--draw", str(tmp_path / "drawn.png")],
        ["index", str(photos)],
        ["index", str(photos)],
        ["search", "red", "--not", "blue"],
        ["search", "--like", str(photos / "red.png"), "--json"],
        ["duplicates", "--report", str(tmp_path / "report.html")],
        ["clutter"],
        ["crop", str(photos / "red.png"), "--aspect", "1:1", "--out", str(tmp_path / "crop.jpg")],
        ["teach", "red", "--yes", str(photos / "red.png"), str(photos / "yellow.png")],
        ["mark", "favourite", str(photos / "red.png")],
        ["personal"],
        ["wallpapers", "--screen", "48x32", "--clock", "top", "--out", str(tmp_path / "walls")],
        ["catalog", str(tmp_path / "catalog.parquet")],
        ["best", "--report", str(tmp_path / "best.html")],
        ["memories", "--report", str(tmp_path / "memories.html")],
        ["demo", str(photos), "--out", str(tmp_path / "out")],
    ]


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Mode, time and content of everything in a folder."""
    return {
        str(path): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [folder, *folder.rglob("*")]
    }


def test_originals_stay_byte_identical(run: Run, photos: Path, verbs: list[list[str]]) -> None:
    before = snapshot(photos)
    for args in verbs:
        assert run(*args).returncode in (0, 1)  # 1: the broken photo is named
        assert snapshot(photos) == before


def test_a_drawing_never_replaces_the_photo(run: Run, photos: Path) -> None:
    before = snapshot(photos)
    (photos.parent / "same.png").symlink_to(photos / "red.png")
    for out in (photos / "red.png", photos.parent / "same.png"):
        assert run("analyze", str(photos / "red.png"), "--draw", str(out)).returncode == 2
    assert snapshot(photos) == before


def test_no_socket_is_opened(
    photos: Path, bundle: str, tmp_path: Path, verbs: list[list[str]]
) -> None:
    log = watched(tmp_path)
    env = watching_env(tmp_path, log)
    for args in verbs:
        done = subprocess.run(
            command(*args, "--bundle", bundle), env=env, capture_output=True, timeout=120
        )
        assert done.returncode in (0, 1)
    events = [line.split(" ")[1] for line in log.read_text().splitlines()]
    assert set(events) == {"started"}
    assert len(events) > len(verbs)  # the processes that analyze photos were watched too


def test_the_watch_would_see_a_socket(tmp_path: Path) -> None:
    log = watched(tmp_path)
    code = "import socket; socket.socket(); socket.getaddrinfo('localhost', 80)"
    subprocess.run([sys.executable, "-c", code], env=watching_env(tmp_path, log), check=True)
    seen = log.read_text()
    assert "socket.__new__" in seen
    assert "socket.getaddrinfo" in seen


def watched(folder: Path) -> Path:
    (folder / "watch").mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(WATCH)
    return folder / "sockets.log"


def watching_env(folder: Path, log: Path) -> dict[str, str]:
    path = os.pathsep.join([str(folder / "watch"), os.environ.get("PYTHONPATH", "")])
    return home(folder) | {"PYTHONPATH": path, "ANSA_TEST_SOCKETS": str(log)}
