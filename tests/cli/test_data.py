"""``ansa data build``: whatever stops it, the same command goes on to the same shards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ansa.cli import main
from tests.ansa_train.data.builder.conftest import contents
from tests.cli.conftest import command, home
from tests.photos import write_photo

PHOTOS = 120
Done = subprocess.CompletedProcess[bytes]


@pytest.fixture(scope="module")
def captions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captions")
    rows = ["image,caption"]
    for number in range(PHOTOS):
        write_photo(folder / f"{number:03}.png", seed=number % 100, size=(90, 70))
        rows += [f"{number:03}.png,photo {number}", f"{number:03}.png,picture {number}"]
    rows.append("missing.png,a ghost")
    (folder / "captions.csv").write_text("\n".join(rows) + "\n")
    return folder / "captions.csv"


def arguments(source: Path, out: Path) -> list[str]:
    sizes = ["--size", "48", "--shard-samples", "2", "--workers", "1", "--test", "20"]
    return ["data", "build", str(source), "--out", str(out), *sizes]


@pytest.fixture(scope="module")
def whole(captions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an uninterrupted build gives."""
    out = tmp_path_factory.mktemp("whole") / "out"
    assert main(arguments(captions, out)) == 0
    return out


def stopped(
    captions: Path, out: Path, when: Callable[[], bool], how: signal.Signals
) -> tuple[int, bytes]:
    """Starts the command, stops it at some moment, and gives its exit status and last words."""
    with subprocess.Popen(
        command(*arguments(captions, out)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=home(out.parent),
    ) as process:
        deadline = time.monotonic() + 60
        while not when() and time.monotonic() < deadline:
            assert process.poll() is None, "it was over before it could be stopped"
            time.sleep(0.001)
        process.send_signal(how)
        _, err = process.communicate(timeout=60)
    assert not (out / "manifest.json").exists()
    return process.returncode, err


@pytest.mark.parametrize("moment", ["listing", "preparing", "writing"])
def test_killed_at_any_time_it_goes_on_to_the_same_shards(
    moment: str, captions: Path, whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    journal = out / ".build" / "journal.sqlite-wal"
    moments = {
        "listing": journal.exists,
        "preparing": lambda: journal.exists() and journal.stat().st_size > 400_000,
        "writing": (out / "train-000003.tar").exists,
    }
    stopped(captions, out, moments[moment], signal.SIGKILL)
    assert main(arguments(captions, out)) == 0
    assert contents(out) == contents(whole)


def test_ctrl_c_ends_it_in_one_line_and_it_goes_on(
    captions: Path, whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code, err = stopped(captions, out, (out / "test-000000.tar").exists, signal.SIGINT)
    assert (code, err) == (130, b"ansa: stopped; run the same command again to go on\n")
    assert main(arguments(captions, out)) == 0
    assert contents(out) == contents(whole)


def test_a_killed_build_leaves_no_process_behind(captions: Path, tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("needs /proc")
    out = tmp_path / "out"
    journal = out / ".build" / "journal.sqlite-wal"
    children: list[str] = []

    def at_work() -> bool:
        for process in Path("/proc").glob("[0-9]*"):
            if str(out) in words(process):
                by_thread = [file.read_text() for file in process.glob("task/*/children")]
                children[:] = " ".join(by_thread).split()
        begun = journal.exists() and journal.stat().st_size > 400_000
        return begun and bool(children)

    stopped(captions, out, at_work, signal.SIGKILL)
    assert children
    deadline = time.monotonic() + 10
    while any("multiprocessing" in words(Path("/proc", name)) for name in children):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def words(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def test_counts_are_said_and_what_was_left_out_is_named(
    captions: Path, whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(captions, whole)) == 0
    out, err = capsys.readouterr()
    assert "100 samples" in out
    assert "20 duplicates merged" in out
    assert "1 missing photo" in err
    assert "refused.csv" in err
    assert main([*arguments(captions, whole), "--json"]) == 0
    built = json.loads(capsys.readouterr().out)
    assert built["samples"] == 100
    assert built["refused"] == {"missing photo": 1}


def test_a_folder_at_work_is_not_shared(
    captions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with subprocess.Popen(
        command(*arguments(captions, out)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while not (out / ".build" / "journal.sqlite-wal").exists():
            time.sleep(0.001)
        os.kill(process.pid, signal.SIGSTOP)
        try:
            assert main(arguments(captions, out)) == 1
            assert "another build is at work" in capsys.readouterr().err
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["nowhere", "--out", "o"], "nowhere does not exist"),
        ([".", "--out", "o", "--size", "3"], "size is 3"),
        ([".", "--out", "o"], "holds no photos"),
    ],
)
def test_what_cannot_be_built_is_said_in_a_line(
    wrong: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["data", "build", *wrong, "--json"]) == 1
    out, err = capsys.readouterr()
    assert said in json.loads(out)["error"]
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "wrong",
    [[], ["x"], ["x", "--out", "o", "--ray-address", "a"], ["x", "--out", "o", "--dev", "y"]],
)
def test_wrong_usage_is_exit_status_2(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["data", "build", *wrong])
    assert end.value.code == 2


def test_without_ray_the_extra_is_named(
    captions: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main([*arguments(captions, tmp_path / "out"), "--engine", "ray"]) == 1
    assert "pip install 'ansa[scale]'" in capsys.readouterr().err
