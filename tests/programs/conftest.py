"""A small library of painted photos: some in a folder that is told of, and some beside it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansa.library import Library
from ansa.model.analyzer import Analyzer
from tests.bundles import COLOURS
from tests.cli.conftest import paint
from tests.library.seen import seeing_bundle
from tests.photos import write_photo


@dataclass(frozen=True)
class Home:
    """A folder ``shown`` and a folder ``secret``, both indexed; their library and its bundle."""

    shown: Path
    secret: Path
    database: Path
    bundle: Path


@pytest.fixture(scope="session")
def home_of_photos(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One photo of each colour but red, twelve of one day, a copy of one that is secret, and a red
    one that is secret."""
    base = tmp_path_factory.mktemp("programs")
    home = Home(
        base / "photos" / "shown",
        base / "photos" / "secret",
        base / "library.sqlite",
        seeing_bundle(base / "bundle"),
    )
    home.secret.mkdir(parents=True)
    home.shown.mkdir()
    for name, colour in COLOURS.items():
        paint((home.secret if name == "red" else home.shown) / f"{name}.png", colour)
    for hour in range(12):
        taken = f"2024:05:01 {8 + hour:02}:00:00"
        write_photo(home.shown / f"{hour}.jpg", seed=hour, taken=taken, place=(48.2, 16.4))
    shutil.copy(home.shown / "3.jpg", home.shown / "3 copy.jpg")
    shutil.copy(home.shown / "3.jpg", home.secret / "3 hidden copy.jpg")
    shutil.copy(home.secret / "red.png", home.secret / "red copy.png")
    with Library(
        base / "photos", database=home.database, analyzer=Analyzer(home.bundle)
    ) as library:
        library.index(workers=1, thumbnails=True)
    return home
