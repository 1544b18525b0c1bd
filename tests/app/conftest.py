"""A small library of drawn photos, and the app over it: without a socket, and as a real server."""

from __future__ import annotations

import os
import shutil
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

import pytest
from starlette.testclient import TestClient

from ansa.app.context import AppContext
from ansa.app.server import AppServer, create_app
from ansa.library import Library
from ansa.model.analyzer import Analyzer
from tests.cli.conftest import paint
from tests.library.seen import seeing_bundle
from tests.photos import write_photo

TOKEN = "the-token-of-these-tests"
PORT = 8000
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass(frozen=True)
class Shelf:
    """A folder of photos that was indexed, its library and its bundle."""

    photos: Path
    database: Path
    bundle: Path


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """40 photos of two years, twelve of them of one day, some in Vienna, a copy, a receipt (green)
    and a screenshot (blue)."""
    base = tmp_path_factory.mktemp("app")
    photos = base / "photos"
    photos.mkdir()
    for n in range(40):
        taken = f"20{22 + n // 20}:{1 + n % 12:02}:{1 + n % 5:02} 10:{n:02}:00"
        if n >= 28:  # a day with many more photos than usual is a memory
            taken = f"2023:06:10 {n - 20:02}:00:00"
        size = (320, 240) if n % 3 else (240, 320)
        place = (48.2, 16.4) if n % 4 == 0 else None
        exif = {"taken": taken} | ({"place": place} if place else {})
        write_photo(photos / f"photo {n:02}.jpg", seed=n, size=size, **exif)
    shutil.copy(photos / "photo 03.jpg", photos / "photo 03 copy.jpg")
    paint(photos / "receipt.png", (0, 1, 0))
    paint(photos / "screen.png", (0, 0, 1))
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    shelf = Shelf(photos, base / "library.sqlite", seeing_bundle(base / "bundle"))
    with Library(photos, database=shelf.database, analyzer=Analyzer(shelf.bundle)) as library:
        library.index(workers=1, thumbnails=True)
    return shelf


@pytest.fixture
def shelf(indexed: Shelf, tmp_path: Path) -> Shelf:
    """The same, of its own for a test that changes something."""
    for file in indexed.database.parent.glob("library.sqlite*"):
        shutil.copy(file, tmp_path / file.name)
    return Shelf(indexed.photos, tmp_path / "library.sqlite", indexed.bundle)


@pytest.fixture
def context(shelf: Shelf) -> Iterator[AppContext]:
    made = AppContext(shelf.photos, shelf.database, str(shelf.bundle), TOKEN)
    yield made
    made.close()


@pytest.fixture
def client(context: AppContext) -> Iterator[TestClient]:
    """A program that knows the token."""
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Ansa-Token": TOKEN}
    with client_of(context, **headers) as made:
        yield made


def client_of(context: AppContext, **headers: str) -> TestClient:
    app = create_app(context, PORT)
    return TestClient(app, base_url=f"http://127.0.0.1:{PORT}", headers=headers)


@pytest.fixture
def server(context: AppContext) -> Iterator[AppServer]:
    """The app as a server of its own."""
    made = AppServer(context)
    thread = threading.Thread(target=made.run)
    thread.start()
    for _ in range(200):
        try:
            urllib.request.urlopen(made.address, timeout=5).close()
        except HTTPError:  # without the cookie, which is an answer, too
            break
        except OSError:
            time.sleep(0.05)
    yield made
    made.stop()
    thread.join(20)
    assert not thread.is_alive(), "the server ends when it is told to"


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Time and content of every file in a folder."""
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def load() -> float:
    """How many processes wait for each core, at least 1: bounds on times are stretched by it."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
