"""How long does a search take in a large library, and how much memory does it need?

    python -m benchmarks.search
    python -m benchmarks.search --photos 1000000 --library build/million.sqlite

The library is made of random photos: unit vectors, tags, boxes, times, places, cameras and names. A
query is a whole call of Library.search: the text is understood and embedded, every vector compared,
the best are looked up. Memory is that of a fresh process, above what its networks take.
"""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from ansa import Analyzer, Library
from ansa.library.indexing.scan import Fingerprint
from ansa.library.storage.codec import encode
from ansa.library.storage.rows import EMBEDDING, FileRecord, Signal
from ansa.library.storage.store import Store
from ansa.library.storage.vectors import pack
from ansa.scene import Facts, Object, Tag
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.benchmark.machine import timed
from ansa_train.benchmark.question_report import QuestionReport, parse

_MEDIAN, _SLOWEST = 50, 100  # milliseconds, of the median and the 95th percentile
_USUAL = 100_000  # photos; of more, the median is to stay below the next number
_MEDIAN_OF_MORE = 500
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
"""Queries of pictures alone."""

TYPED = (
    *QUERIES,
    *("dog", "cats", "bicycle", "a woman in a red dress", "snow", "food on a plate", "a horse"),
    *("sunset last summer", "dog 2023", "beach in Lisbon", "may 2022", "photos from Rome"),
    *("shot on iPhone 13", "car shot on Canon EOS R5", "our trip to Kyoto", "at home"),
    *("Aunt Hildegard", "marlowe", "IMG_00042", "brindle cottage 2024"),
    *("two people", "three dogs", "a group photo", "me alone on a beach"),
    *("beach without people", "a dog, not a cat", "everything except flowers", "cat or dog"),
    *("perro en la playa", "ein Hund im Schnee", "自転車", "كلب", "elefant", "bicylce", "mountian"),
)
"""Queries of every kind: pictures, tags, times, places, cameras, names, numbers, negations, other
languages, typing errors."""

ONCE = ("photos from Munich", "last winter", "four people", "an umbrella, not a tree", "gato")
"""Other queries, after which places, trips, times, boxes and languages are loaded."""

_LOADS = 3
_SURE = 0.9
_TAGS = 25  # of a photo, as many as the shipped bundle stores of one
_TOWNS = ((38.716, -9.139), (41.894, 12.483), (48.137, 11.575), (35.011, 135.768))
_CAMERAS = ("Canon EOS R5", "Apple iPhone 13", "NIKON D750")
_FOLDERS = ("Marlowe", "Aunt Hildegard", "Brindle Cottage")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, photos=100_000, queries=200, library="")
    name = "search" if options.photos <= _USUAL else f"search-{options.photos}"
    report = QuestionReport(name, __doc__, options, "search")
    analyzer = Analyzer(options.bundle)
    with tempfile.TemporaryDirectory() as base:
        database = Path(options.library or Path(base) / "library.sqlite")
        new_file = not database.exists()
        if new_file:
            database.parent.mkdir(parents=True, exist_ok=True)
            _fill(database, analyzer, options.photos)
        _check(database, analyzer, options.photos)
        report.add("the library's file", database.stat().st_size / 1e6, "MB")
        ever = _load(database, options.bundle)
        often = _LOADS if options.photos <= _USUAL else 1  # of a million, it takes minutes
        loads = [_load(database, options.bundle) for _ in range(often)]
        if new_file:
            report.add("open and search, the first time ever", ever, "s")
        report.add("open and search, later", float(np.median(loads)), "s")
        with Library(database=database, analyzer=analyzer) as library:
            library.search(QUERIES[0])
            for text in ONCE:  # what they need is loaded when it is first asked for
                library.search(text)
            new = [timed(partial(library.search, text)) for text in TYPED]
            texts = [TYPED[number % len(TYPED)] for number in range(options.queries)]
            embed = [timed(partial(analyzer.embed_text, text)) for text in texts]
            times = [timed(partial(library.search, text)) for text in texts]
        opened, loaded = _memory(database, options.bundle)
        bounds: tuple[float | None, ...] = (_MEDIAN, _SLOWEST)
        if options.photos > _USUAL:
            bounds = (_MEDIAN_OF_MORE, None)
        for said, seconds in (("a new search", new), ("a search typed again", times)):
            for kind, share, bound in zip(
                ("median", "95th percentile"), (50, 95), bounds, strict=True
            ):
                target = {} if bound is None else {"at_most": bound}
                value = float(np.percentile(seconds, share)) * 1e3
                report.add(f"{said}, {kind}", value, "ms", **target)
        report.add("of that, embedding the text", float(np.median(embed)) * 1e3, "ms")
        report.add("memory that the open library takes", opened / 1e6, "MB")
        report.add("after queries of every kind", loaded / 1e6, "MB")
    report.note(
        "The first search ever with a bundle also embeds the everyday texts that scores are held"
        " against; they are then kept in the library."
    )
    report.note(
        f"{len(TYPED)} queries of every kind, after {len(ONCE)} others, which load what their kind"
        f" needs; photos with {_TAGS} tags, boxes, times, places, cameras and named folders."
    )
    return report.write()


