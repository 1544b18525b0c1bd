"""The files of a made library while it is planned: pictures that are left, groups, unique names."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from random import Random

from tests.world.pictures import EVERYDAY, Pictures
from tests.world.truth import File

PHONE, CAMERA, SCANNER = "Pixel Works P7", "Kanon PowerShoot 9", "Paperworks S1"

CLUTTER_SHARES = {
    "receipt": 0.03,
    "document": 0.03,
    "screenshot": 0.03,
    "code": 0.015,
    "meme": 0.02,
    "blank": 0.02,
}
"""Of all files, by kind."""


class LibraryFiles:
    """Files, and the pictures that no file shows yet.

    Args:
        pictures: what photos show.
        rng: all chance.
    """

    def __init__(self, pictures: Pictures, rng: Random) -> None:
        self.pictures, self.rng = pictures, rng
        self.pool = {theme: list(keys) for theme, keys in pictures.photos().items()}
        for keys in self.pool.values():
            rng.shuffle(keys)
        self.files: list[File] = []
        self._paths: set[str] = set()
        self._groups = 0

    def take(self, theme: str) -> str:
        """Returns a photo that nothing shows yet, of the theme if there is one left; "" if there
        is none at all."""
        fullest = max(self.pool, key=lambda name: (len(self.pool[name]), name))
        for name in (theme, EVERYDAY, fullest):
            if self.pool.get(name):
                return self.pool[name].pop()
        return ""

    def drop(self, key: str) -> None:
        """Removes a photo from those that nothing shows yet."""
        for keys in self.pool.values():
            if key in keys:
                keys.remove(key)

    def group(self) -> str:
        """Returns the name of a new group."""
        self._groups += 1
        return f"g{self._groups:05}"

    def add(self, file: File) -> None:
        """Adds a file, with a number in its name if there is one of that name."""
        stem, _, suffix = file.path.rpartition(".")
        path, number = file.path, 1
        while path.lower() in self._paths:
            number += 1
            path = f"{stem}_{number}.{suffix}"
        self._paths.add(path.lower())
        self.files.append(replace(file, path=path))


def camera_path(file: File, taken: datetime, number: int, album: str = "") -> str:
    """Returns how a camera calls a file, in the folder of an album if there is one."""
    if file.make == "film":
        name, folder = f"VID_{taken:%Y%m%d_%H%M%S}.mp4", f"Camera/{taken:%Y-%m}"
    elif file.camera == PHONE:
        name, folder = f"IMG_{taken:%Y%m%d_%H%M%S}.jpg", f"Camera/{taken:%Y-%m}"
    else:
        name, folder = f"IMG_{number:05}.JPG", f"DCIM/{taken:%Y}"
    return f"{album or folder}/{name}"


def undated(file: File) -> File:
    """Returns a file as one that says nothing."""
    return replace(
        file, moment="", trip="", taken="", offset="", clock="none", place=None, camera=""
    )
