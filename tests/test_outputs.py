"""Files for people are whole, and only what ANSA made itself is ever made again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ansa.outputs import is_ours, write_page, writing

PAGE = "<!doctype html>\n<title>Mine</title>\n"


def test_a_page_of_ours_is_made_again(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    write_page(out, PAGE)
    write_page(out, PAGE + "<p>more</p>\n")
    assert out.read_text().startswith(PAGE + "<p>more</p>")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_any_other_file_is_left_as_it_is(tmp_path: Path) -> None:
    made = tmp_path / "made.html"
    write_page(made, PAGE)
    whole = made.read_bytes()
    theirs = {
        "page": PAGE.encode(),
        "empty": b"",
        "edited": whole.replace(b"Mine", b"Ours"),
        "continued": whole + b"<p>my notes</p>",
        "cut": whole[:-20],
        "quoting": PAGE.encode() + whole[-84:],
    }
    for name, content in theirs.items():
        out = tmp_path / name
        out.write_bytes(content)
        with pytest.raises(FileExistsError, match=f"{name}: it is there already"):
            write_page(out, PAGE)
        assert out.read_bytes() == content
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(FileExistsError):
            write_page(tmp_path / name, PAGE)


def test_links_lead_over_nothing(tmp_path: Path) -> None:
    ours, theirs, away = tmp_path / "ours", tmp_path / "theirs", tmp_path / "away"
    write_page(ours, PAGE)
    theirs.write_text("dear to someone")
    for number, target in enumerate((ours, theirs, away)):
        (tmp_path / f"link{number}").symlink_to(target)
    write_page(tmp_path / "link0", PAGE + "again")
    assert (tmp_path / "link0").is_symlink()
    assert "again" in ours.read_text()
    for name in ("link1", "link2"):
        with pytest.raises(FileExistsError):
            write_page(tmp_path / name, PAGE)
    assert theirs.read_text() == "dear to someone"
    assert not away.exists()


def test_a_file_that_comes_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def write(over_ours: bool) -> None:
        with writing(out, over_ours=over_ours) as file:
            file.write(b"ours")
            out.write_text("theirs")

    for over_ours in (False, True):
        with pytest.raises(FileExistsError, match="it is there already"):
            write(over_ours)
        assert out.read_text() == "theirs"
        out.unlink()
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_killed_leaves_nothing_of_that_name(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from ansa.outputs import writing
with writing(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    env = dict(os.environ) | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "out")], env=env)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()


def test_where_it_cannot_be_written_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing/page\.html"):
        write_page(tmp_path / "missing" / "page.html", PAGE)


def test_a_file_without_a_mark_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"x")
    assert not is_ours(tmp_path / "short")
    assert not is_ours(tmp_path / "missing")


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    names = [f".ansa-{'a' * 16}.part", f".ansa-{'b' * 16}.part", ".ansa-mine.part", "c.part"]
    for name in names:
        (tmp_path / name).write_bytes(b"half a page")
    for name in (names[0], *names[2:]):
        os.utime(tmp_path / name, (0, 0))
    write_page(tmp_path / "page.html", PAGE)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*names[1:], "page.html"}  # the second may still be written
