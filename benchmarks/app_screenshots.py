"""Takes the screenshots of the app for the documentation, with landscapes that are drawn here.

    python -m benchmarks.app_screenshots docs

It needs Debian's chromium. Nothing but what this file draws is in the pictures.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ansa import Library
from ansa.app.context import AppContext
from ansa.app.security import new_token
from ansa.app.server import AppServer
from ansa.model.analyzer import Analyzer
from tests.photos import exif_block

_COUNT = 36
_PLACES = ((48.86, 2.35), (38.72, -9.14), (64.15, -21.94), (41.9, 12.5), (35.68, 139.65))
_SKIES = (
    ((20, 24, 62), (226, 120, 90)),
    ((64, 130, 200), (214, 232, 244)),
    ((250, 176, 96), (252, 226, 178)),
    ((40, 60, 110), (150, 170, 210)),
    ((110, 160, 190), (240, 230, 214)),
)
_LANDS = ((46, 92, 66), (88, 70, 60), (52, 74, 110), (120, 104, 70), (36, 52, 58))
_WIDTH = 1200


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws the photos, indexes them, and takes the pictures."""
    out = Path((sys.argv[1:] if arguments is None else list(arguments))[0])
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as base:
        folder, database = Path(base) / "Pictures", Path(base) / "library.sqlite"
        folder.mkdir()
        draw_album(folder)
        with Library(folder, database=database, analyzer=Analyzer()) as library:
            library.index(thumbnails=True)
        server = AppServer(AppContext(folder, database, None, new_token()))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            with sync_playwright() as play:
                browser = play.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox"]
                )
                _shoot(browser, server, out)
                browser.close()
        finally:
            server.stop()
            thread.join()
    return 0


def _shoot(browser: Any, server: AppServer, out: Path) -> None:
    shots = (
        ("app-photos.jpg", "photos", ".tile img.ready", "light", (1280, 800)),
        ("app-places.jpg", "places", ".pin img", "dark", (1280, 800)),
    )
    for name, page_name, ready, scheme, (width, height) in shots:
        window = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        window.set_default_timeout(180_000)
        page = window.new_page()
        page.goto(server.address)
        page.goto(f"http://{server.host}:{server.port}/#/{page_name}")
        page.locator(ready).first.wait_for()
        page.wait_for_timeout(6000)
        page.screenshot(path=str(out / name), type="jpeg", quality=80)
        window.close()


def draw_album(folder: Path) -> None:
    """Draws an album of some weeks, with times and places, into a folder."""
    rng = random.Random(7)  # noqa: S311
    day = datetime(2023, 4, 1, 10)
    number = 0
    while number < _COUNT:
        place = _PLACES[0] if rng.random() < 0.6 else rng.choice(_PLACES)
        for _ in range(rng.choice((2, 3, 4, 6, 8))):
            size = rng.choice(((1200, 800), (1200, 900), (800, 1066), (1200, 675)))
            exif = exif_block(
                taken=f"{day:%Y:%m:%d %H:%M:%S}",
                place=(place[0] + rng.gauss(0, 0.05), place[1] + rng.gauss(0, 0.05)),
            )
            landscape(rng, size).save(folder / f"{number:03}.jpg", quality=88, exif=exif)
            number += 1
            day += timedelta(minutes=rng.randint(5, 90))
        day += timedelta(days=rng.randint(3, 32))


def landscape(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Draws a landscape: a sky with a sun or a moon, ridges in haze, and perhaps water."""
    width, height = size
    top, low = rng.choice(_SKIES)
    rows = np.linspace(0, 1, height)[:, None, None]
    sky = np.broadcast_to(np.array(top) * (1 - rows) + np.array(low) * rows, (height, width, 3))
    image = Image.fromarray(sky.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    radius = rng.randint(height // 22, height // 9)
    x, y = rng.randint(width // 6, 5 * width // 6), rng.randint(height // 8, height // 2)
    glow = Image.new("L", size, 0)
    ImageDraw.Draw(glow).ellipse(
        (x - 3 * radius, y - 3 * radius, x + 3 * radius, y + 3 * radius), 90
    )
    image.paste(
        Image.new("RGB", size, (255, 244, 214)), mask=glow.filter(ImageFilter.GaussianBlur(radius))
    )
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), (255, 246, 222))
    land = np.array(rng.choice(_LANDS), float)
    ridges = rng.randint(3, 5)
    for ridge in range(ridges):
        haze = (ridge + 1) / ridges
        colour = tuple(int(c) for c in np.array(low) * (1 - haze) + land * haze)
        base = height * (0.5 + 0.12 * ridge)
        steps = np.arange(0, width + 8, 8)
        waves = [
            rng.uniform(4, 26)
            * (1.4 - haze / 2)
            * np.sin(steps / rng.uniform(30, 260) + rng.random() * 6)
            for _ in range(5)
        ]
        line = np.sum(waves, axis=0)
        points = list(zip(steps.tolist(), (base + line).tolist(), strict=True))
        draw.polygon([*points, (width, height), (0, height)], fill=colour)
    if rng.random() < 0.45:
        shore = int(height * rng.uniform(0.72, 0.85))
        water = image.crop((0, 2 * shore - height, width, shore)).transpose(
            Image.Transpose.FLIP_TOP_BOTTOM
        )
        image.paste(
            water.filter(ImageFilter.GaussianBlur(3)).point(lambda v: int(v * 0.82)), (0, shore)
        )
    noise = np.random.default_rng(rng.randint(0, 10**6)).normal(0, 4, (height, width, 1))
    return Image.fromarray(np.clip(np.asarray(image, float) + noise, 0, 255).astype(np.uint8))


if __name__ == "__main__":
    sys.exit(main())
