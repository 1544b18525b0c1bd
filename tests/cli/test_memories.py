"""``ansa memories``: proposed, shown, dismissed, restored."""

from __future__ import annotations

import io
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ansa.cli import main
from tests.library.lives import Life
from tests.library.memories.test_memories import live
from tests.photos import write_photo


@pytest.fixture
def library(tmp_path: Path) -> list[str]:
    """The arguments that name a library with one busy day in it."""
    start = datetime(2024, 5, 1, 8)
    live(tmp_path, [Life(f"{n}.jpg", start + timedelta(hours=n)) for n in range(12)]).close()
    return ["--library", str(tmp_path / "library.sqlite"), "--today", "2025-09-01"]


def test_memories_are_told_with_reasons_and_counts(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["memories", *library]) == 0
    out = capsys.readouterr().out
    assert "  Wednesday, 1 May 2024\n" in out
    assert "day, 7 photos; warm, 96 beats a minute" in out
    assert "12 photos of 1 day" in out
    assert out.endswith("1 memory of 7 photos\n")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_and_not_on_a_pipe(
    library: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["memories", *library]) == 0
    assert capsys.readouterr().err == ""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["memories", *library, "--today", "2025-09-02"]) == 0
    assert "choosing memories" in terminal.getvalue()
    assert "choosing memories" not in terminal.getvalue().splitlines()[-1].split("\r")[-1]


def test_one_memory_is_shown_with_its_photos_and_their_reasons(
    library: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main(["memories", "--json", *library])
    (memory,) = json.loads(capsys.readouterr().out)["memories"]
    page = tmp_path / "memories.html"
    assert main(["memories", memory["id"], "--report", str(page), *library]) == 0
    out = capsys.readouterr().out
    assert all(photo["path"] in out for photo in memory["photos"])
    assert page.read_text().count("<figure>") == len(memory["photos"])
    assert main(["memories", "00000000", *library]) == 1
    assert "`ansa memories` lists them" in capsys.readouterr().err


def test_a_dismissed_memory_is_gone_until_it_is_restored(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["memories", "--json", *library])
    (memory,) = json.loads(capsys.readouterr().out)["memories"]
    assert main(["memories", "--dismiss", memory["id"], *library]) == 0
    assert "1 May 2024 is dismissed" in capsys.readouterr().out
    assert main(["memories", *library]) == 0
    assert "0 memories of 0 photos" in capsys.readouterr().out
    assert main(["memories", "--restore", memory["id"], "--json", *library]) == 0
    assert json.loads(capsys.readouterr().out) == {"restored": memory["id"]}
    assert main(["memories", *library]) == 0
    assert "1 memory of" in capsys.readouterr().out


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["memories", "--today", "tomorrow"])


def test_a_movie_is_made_of_one_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = datetime(2024, 5, 1, 8)
    photos = [Life(f"{n}.jpg", start + timedelta(hours=n)) for n in range(12)]
    live(tmp_path, photos).close()
    for number in range(11):
        write_photo(tmp_path / "photos" / f"{number}.jpg", number)
    library = ["--library", str(tmp_path / "library.sqlite"), "--today", "2025-09-01"]
    main(["memories", "--json", *library])
    (memory,) = json.loads(capsys.readouterr().out)["memories"]
    out = tmp_path / "out.mp4"
    args = ["memories", memory["id"], "--movie", str(out), "--size", "96x54", "--json"]
    status = main([*args, *library])
    told = json.loads(capsys.readouterr().out)["movie"]
    assert status == 0  # a photo among others that is gone is told
    assert main([*args, "--strict", *library]) == (1 if told["problems"] else 0)
    capsys.readouterr()
    assert told["photos"] + len(told["problems"]) == len(memory["photos"])
    assert told["tempo"] == memory["mood"]["tempo"]
    assert out.read_bytes()[4:8] == b"ftyp"


def test_music_that_is_none_is_named_with_what_helps(
    library: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main(["memories", "--json", *library])
    (memory,) = json.loads(capsys.readouterr().out)["memories"]
    song = tmp_path / "song.mp3"
    song.write_text("no music")
    args = ["memories", memory["id"], "--movie", str(tmp_path / "out.mp4"), "--music", str(song)]
    assert main([*args, *library]) == 1
    assert "song.mp3: no sound" in capsys.readouterr().err
    assert not (tmp_path / "out.mp4").exists()


def test_a_movie_needs_to_know_of_which_memory() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["memories", "--movie", "out.mp4"])
    with pytest.raises(SystemExit, match="2"):
        main(["memories", "12345678", "--music", "song.mp3"])
    with pytest.raises(SystemExit, match="2"):
        main(["memories", "12345678", "--movie", "out.mp4", "--size", "101x51"])


def test_without_the_extra_it_says_what_to_install(
    library: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    main(["memories", "--json", *library])
    (memory,) = json.loads(capsys.readouterr().out)["memories"]
    for number in range(12):
        write_photo(tmp_path / "photos" / f"{number}.jpg", number, (32, 24))
    monkeypatch.setitem(sys.modules, "av", None)
    assert main(["memories", memory["id"], "--movie", str(tmp_path / "out.mp4"), *library]) == 1
    assert "pip install 'ansa[movie]'" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.mp4*"))
