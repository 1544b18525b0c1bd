"""What every verb promises: help, exit status, one JSON document, clean ends."""

import json
import os
import pty
import signal
import subprocess
import termios
from pathlib import Path

import pytest

from ansa.cli import main
from ansa.cli.output import print_json
from tests.cli.conftest import Run, command, home

VERBS = ["index", "search", "duplicates", "clutter", "analyze", "demo", "evaluate", "data"]


@pytest.mark.parametrize("verb", VERBS)
def test_help_explains_itself_with_an_example(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main([verb, "--help"])
    assert end.value.code == 0
    out = capsys.readouterr().out
    assert f"example:\n  ansa {verb}" in out
    assert "--json" in out


def test_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(verb in out for verb in VERBS)


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["dance"],
        ["analyze"],
        ["index"],
        ["index", "a", "b"],
        ["search"],
        ["search", " "],
        ["search", "x", "--not", ""],
        ["search", "x", "--limit", "0"],
        ["search", "x", "--limit", "many"],
        ["search", "x", "--after", "some day"],
        ["search", "x", "--after", "31.6.2023"],
        ["search", "x", "--before", "2024-13"],
        ["duplicates", "--only", "odd"],
        ["duplicates", "--move-to", "a", "--undo", "b"],
        ["duplicates", "--report", "page.txt"],
        ["clutter", "--kind", "dull"],
    ],
)
def test_wrong_usage_is_exit_status_2(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(args)
    assert end.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "usage: ansa" in err


@pytest.mark.parametrize(
    "args", [["analyze", "a.jpg"], ["index", "."], ["search", "red"], ["demo", "."]]
)
def test_a_bundle_that_is_not_there_is_named(
    args: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    out = ["--out", str(tmp_path / "out")] if args[0] == "demo" else []
    assert main([*args, *out, "--json", "--bundle", str(tmp_path / "none")]) == 1
    captured = capsys.readouterr()
    assert "none: no bundle there" in json.loads(captured.out)["error"]
    assert captured.err.startswith("ansa: ")
    assert captured.err.count("\n") == 1


def test_nothing_but_the_result_in_a_pipe(photos: Path, bundle: str, tmp_path: Path) -> None:
    full = command("analyze", str(photos / "red.png"), "--bundle", bundle)
    done = subprocess.run(full, env=home(tmp_path), capture_output=True)
    assert done.returncode == 0
    assert done.stderr == b""


def test_progress_on_a_terminal(photos: Path, bundle: str, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with subprocess.Popen(
        command("analyze", *[str(photos / "red.png")] * 3, "--bundle", bundle),
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=home(tmp_path),
    ) as process:
        os.close(theirs)
        seen = b""
        try:
            while chunk := os.read(ours, 4096):
                seen += chunk
        except OSError:  # how Linux says that the other side is closed
            pass
    os.close(ours)
    assert process.returncode == 0
    assert b"analyzing" in seen
    assert b"photo" in seen


def test_ctrl_c_ends_without_a_traceback(photos: Path, bundle: str, tmp_path: Path) -> None:
    with subprocess.Popen(
        command("analyze", *[str(photos / "red.png")] * 3000, "--bundle", bundle),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=home(tmp_path) | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == b"ansa: stopped; run the same command again to go on\n"


@pytest.mark.parametrize(
    "arguments",
    [["index", ""], ["search", "a dog", "--folder", ""], ["index", ".", "--library", ""]],
)
def test_an_empty_name_is_not_the_folder_one_is_in(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert b"an empty name" in done.stderr


def test_a_file_that_is_no_library_is_not_to_be_moved_away(run: Run, photos: Path) -> None:
    done = run("search", "a dog", "--library", str(photos / "red.png"))
    assert done.returncode == 1
    assert b"not a library" in done.stderr
    assert b"name another with --library" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        *(["search", "a dog"], ["graph", "2023"], ["duplicates"], ["clutter"], ["best"]),
        *(["memories"], ["wallpapers", "--screen", "48x32"], ["teach"], ["mark", "hidden"]),
        *(["personal"], ["sidecars"], ["catalog", "photos.parquet"], ["forget", "."]),
    ],
)
def test_a_library_of_a_name_that_is_wrong_is_not_made(
    run: Run, tmp_path: Path, arguments: list[str]
) -> None:
    wrong = tmp_path / "libary.sqlite"
    done = run(*arguments, "--library", str(wrong), "--json")
    assert done.returncode == 1
    (problem,) = json.loads(done.stdout)["problems"]
    assert (problem["file"], problem["reason"]) == (str(wrong), "no library there")
    assert not list(tmp_path.glob("libary*"))


def test_a_reader_that_has_seen_enough_ends_it_quietly(
    photos: Path, bundle: str, tmp_path: Path
) -> None:
    with subprocess.Popen(
        command("analyze", *[str(photos / "red.png")] * 300, "--bundle", bundle),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=home(tmp_path),
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 141
    assert err == b""


def test_a_document_is_printed_whole_or_not_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="JSON"):
        print_json({"first": 1, "then": [0.5, float("nan")]})
    assert capsys.readouterr().out == ""
