"""`docs/adding-a-head.md`, word for word: its files are written, its commands run, its promises
kept, in a copy of the project with photos of the demo."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage
import sklearn.datasets
from PIL import Image

from ansa import Bundle
from tests.bundles import write_bundle

REPOSITORY = Path(__file__).parents[1]
PAGE = (REPOSITORY / "docs" / "adding-a-head.md").read_text("utf-8")
BLOCKS = re.findall(r"(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EACH = 40
"""Photos of each kind."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the page touches, and photos: pieces of a cat, and of what is no cat."""
    folder = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns("bundles", "__pycache__")
    for package in ("ansa", "ansa_train"):
        shutil.copytree(REPOSITORY / "src" / package, folder / "src" / package, ignore=ignored)
    (folder / "src" / "ansa" / "bundles").mkdir()
    default = folder / "src" / "ansa" / "bundles" / "default"
    shipped = Bundle.open()
    if shipped.manifest.image.backbone:
        default.symlink_to(shipped.path)
    else:
        write_bundle(default)
    (folder / "recipes" / "heads").mkdir(parents=True)
    tests = folder / "tests" / "model" / "heads"
    tests.mkdir(parents=True)
    shutil.copy(REPOSITORY / "tests" / "model" / "heads" / "test_signals.py", tests)
    demo = Path(skimage.__file__).parent / "data"
    images = Path(sklearn.datasets.__file__).parent / "images"
    others = demo / "coffee.png", demo / "rocket.jpg", images / "china.jpg", images / "flower.jpg"
    pieces(folder / "photos" / "pet portrait", [demo / "chelsea.png"])
    pieces(folder / "photos" / "other", others)
    for name in ("ansa", "pytest"):
        command = folder / "bin" / name
        command.parent.mkdir(exist_ok=True)
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {name} "$@"\n')
        command.chmod(0o755)
    return folder


def pieces(folder: Path, photos: list[Path] | tuple[Path, ...]) -> None:
    """Windows of photos, each three quarters of a side, some mirrored."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for i in range(EACH):
        with Image.open(photos[i % len(photos)]) as whole:
            photo = whole.convert("RGB").resize((320, 240))
        left, top = (int(rng.integers(0, side // 4)) for side in photo.size)
        photo = photo.crop((left, top, left + 240, top + 180))
        if i % 2:
            photo = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        photo.save(folder / f"{i}.png")


def run(project: Path, command: list[str]) -> str:
    environment = dict(os.environ) | {
        "PATH": f"{project / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(project / "src"),
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def said(project: Path) -> list[str]:
    """What each command of the page printed, after its files were written; in their order."""
    for file, _, text in BLOCKS:
        if file:
            assert not (project / file).exists(), "the page begins with an empty file"
            (project / file).write_text(text, "utf-8")
    commands = {"sh": ["sh", "-ec"], "python": [sys.executable, "-c"]}
    return [run(project, [*commands[kind], text]) for file, kind, text in BLOCKS if not file]


def test_the_page_has_files_and_commands() -> None:
    assert [file for file, _, _ in BLOCKS if file] == [
        "src/ansa/model/heads/pets.py",
        "src/ansa_train/heads/pets.py",
        "recipes/heads/pets.toml",
        "tests/model/heads/test_pets.py",
    ]
    assert [kind for file, kind, _ in BLOCKS if not file] == ["sh", "sh", "python", "sh"]


def test_the_page_keeps_its_promises(project: Path, said: list[str]) -> None:
    built, trained, python, tests = said
    assert f"pets-data: {2 * EACH} samples" in built
    made = json.loads((project / "runs" / "heads" / "pets" / "head.json").read_text())
    assert made["metrics"]["accuracy"] >= 0.9
    assert f"accuracy {made['metrics']['accuracy']:.4g}" in trained
    assert re.search(r"^  pets: pet portrait [01]\.\d\d", trained, re.MULTILINE)
    assert python.startswith("pet portrait: 0.")
    assert "passed" in tests


def test_what_it_shows_is_kept_as_the_code_is(project: Path, said: list[str]) -> None:
    """The page's files pass the linter and the type checker, like all others."""
    files = [file for file, _, _ in BLOCKS if file.endswith(".py")]
    settings = str(REPOSITORY / "pyproject.toml")
    run(project, [sys.executable, "-m", "ruff", "check", "--config", settings, *files])
    run(project, [sys.executable, "-m", "ruff", "format", "--check", "--config", settings, *files])
