"""How soon does the app show a library of 100,000 photos, and how much memory does it take?

    python -m benchmarks.app

The library's file is made with random unit vectors and one photo every hour, and the file beside it
with a small picture of a drawn photo for each. The app runs as the command that people type,
without indexing, and Debian's chromium uses it: it opens the address, waits for the list of all
photos, scrolls to places far apart, scrolls evenly, rests for a second, and types. Without
chromium, only requests are timed.

Small pictures are made of a drawn photo of 12 megapixels: as indexing makes them, which reads each
photo once for its analysis and its picture, and of the file alone, as the app does for a picture
that was dropped. The decoder shrinks a JPEG to an eighth while it reads it. What then remains is to
undo the entropy coding of the whole file: without colour, it takes as long. Their rates are those
of all cores by processor time, which other programs hardly change, and each takes turns with what
it is compared with.
"""

from __future__ import annotations

import io
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from ansa import Analyzer
from ansa.app.context import AppContext
from ansa.app.security import new_token
from ansa.app.server import AppServer
from ansa.library.storage.store import Store
from ansa.library.thumbnails.cache import ThumbnailCache
from ansa.library.thumbnails.picture import make_picture, picture_of_read
from ansa.photo.read import read_in_colour
from ansa.processors import processor_count
from ansa_train.benchmark.machine import timed
from ansa_train.benchmark.question_report import QuestionReport, parse
from benchmarks.app_in_browser import has_browser, visit
from benchmarks.search import QUERIES, random_records

_BATCH = 1000
_FIRST_SECONDS, _SCREEN_MS, _TYPING_MS, _MEGABYTES = 1.0, 150.0, 150.0, 600.0
_FRAMES, _FRAME_MS, _PAGE_KILOBYTES, _PICTURES_A_SECOND = 59.0, 1000 / 60, 300.0, 150.0
_START = datetime(2010, 1, 1)
_FAINTER = 0.8  # than structures of twice the size; as faint as in photos, by the size of WebPs


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, photos=100_000, queries=20, pictures=20)
    report = QuestionReport("app", __doc__, options)
    analyzer = Analyzer(options.bundle)
    queries = [QUERIES[n % len(QUERIES)] for n in range(options.queries)]
    with tempfile.TemporaryDirectory() as base:
        database = Path(base) / "library.sqlite"
        _fill(database, analyzer, options.photos)
        if has_browser():
            _in_browser(report, database, options.bundle, queries)
        else:
            report.note("There was no chromium, so that nothing was measured in a browser.")
        _by_requests(report, database, options.bundle, queries)
    _pictures(report, options.pictures)
    return report.write()


def _in_browser(
    report: QuestionReport, database: Path, bundle: str | None, queries: Sequence[str]
) -> None:
    seen = visit(database, bundle, ["a tree", *queries], len(queries))
    report.add("command to a screen of pictures", seen.first, "s", at_most=_FIRST_SECONDS)
    report.add("of that, until the app has an address", seen.address, "s")
    report.add("of that, processor time of the app", seen.server, "s")
    report.add("command to the list of all photos", seen.whole, "s")
    report.add_times("scrolling far to a screen of pictures", seen.screens, at_most=_SCREEN_MS)
    report.add("the first search, with what it loads", seen.first_typed * 1e3, "ms")
    report.add_times("typing to results on the screen", seen.typed, at_most=_TYPING_MS)
    report.add("frames while scrolling", seen.frames, "a second", at_least=_FRAMES)
    report.add("the longest time between two frames", seen.longest * 1e3, "ms")
    report.add("processor time of the page for a frame", seen.work * 1e3, "ms", at_most=_FRAME_MS)
    report.add("memory of the app", seen.megabytes, "MB", at_most=_MEGABYTES)
    report.add("page without photos, as sent", seen.page_bytes / 1e3, "kB", at_most=_PAGE_KILOBYTES)
    report.add("the list of all photos, as sent", seen.timeline_bytes / 1e3, "kB")


def _by_requests(
    report: QuestionReport, database: Path, bundle: str | None, queries: Sequence[str]
) -> None:
    began = time.perf_counter()
    server = AppServer(AppContext(None, database, bundle, new_token()))
    thread = threading.Thread(target=server.run)
    thread.start()
    _get(server, "/api/v1/timeline")
    first = time.perf_counter() - began
    report.add("start to the timeline", first, "s", at_most=_FIRST_SECONDS)
    searches = [f"/api/v1/search?q={text.replace(' ', '+')}" for text in queries]
    _get(server, searches[0])
    times = [timed(partial(_get, server, path)) for path in searches]
    report.add_times("a search", times, at_most=_TYPING_MS)
    server.stop()
    thread.join()


