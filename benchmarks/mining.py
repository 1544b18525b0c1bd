"""How long it takes, and how much memory, to mine a store of stored vectors.

    python -m benchmarks.mining --photos 1000000

Vectors are drawn at random around 2,000 centres and written to a temporary folder, a kilobyte each.
Only one part of the store is drawn; the others are that part again, as what is in them changes
neither time nor memory. Mining is measured in a fresh process: the time from its start to the
chosen photos, and its greatest memory.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ansa.model.bundle import Bundle
from ansa.model.heads.tags import MOST
from ansa_train.benchmark.question_report import QuestionReport
from ansa_train.mining import vector_store
from ansa_train.mining.tag_boundary import tag_names
from ansa_train.mining.vector_store import StoredPhoto, StoredRow, VectorStore

_CENTRES, _SPREAD, _SLICES = 2000, 0.5, ["dark", "night"]
_CHUNK = 8192
_PART = 62_500  # sixteen of them are a million

_MINE = """
import json, resource, sys, time
from pathlib import Path
begun = time.perf_counter()
from ansa.model.analyzer import Analyzer
from ansa.model.bundle import Bundle
from ansa_train.mining.result import mine
from ansa_train.mining.strategies import at_boundary, by_text, in_slice
from ansa_train.mining.tag_boundary import tag_boundary
from ansa_train.mining.vector_store import VectorStore
bundle = Bundle.open()
store = VectorStore(Path(sys.argv[1]), bundle)
how = sys.argv[2]
if how == "text":
    strategy = by_text(Analyzer(bundle), "a dog at night")
elif how == "slice":
    strategy = in_slice(store, "dark")
else:
    strategy = at_boundary(tag_boundary(bundle, "dog"))
found = mine(store, strategy, 500)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([time.perf_counter() - begun, time.process_time(), peak, len(found.photos)]))
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", metavar="N", type=int, default=1_000_000)
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=Path("results"))
    options = parser.parse_args(arguments)
    options.sizes, options.bundle = {"photos": options.photos}, None
    report = QuestionReport("mining", __doc__, options)
    with tempfile.TemporaryDirectory() as folder:
        vector_store.PART_ROWS = _PART
        bundle = Bundle.open()
        store = VectorStore(Path(folder) / "store", bundle, _SLICES)
        store.append(_rows(_PART, store.dim, len(tag_names(bundle))))
        _repeat(store.folder, -(-options.photos // _PART))
        for how in ("text", "boundary", "slice"):
            words = [sys.executable, "-c", _MINE, str(store.folder), how]
            done = subprocess.run(words, check=True, capture_output=True)
            seconds, busy, megabytes, found = json.loads(done.stdout)
            report.add(f"by {how}: time", seconds, "s", at_most=60)
            report.add(f"by {how}: processor time", busy, "s")
            report.add(f"by {how}: greatest memory", megabytes, "MB", at_most=1000)
            report.add(f"by {how}: photos", found, "")
    report.note(f"{options.photos:,} stored vectors.")
    return report.write()


def _repeat(folder: Path, parts: int) -> None:
    """Lists the first part of a store so many times."""
    listing = folder / vector_store.LISTING
    told = json.loads(listing.read_text("utf-8"))
    for file in sorted(folder.glob("*-000000.*")):
        for number in range(1, parts):
            file.with_name(file.name.replace("000000", f"{number:06}")).hardlink_to(file)
    listing.write_text(json.dumps(told | {"parts": [_PART] * parts}), "utf-8")


def _rows(count: int, dim: int, tags: int) -> Iterator[StoredRow]:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((_CENTRES, dim), np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    for start in range(0, count, _CHUNK):
        some = min(_CHUNK, count - start)
        noise = rng.standard_normal((some, dim), np.float32) * (_SPREAD / dim**0.5)
        vectors = centres[rng.integers(0, _CENTRES, some)] + noise
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        for i, vector in enumerate(vectors, start):
            photo = StoredPhoto(f"made/{i}", f"/photos/{i}.jpg", 0, 1, "made", "0" * 64)
            places = (np.arange(MOST) + i) % max(tags, 1)
            said = list(zip(places.tolist(), rng.random(MOST).tolist(), strict=True))
            yield StoredRow(photo, vector, i % 4, 0.5, said)


if __name__ == "__main__":
    raise SystemExit(main())
