"""Files for people are whole, and only what ANSA made itself is ever made again."""

from __future__ import annotations

import os
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


def test_where_it_cannot_be_written_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing/page\.html"):
        write_page(tmp_path / "missing" / "page.html", PAGE)


def test_a_file_without_a_mark_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"x")
    assert not is_ours(tmp_path / "short")
    assert not is_ours(tmp_path / "missing")
