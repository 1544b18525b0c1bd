"""``ansa forget``: it says what goes and what stays, asks on a terminal, and lists folders."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Run, command, home


@pytest.fixture
def forget(run: Run, photos: Path) -> Run:
    run("index", str(photos))

    def forget(*args: str | bytes, **env: str) -> subprocess.CompletedProcess[bytes]:
        return run("forget", *args, **env)

    return forget


def test_a_folder_is_forgotten_and_told(forget: Run, photos: Path) -> None:
    inner = str(photos / "deeper")
    dry = forget(inner, "--dry-run", "--json")
    told = json.loads(dry.stdout)
    assert (told["files"], told["lost"], told["forgotten"]) == (1, 1, False)
    done = forget(inner)
    assert done.returncode == 0
    assert f"{inner}: 1 file forgotten" in done.stdout.decode()
    assert "1 photo in no other folder of the library" in done.stdout.decode()
    assert f"comes back with `ansa index {photos}`" in done.stdout.decode()
    assert forget(inner).returncode == 1
    assert (photos / "deeper" / "blue.png").exists()


def test_without_a_folder_it_lists_them(forget: Run, photos: Path) -> None:
    assert forget().stdout.decode().splitlines() == [f"{photos}  6 photos", "1 folder"]
    photos.rename(photos.with_name("away"))
    assert b"6 photos, not there now" in forget().stdout
    assert json.loads(forget("--json").stdout) == {
        "folders": [{"folder": str(photos), "there": False, "photos": 6}]
    }


def test_on_a_terminal_it_asks_first(forget: Run, photos: Path, tmp_path: Path) -> None:
    for answer, status in ((b"\n", 1), (b"n\n", 1), (b"y\n", 0)):
        outer, inner = pty.openpty()
        asked = subprocess.Popen(
            command("forget", str(photos)),
            env=home(tmp_path),
            stdin=inner,
            stderr=inner,
            stdout=subprocess.PIPE,
        )
        os.close(inner)
        os.write(outer, answer)
        out, _ = asked.communicate(timeout=120)
        shown = os.read(outer, 10_000).decode()
        os.close(outer)
        assert "would be forgotten" in shown
        assert asked.returncode == status, shown
        assert (b"forgotten" in out) == (status == 0)
    assert forget().stdout == b"0 folders\n"


def test_an_unknown_folder_is_an_error(forget: Run, photos: Path) -> None:
    done = forget(str(photos / "none"), "--json")
    assert done.returncode == 1
    assert "knows nothing of this folder" in json.loads(done.stdout)["error"]
    assert forget("").returncode == 2
