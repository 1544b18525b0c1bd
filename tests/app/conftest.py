"""A small library of drawn photos, and the app over it: without a socket, and as a real server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
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
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_SECONDS = 60  # what a page may take where a core is free; see load

needs_browser = pytest.mark.skipif(
    CHROMIUM is None or find_spec("playwright") is None,
    reason="THE PAGES ARE NOT TESTED: install chromium (apt install chromium) and playwright",
)


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


@pytest.fixture
def own(shelf: Shelf, tmp_path: Path) -> Shelf:
    """The library with photos of its own, which may be moved: here a folder is a real one."""
    photos = tmp_path / "photos"
    shutil.copytree(shelf.photos, photos)
    with Library(database=shelf.database) as library:
        (root,) = library.store.roots().values()
        library.store.rename_root(root, os.fsencode(photos))
    return Shelf(photos, shelf.database, shelf.bundle)


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
    thread.join(20 * load())
    assert not thread.is_alive(), "the server ends when it is told to"


def printed_address(running: subprocess.Popen[str]) -> str:
    """The start address that an app in a process of its own prints as JSON."""
    assert running.stdout is not None
    printed = ""
    while not printed.endswith("}\n"):
        line = running.stdout.readline()
        assert line, f"the app ended after {printed!a}"
        printed += line
    address: str = json.loads(printed)["address"]
    return address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's chromium, without a window.

    It ends with its module, since no test of this process could run an event loop beside it.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        patience = _SECONDS * 1000 * load()
        made = play.chromium.launch(executable_path=CHROMIUM, args=_QUIET, timeout=patience)
        yield made
        made.close()


@pytest.fixture
def page(browser: Any, server: AppServer) -> Iterator[Any]:
    """A page of the app; every error in it fails the test, and so does a foreign request."""
    with window_on(browser, server) as made:
        yield made


@contextmanager
def window_on(
    browser: Any, server: AppServer, *, may_fail: bool = False, **options: Any
) -> Iterator[Any]:
    """A window of its own on an app; see :func:`page`. With ``may_fail``, requests may fail."""
    window = browser.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
    window.set_default_timeout(_SECONDS * 1000 * load())
    made = window.new_page()
    own = f"http://{server.host}:{server.port}/", "blob:", "data:"
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    made.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    made.on(
        "response",
        lambda said: errors.append(f"{said.status} {said.url}") if said.status >= 400 else None,
    )
    made.on(
        "request",
        lambda asked: None if asked.url.startswith(own) else errors.append(asked.url),
    )
    made.on("websocket", lambda opened: errors.append(opened.url))
    made.goto(server.address)
    yield made
    window.close()
    assert may_fail or errors == []


def until(page: Any, expression: str) -> None:
    """Waits until it is true; Playwright's own way of it is against the policy of the pages."""
    deadline = time.monotonic() + _SECONDS * load()
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        time.sleep(0.05)


def opened(page: Any, server: AppServer, name: str) -> Any:
    """The page of a name."""
    page.goto(f"http://{server.host}:{server.port}/#/{name}")
    return page


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
