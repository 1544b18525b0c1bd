"""Readers find the old file or the new one, never a part of either."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ansa.atomic_write import open_atomic, remove_parts, write_atomically


def test_a_file_has_its_name_only_when_it_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text("old")
    with open_atomic(file) as stream:
        stream.write(b"new")
        stream.flush()
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_killed_process_left_is_removed_where_nobody_else_writes(tmp_path: Path) -> None:
    (tmp_path / ".ansa-0123456789abcdef.part").write_bytes(b"half")
    (tmp_path / ".ansa-notes.part").write_bytes(b"of somebody")
    remove_parts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".ansa-notes.part"]


def test_text_is_written_as_utf8_without_changing_its_line_ends(tmp_path: Path) -> None:
    write_atomically(tmp_path / "page", "Zürich\n")
    assert (tmp_path / "page").read_bytes() == "Zürich\n".encode()


def test_an_error_leaves_the_old_file_and_no_part_of_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text("old")
    with pytest.raises(UnicodeEncodeError), open_atomic(file) as stream:
        stream.writelines(text.encode("ascii") for text in ("half", "ü"))
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_old_file_is_kept_under_the_name_that_was_asked_for(tmp_path: Path) -> None:
    file, before = tmp_path / "now", tmp_path / "before"
    for text in ("one", "two", "three"):
        with open_atomic(file, keep=before) as stream:
            stream.write(text.encode())
    assert (file.read_text(), before.read_text()) == ("three", "two")


def test_who_asks_at_the_end_may_still_refuse_to_replace(tmp_path: Path) -> None:
    file = tmp_path / "out"
    with open_atomic(file, may_replace=lambda: False) as stream:
        stream.write(b"mine")
    with (
        pytest.raises(FileExistsError, match=r"out: it is there already"),
        open_atomic(file, may_replace=lambda: False) as stream,
    ):
        stream.write(b"other")
    assert file.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [file]


def test_an_error_names_the_file_and_not_its_hidden_part(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing/state\.json"):
        write_atomically(tmp_path / "missing" / "state.json", b"")


def test_a_killed_process_leaves_the_old_file(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from ansa.atomic_write import open_atomic
with open_atomic(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    (tmp_path / "out").write_text("old")
    env = dict(os.environ) | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "out")], env=env)
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "out").read_text() == "old"


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    names = [f".ansa-{'a' * 16}.part", f".ansa-{'b' * 16}.part", ".ansa-mine.part", "c.part"]
    for name in names:
        (tmp_path / name).write_bytes(b"half a page")
    for name in (names[0], *names[2:]):
        os.utime(tmp_path / name, (0, 0))
    write_atomically(tmp_path / "page.html", "whole")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*names[1:], "page.html"}  # the second may still be written