def _pictures(report: QuestionReport, rounds: int) -> None:
    data = drawn_photo()
    read = read_in_colour(data, min_side=256)

    def decode(mode: str, share: int) -> None:
        image = Image.open(io.BytesIO(data))
        image.draft(mode, (image.width // share, image.height // share))
        image.load()

    seconds = _processor_seconds(
        {
            "indexing": lambda: picture_of_read(read, "grid"),
            "file": lambda: make_picture(data, "grid"),
            "decoding": lambda: decode("RGB", 8),
            "brightness": lambda: decode("L", 8),
            "full size": lambda: decode("RGB", 1),
        },
        rounds,
    )
    cores = processor_count()
    report.add(
        "small pictures while indexing",
        cores / seconds["indexing"],
        "a second",
        at_least=_PICTURES_A_SECOND,
    )
    report.add(
        "small pictures of files", cores / seconds["file"], "a second", at_least=_PICTURES_A_SECOND
    )
    report.add("decoding alone, by Pillow", cores / seconds["decoding"], "a second")
    report.add("a small picture of a file / decoding alone", seconds["file"] / seconds["decoding"])
    share = seconds["brightness"] / seconds["decoding"]
    report.add("decoding its brightness alone / decoding", share)
    report.add("decoding in full size / decoding", seconds["full size"] / seconds["decoding"])
    report.add("the file", len(data) / 1e6, "MB")
    report.add("its small picture", len(make_picture(data, "grid")) / 1e3, "kB")


def _processor_seconds(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median processor time of each call; they take turns."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.thread_time()
            call()
            times[name].append(time.thread_time() - began)
    return {name: float(np.median(each)) for name, each in times.items()}


def _fill(database: Path, analyzer: Analyzer, photos: int) -> None:
    store = Store(database)
    root = store.add_root(b"/photos")
    bundle = store.add_bundle(analyzer.bundle.id)
    records = random_records(photos, analyzer)
    cache = ThumbnailCache(database)
    pictures = _small_pictures()
    for start in range(0, photos, _BATCH):
        batch = []
        for number in range(start, min(start + _BATCH, photos)):
            record = next(records)
            assert record.facts is not None
            assert record.digest is not None
            taken = _START + timedelta(hours=number)
            batch.append(replace(record, facts=replace(record.facts, taken=taken)))
            cache.put(record.digest, "grid", pictures[number % len(pictures)])
        store.save(root, bundle, batch)
    cache.close()
    store.close()


def _get(server: AppServer, path: str) -> bytes:
    request = urllib.request.Request(
        f"http://{server.host}:{server.port}{path}",
        headers={"Authorization": f"Bearer {server.context.token}"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
        data: bytes = answer.read()
        return data


def _small_pictures() -> list[bytes]:
    """Small pictures of different drawn photos."""
    made = []
    for seed in range(20):
        out = io.BytesIO()
        _detailed(480, 360, seed).save(out, "JPEG", quality=90)
        made.append(make_picture(out.getvalue(), "grid"))
    return made


def drawn_photo() -> bytes:
    """A drawn picture of 12 megapixels with as much detail as a photo has, a JPEG of some 3 MB."""
    out = io.BytesIO()
    _detailed(4000, 3000, 0).save(out, "JPEG", quality=93)
    return out.getvalue()


def _detailed(width: int, height: int, seed: int) -> Image.Image:
    """Draws structures of all sizes, the smaller the fainter, as photos have them."""
    rng = np.random.default_rng(seed)
    light = np.asarray(_structures(rng, width, height))
    channels = []
    for _ in range(3):
        tint = _structures(rng, width // 8, height // 8).resize(
            (width, height), Image.Resampling.BILINEAR
        )
        channels.append(np.clip(128 + 45 * light + 15 * np.asarray(tint), 0, 255).astype(np.uint8))
    return Image.fromarray(np.stack(channels, axis=-1))


def _structures(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Draws them in one channel, with a mean of 0 and a standard deviation of 1."""
    whole = np.zeros((height, width), np.float32)
    across, strength = 4, 1.0
    while across <= width:
        shape = max(2, across * height // width), across
        layer = Image.fromarray(rng.standard_normal(shape, np.float32))
        whole += strength * np.asarray(layer.resize((width, height), Image.Resampling.BICUBIC))
        across, strength = across * 2, strength * _FAINTER
    return Image.fromarray((whole - whole.mean()) / whole.std())


if __name__ == "__main__":
    sys.exit(main())
