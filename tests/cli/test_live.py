"""``ansa live``: what is seen while one frames, with a film in place of the camera."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.films import write_film


def test_every_frame_of_a_film_is_seen_and_hints_are_counted(run: Run, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", [((120, 120, 120), 1), ((0, 0, 0), 2)])
    done = run("live", "--film", str(film), "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert told["frames"] == 30
    assert told["hints"]["night"] > 5
    assert told["changes"][0]["hints"] == []
    short = run("live", "--film", str(film), "--seconds", "1")
    assert b"10 frames" in short.stdout


def test_a_camera_or_film_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    done = run("live", "--camera", "/dev/no-such-camera")
    assert done.returncode == 1
    assert b"/dev/no-such-camera" in done.stderr
    done = run("live", "--film", str(tmp_path / "none.mp4"))
    assert done.returncode == 1
    assert b"none.mp4" in done.stderr