def _check(database: Path, analyzer: Analyzer, photos: int) -> None:
    """Ends the program if a library that was there has not so many photos of this bundle."""
    store = Store(database)
    known, _ = store.quantized_embeddings(store.bundle(analyzer.bundle.id), analyzer.dim, None)
    store.close()
    if len(known) != photos:
        raise SystemExit(
            f"{database} has {len(known):,} photos that this bundle has seen, not {photos:,};"
            " remove it, or name another file with --library"
        )


def _memory(database: Path, bundle: str | None) -> tuple[int, int]:
    """Bytes that an open library takes in a fresh process, and after queries of every kind."""
    code = f"from benchmarks.search import tell_memory; tell_memory({str(database)!r}, {bundle!r})"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    opened, loaded = map(int, told.stdout.split())
    return opened, loaded


def tell_memory(database: str, bundle: str | None) -> None:
    """Prints how many bytes more this process takes with the library open, and after queries."""
    analyzer = Analyzer(bundle)
    analyzer.embed_text(QUERIES[0])
    before = _resident()
    with Library(database=Path(database), analyzer=analyzer) as library:
        library.search(QUERIES[0])
        opened = _resident()
        for text in (*ONCE, *TYPED):
            library.search(text)
        print(opened - before, _resident() - before)


def _resident() -> int:
    """Bytes of memory that this process has in use; 0 where Linux does not tell it."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * resource.getpagesize() if statm.exists() else 0


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
    records = random_records(photos, analyzer, seen=True)
    for start in range(0, photos, _BATCH):
        store.save(root, bundle, [next(records) for _ in range(min(_BATCH, photos - start))])
    store.close()


def random_records(photos: int, analyzer: Analyzer, *, seen: bool = False) -> Iterator[FileRecord]:
    """Yields photos with random embeddings, of unit length, as they are stored.

    Args:
        photos: how many.
        analyzer: whose bundle is said to have seen them.
        seen: whether they also have random tags, boxes of people and dogs, times, places, cameras
            and folders with names.
    """
    rng = np.random.default_rng(0)
    heads = analyzer.bundle.manifest.heads
    tree = seen and FILE in analyzer.bundle.manifest.files
    names = [concept.name for concept in Tree.parse(analyzer.bundle.read(FILE))] if tree else []
    for number in range(photos):
        vector = rng.standard_normal(analyzer.dim, np.float32)
        vector /= np.linalg.norm(vector)
        signals = {EMBEDDING: pack(vector, analyzer.dim)}
        folder, facts = f"{number // 1000:04}", Facts(4000, 3000, "JPEG")
        if seen:
            made = _made(rng, names) if names else {}
            signals |= {name: encode(name, each) for name, each in made.items() if name in heads}
            folder = f"{_FOLDERS[number % 3]}/{folder}" if number % 50 == 0 else folder
            facts = _facts(number)
        path = f"{folder}/{'IMG_' if seen else ''}{number:06}.jpg".encode()
        yield FileRecord(
            path,
            Fingerprint(number, number, number),
            "ok",
            "",
            hashlib.sha256(path).digest(),
            facts,
            tuple(Signal(name, heads[name].version, data) for name, data in signals.items()),
        )


def _made(rng: np.random.Generator, names: Sequence[str]) -> dict[str, object]:
    """Returns random tags and boxes."""
    tags = sorted(zip(rng.random(_TAGS), rng.choice(len(names), _TAGS, replace=False), strict=True))
    box = (0.1, 0.1, 0.4, 0.9)
    labels = ["person"] * rng.integers(0, 4) + ["dog"] * rng.integers(0, 3)
    return {
        "tags": [Tag(names[at], round(float(p), 4), bool(p > _SURE)) for p, at in reversed(tags)],
        "detection": [Object(label, float(rng.uniform(0.3, 1)), box) for label in labels],
    }


def _facts(number: int) -> Facts:
    taken = datetime(2021, 1, 1, 12) + timedelta(hours=number * 41 % 43_000)
    north, east = _TOWNS[number % len(_TOWNS)] if number % 3 == 0 else (None, None)
    camera = _CAMERAS[number % len(_CAMERAS)]
    return Facts(4000, 3000, "JPEG", taken, north, east, camera, "exif")


if __name__ == "__main__":
    sys.exit(main())
