"""A tiny bundle, a few coloured photos, and the command as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.bundles import COLOURS, write_bundle

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_bundle(tmp_path_factory.mktemp("bundle")))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with one photo of each colour, and one file that is no photo any more."""
    folder = tmp_path / "photos"
    (folder / "deeper").mkdir(parents=True)
    for name, colour in COLOURS.items():
        paint(folder / ("deeper" if name == "blue" else "") / f"{name}.png", colour)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    return folder


@pytest.fixture
def run(tmp_path: Path, bundle: str) -> Run:
    """Runs ``ansa`` in a process of its own, with the tiny bundle and a home of its own."""

    def run(*args: str | bytes, **env: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command(*args, "--bundle", bundle),
            env=home(tmp_path) | env,
            capture_output=True,
            timeout=120,
        )

    return run


def command(*args: str | bytes) -> list[str | bytes]:
    return [sys.executable, "-m", "ansa", *args]


def home(folder: Path) -> dict[str, str]:
    """The environment of a user whose home is ``folder``."""
    return dict(os.environ) | {"HOME": str(folder), "XDG_DATA_HOME": str(folder / "data")}


def paint(path: Path, colour: tuple[float, float, float]) -> None:
    pixels = np.full((40, 60, 3), np.array(colour) * 255, np.uint8)
    with path.open("wb") as file:  # Pillow would not write to a name that is not UTF-8
        Image.fromarray(pixels).save(file, "PNG")
