"""A camera gives its newest frame, and says in words why it cannot."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from ansa.photo.camera import CameraError, camera_frames, film_frames
from ansa.photo.errors import PhotoError
from tests.films import write_film


def test_a_film_gives_every_frame_with_its_second(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", [((200, 0, 0), 1)])
    frames = list(film_frames(film))
    assert len(frames) == 10
    assert [round(second, 2) for second, _ in frames] == [round(n / 10, 2) for n in range(10)]
    assert frames[0][1].shape == (240, 320, 3)
    with pytest.raises(PhotoError):
        list(film_frames(tmp_path / "none.mp4"))


def test_a_camera_that_is_not_there_is_named() -> None:
    with pytest.raises(CameraError, match="no-such-camera"):
        next(camera_frames("/dev/no-such-camera"))


def test_no_file_is_opened_as_a_camera(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="name a film with --film"):
        next(camera_frames(str(write_film(tmp_path / "film.mp4"))))


class Device:
    """A container of a camera, as PyAV gives it, which goes away after some frames."""

    def __init__(self, frames: int, *, pause: float = 0.0) -> None:
        self._frames, self._pause = frames, pause

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def decode(self, video: int) -> Iterator[Any]:
        for number in range(self._frames):
            yield av.VideoFrame.from_ndarray(np.full((48, 64, 3), number, np.uint8), "rgb24")
            time.sleep(self._pause)
        raise OSError(19, "No such device")


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(Path, "is_char_device", lambda path: True)
    return monkeypatch


def test_a_camera_that_goes_away_is_told(device: pytest.MonkeyPatch) -> None:
    device.setattr(av, "open", lambda *given, **options: Device(5, pause=0.05))
    frames = camera_frames("/dev/video0")
    assert next(frames)[1].shape == (48, 64, 3)
    with pytest.raises(CameraError, match="went away"):
        list(frames)


def test_who_is_slow_gets_the_newest_frame(device: pytest.MonkeyPatch) -> None:
    device.setattr(av, "open", lambda *given, **options: Device(60, pause=0.01))
    frames = camera_frames("/dev/video0")
    next(frames)
    time.sleep(0.3)
    assert int(next(frames)[1].mean()) > 5
    frames.close()  # type: ignore[attr-defined]


def test_a_camera_that_another_program_uses_is_told(device: pytest.MonkeyPatch) -> None:
    def taken(*given: object, **options: object) -> Device:
        raise OSError(16, "Device or resource busy")

    device.setattr(av, "open", taken)
    with pytest.raises(CameraError, match="another program uses it"):
        next(camera_frames("/dev/video0"))
