"""A tiny bundle, a few coloured photos, and the command as a user runs it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa.cli import main
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
def run(tmp_path: Path, bundle: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``ansa`` with the tiny bundle and a home of its own."""
    return run_with(bundle, tmp_path, monkeypatch)


def run_with(bundle: str, base: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``ansa`` as a process of its own would, with a bundle and ``base`` as the home.

    It is one only if it gets an environment: starting one takes longer than most verbs do.
    """

    def run(*args: str | bytes, **env: str) -> subprocess.CompletedProcess[bytes]:
        full = command(*args, "--bundle", bundle)
        if env:
            return subprocess.run(
                full, env=home(base) | env, capture_output=True, timeout=120, check=False
            )
        out, err = io.BytesIO(), io.BytesIO()
        with monkeypatch.context() as patch:
            for name, value in home(base).items():
                patch.setenv(name, value)
            patch.setattr(warnings, "showwarning", warnings.showwarning)  # main sets it
            patch.setattr(sys, "stdout", io.TextIOWrapper(out, "utf-8", newline=""))
            patch.setattr(sys, "stderr", io.TextIOWrapper(err, "utf-8", newline=""))
            try:
                status = main([os.fsdecode(arg) for arg in full[3:]])
            except SystemExit as ended:
                status = int(ended.code or 0)
            sys.stdout.flush()
            sys.stderr.flush()
            return subprocess.CompletedProcess(full, status, out.getvalue(), err.getvalue())

    return run


def command(*args: str | bytes) -> list[str | bytes]:
    return [sys.executable, "-m", "ansa", *args]


def home(folder: Path) -> dict[str, str]:
    """The environment of a user whose home is ``folder``."""
    folders = {"XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config"}
    own = {name: str(folder / inner) for name, inner in folders.items()}
    return dict(os.environ) | {"HOME": str(folder), **own}


def paint(path: Path, colour: tuple[float, float, float]) -> None:
    pixels = np.full((40, 60, 3), np.array(colour) * 255, np.uint8)
    with path.open("wb") as file:  # Pillow would not write to a name that is not UTF-8
        Image.fromarray(pixels).save(file, "PNG")
