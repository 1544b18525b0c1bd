"""How soon does the app show a library of 100,000 photos, and how much memory does it take?

    python -m benchmarks.app

The library's file is made with random unit vectors and one photo every hour. The server runs in
this process, and is asked over a socket, as a browser does. Small pictures are made of a drawn
photo of 12 megapixels, by one thread: as indexing makes them, which reads each photo once for its
analysis and its picture, and of the file alone, as the app does for a picture that was dropped.
"""

from __future__ import annotations

import io
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from ansa import Analyzer
from ansa.app.context import AppContext
from ansa.app.server import AppServer, new_token
from ansa.library.storage.store import Store
from ansa.library.thumbnails.picture import make_picture, picture_of_read
from ansa.photo.read import read_in_colour
from ansa_train.benchmark.machine import timed
from ansa_train.benchmark.question_report import QuestionReport, parse
from benchmarks.search import QUERIES, random_records

_BATCH = 1000
_FIRST_SECONDS, _TYPING_MS, _MEGABYTES, _PICTURES_A_SECOND = 1.0, 150.0, 600.0, 75.0
_START = datetime(2010, 1, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, photos=100_000, queries=20, pictures=20)
    report = QuestionReport("app", __doc__, options)
    analyzer = Analyzer(options.bundle)
    with tempfile.TemporaryDirectory() as base:
        database = Path(base) / "library.sqlite"
        _fill(database, analyzer, options.photos)
        began = time.perf_counter()
        context = AppContext(None, database, options.bundle, new_token())
        server = AppServer(context)
        thread = threading.Thread(target=server.run)
        thread.start()
        _get(server, "/api/v1/timeline")
        first = time.perf_counter() - began
        report.add("start to the timeline", first, "s", at_most=_FIRST_SECONDS)
        _get(server, f"/api/v1/search?q={QUERIES[0].replace(' ', '+')}")
        texts = [QUERIES[n % len(QUERIES)].replace(" ", "+") for n in range(options.queries)]
        searches = [f"/api/v1/search?q={text}" for text in texts]
        times = [timed(partial(_get, server, path)) for path in searches]
        report.add_times("a search", times, at_most=_TYPING_MS)
        report.add("memory of the process", _megabytes(), "MB", at_most=_MEGABYTES)
        server.stop()
        thread.join()
    data = _photo()
    read = read_in_colour(data, min_side=256)
    seconds = timed(lambda: [picture_of_read(read, "grid") for _ in range(options.pictures)])
    rate = options.pictures / seconds
    report.add("small pictures while indexing", rate, "a second", at_least=_PICTURES_A_SECOND)
    seconds = timed(lambda: [make_picture(data, "grid") for _ in range(options.pictures)])
    report.add("small pictures of files", options.pictures / seconds, "a second")
    return report.write()


def _fill(database: Path, analyzer: Analyzer, photos: int) -> None:
    store = Store(database)
    root = store.add_root(b"/photos")
    bundle = store.add_bundle(analyzer.bundle.id)
    records = random_records(photos, analyzer)
    for start in range(0, photos, _BATCH):
        batch = []
        for number in range(start, min(start + _BATCH, photos)):
            record = next(records)
            assert record.facts is not None
            taken = _START + timedelta(hours=number)
            batch.append(replace(record, facts=replace(record.facts, taken=taken)))
        store.save(root, bundle, batch)
    store.close()


def _get(server: AppServer, path: str) -> bytes:
    request = urllib.request.Request(
        f"http://{server.host}:{server.port}{path}",
        headers={"Authorization": f"Bearer {server.context.token}"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
        data: bytes = answer.read()
        return data


def _megabytes() -> float:
    """Returns the memory of this process that is in use, in MB; 0 where Linux does not tell it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) / 1000


def _photo() -> bytes:
    """A picture of 12 megapixels with as much detail as a photo has, about 3 MB of JPEG."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 255, (300, 400, 3), dtype=np.uint8))
    out = io.BytesIO()
    coarse.resize((4000, 3000), Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
