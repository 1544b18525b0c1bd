"""How long does a search take in a library of 100,000 photos?

    python -m benchmarks.search

The library's file is made with random unit vectors of the bundle's length. A query is a whole call
of Library.search: the text is embedded, every vector compared, the best are looked up.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ansa import Analyzer, Library
from ansa.library.indexing.scan import Fingerprint
from ansa.library.storage.rows import EMBEDDING, FileRecord, Signal
from ansa.library.storage.store import Store
from ansa.library.storage.vectors import pack
from ansa.scene import Facts
from ansa_train.benchmark.machine import timed
from ansa_train.benchmark.question_report import QuestionReport, parse

_MILLISECONDS = 50
_BATCH = 1000
QUERIES = (
    "a black dog runs along a sandy beach",
    "children playing football in the park",
    "a birthday cake with candles",
    "snowy mountains under a blue sky",
    "a cat asleep on a red sofa",
    "people at a long table outdoors",
    "a sailing boat at sunset",
    "a receipt",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, photos=100_000, queries=200)
    report = QuestionReport("search", __doc__, options)
    analyzer = Analyzer(options.bundle)
    with tempfile.TemporaryDirectory() as base:
        database = Path(base) / "library.sqlite"
        _fill(database, analyzer, options.photos)
        report.add("the library's file", database.stat().st_size / 1e6, "MB")
        ever = _load(database, options.bundle)
        loads = [_load(database, options.bundle) for _ in range(3)]
        report.add("open and search, the first time ever", ever, "s")
        report.add("open and search, later", float(np.median(loads)), "s")
        with Library(database=database, analyzer=analyzer) as library:
            library.search(QUERIES[0])
            texts = [QUERIES[number % len(QUERIES)] for number in range(options.queries)]
            embed = [timed(partial(analyzer.embed_text, text)) for text in texts]
            times = [timed(partial(library.search, text)) for text in texts]
        report.add_times("a search after that", times, at_most=_MILLISECONDS)
        report.add("of that, embedding the text", float(np.median(embed)) * 1e3, "ms")
    report.note(
        "The first search ever with a bundle also embeds the everyday texts that scores are held"
        " against; they are then kept in the library."
    )
    return report.write()


def _load(database: Path, bundle: str | None) -> float:
    """Seconds to open a library and search it once, with networks that are not loaded yet."""

    def search() -> None:
        with Library(database=database, analyzer=Analyzer(bundle)) as library:
            library.search(QUERIES[0])

    return timed(search)


def _fill(database: Path, analyzer: Analyzer, photos: int) -> None:
    store = Store(database)
    root = store.add_root(b"/photos")
    bundle = store.add_bundle(analyzer.bundle.id)
    records = random_records(photos, analyzer)
    for start in range(0, photos, _BATCH):
        store.save(root, bundle, [next(records) for _ in range(min(_BATCH, photos - start))])
    store.close()


def random_records(photos: int, analyzer: Analyzer) -> Iterator[FileRecord]:
    """Yields photos with random embeddings, of unit length, as they are stored."""
    rng = np.random.default_rng(0)
    version = analyzer.bundle.manifest.heads[EMBEDDING].version
    for number in range(photos):
        vector = rng.standard_normal(analyzer.dim, np.float32)
        vector /= np.linalg.norm(vector)
        path = f"{number // 1000:04}/{number:06}.jpg".encode()
        yield FileRecord(
            path,
            Fingerprint(number, number, number),
            "ok",
            "",
            hashlib.sha256(path).digest(),
            Facts(4000, 3000, "JPEG"),
            (Signal(EMBEDDING, version, pack(vector, analyzer.dim)),),
        )


if __name__ == "__main__":
    sys.exit(main())
