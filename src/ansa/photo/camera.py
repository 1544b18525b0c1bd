"""Frames of a camera that is attached to this computer, or of a film in its place, by PyAV."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ansa.errors import FileError
from ansa.photo.errors import MissingDecoder
from ansa.photo.film import frames_of
from ansa.scene import Pixels

_FORMATS = {"linux": "v4l2", "darwin": "avfoundation", "win32": "dshow"}
_FIRST = {"linux": "/dev/video0", "darwin": "0", "win32": "video=Integrated Camera"}
_PATIENCE = 10.0  # seconds for the first frame, and between two


class CameraError(FileError):
    """A camera cannot be opened, or went away; ``file`` is its name."""


def camera_frames(
    camera: str | None = None, *, size: tuple[int, int] = (640, 480), rate: float = 30.0
) -> Iterator[tuple[float, Pixels]]:
    """Yields the frames of a camera, always the newest: who is slow skips some.

    Args:
        camera: its name: a device such as "/dev/video0"; the first one if left out.
        size: width and height to ask for.
        rate: frames a second to ask for.

    Yields:
        The time in seconds since the first frame; and RGB, uint8 (height, width, 3).

    Raises:
        CameraError: there is no such camera, another program uses it, or it went away.
        MissingDecoder: the package ``av`` is not installed.
    """
    try:
        import av
    except ImportError:
        raise MissingDecoder(
            "camera", "it needs one more package", "run pip install 'ansa[film]'"
        ) from None
    system = "linux" if sys.platform.startswith("linux") else sys.platform
    name = camera or _FIRST.get(system, "")
    if Path(name).is_file():
        raise CameraError(name, "it is a file and no camera", "name a film with --film")
    if system == "linux" and not Path(name).is_char_device():
        raise CameraError(name, "no such camera", "attach one, or name another with --camera")
    options = {"video_size": f"{size[0]}x{size[1]}", "framerate": f"{rate:g}"}
    try:
        container = av.open(name, "r", format=_FORMATS.get(system), options=options)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise _refused(name, error) from None
    with container:
        yield from _newest(container, name)


def film_frames(film: str | os.PathLike[str]) -> Iterator[tuple[float, Pixels]]:
    """Yields all frames of a film, as a camera would, without waiting between them.

    Yields:
        The time in seconds from the start; and RGB, uint8 (height, width, 3), upright.

    Raises:
        PhotoError: the film cannot be read.
    """
    yield from frames_of(film)


class _Newest:
    """The newest frame, handed from the thread that decodes to the one that analyzes."""

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._frame: Any = None
        self._error: Exception | None = None
        self._ended = False
        self.stopped = False

    def put(self, frame: Any) -> None:
        with self._ready:
            self._frame = frame
            self._ready.notify()

    def end(self, error: Exception | None) -> None:
        with self._ready:
            self._ended, self._error = True, error
            self._ready.notify()

    def take(self, name: str) -> Any:
        with self._ready:
            if not self._ready.wait_for(lambda: self._frame is not None or self._ended, _PATIENCE):
                raise CameraError(name, "it gives no more pictures", "attach it again")
            frame, self._frame = self._frame, None
            if frame is None:
                raise _gone(name, self._error)
            return frame


def _newest(container: Any, name: str) -> Iterator[tuple[float, Pixels]]:
    newest = _Newest()

    def read() -> None:
        try:
            for frame in container.decode(video=0):
                newest.put(frame)
                if newest.stopped:
                    break
            newest.end(None)
        except Exception as error:  # drivers fail in many ways when a camera goes away
            newest.end(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    began = time.monotonic()
    try:
        while True:
            frame = newest.take(name)
            pixels = np.ascontiguousarray(frame.to_ndarray(format="rgb24"))
            yield time.monotonic() - began, pixels
    finally:
        newest.stopped = True
        reader.join(_PATIENCE)


def _refused(name: str, error: Exception) -> CameraError:
    number = getattr(error, "errno", None)
    if number == 16:  # EBUSY
        return CameraError(name, "another program uses it", "close that program")
    if number in (1, 13):
        return CameraError(name, "it may not be used", "allow this program to use the camera")
    return CameraError(
        name,
        f"it cannot be opened as a camera ({getattr(error, 'strerror', None) or error})",
        "name another with --camera",
    )


def _gone(name: str, error: Exception | None) -> CameraError:
    said = getattr(error, "strerror", None) or (str(error) if error else "it ended")
    return CameraError(name, f"it went away ({said})", "attach it again")
