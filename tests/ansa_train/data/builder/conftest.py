"""Photos in label folders, and the bytes of what a build left."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.photos import write_photo

LABELS = ("cat", "dog", "sea")
PHOTOS = 24


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 photos of three labels, and one file that is no photo any more."""
    folder = tmp_path_factory.mktemp("labelled")
    for number in range(PHOTOS):
        label = folder / LABELS[number % 3]
        label.mkdir(exist_ok=True)
        write_photo(label / f"{number:03}.jpg", seed=number, size=(100, 80))
    (folder / "cat" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def samples(folder: Path) -> dict[str, dict[str, Any]]:
    """What the JSON of every sample says, by its key."""
    notes = {}
    for file in sorted(folder.glob("*.tar")):
        with tarfile.open(file) as tar:
            for member in tar:
                if member.name.endswith(".json"):
                    stream = tar.extractfile(member)
                    assert stream is not None
                    note = json.load(stream)
                    notes[note["key"]] = note
    return notes
