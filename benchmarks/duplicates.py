"""How long does `ansa duplicates` take among 100,000 photos?

    python -m benchmarks.duplicates

The library's file is made with random prints and embeddings, every tenth photo with a print near an
earlier one's, every other photo within seconds of the one before. The files are there and empty. A
run is a whole call of Library.duplicates in a process of its own, once with the near prints and
once with all prints alike.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa import Analyzer, Library
from ansa.library.indexing.model import Model
from ansa.library.indexing.scan import Fingerprint
from ansa.library.storage.records import EMBEDDING, FileRecord, Signal
from ansa.library.storage.store import Store
from ansa.library.storage.vectors import pack
from ansa.scene import Facts
from benchmarks.report import Report, parse

_SECONDS = 300
_BATCH = 1000
_PRINT_BYTES = 64


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, photos=100_000)
    report = Report("duplicates", __doc__, options)
    with tempfile.TemporaryDirectory() as base:
        for name, alike in (("every tenth a copy", False), ("all alike", True)):
            folder = Path(base) / name.replace(" ", "-")
            _fill(folder, Analyzer(options.bundle), options.photos, alike)
            command = [sys.executable, "-m", "benchmarks.duplicates", "--run", str(folder)]
            command += [options.bundle] if options.bundle else []
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            told = json.loads(done.stdout)
            report.add(f"{name}: seconds", told["seconds"], "s", at_most=_SECONDS)
            report.add(f"{name}: of the processor", told["cpu"], "s")
            report.add(f"{name}: memory at its peak, all of the process", told["peak"], "MB")
            report.add(f"{name}: duplicates found", told["found"])
    report.note("With a bundle that gives no prints, only exact copies and bursts are looked for.")
    return report.write()


def _run(folder: Path, bundle: str | None) -> None:
    """One run, told on stdout."""
    with Library(database=folder / "library.sqlite", analyzer=Analyzer(bundle)) as library:
        began, cpu = time.perf_counter(), time.process_time()
        found = library.duplicates()
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert not found.gone
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    others = sum(len(group.others) for group in found.groups)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak, "found": others}))


def _fill(folder: Path, analyzer: Analyzer, photos: int, alike: bool) -> None:
    folder.mkdir()
    store = Store(folder / "library.sqlite")
    root, bundle = store.add_root(os.fsencode(folder)), store.add_bundle(analyzer.bundle.id)
    records = _records(folder, analyzer, _prints(photos, alike))
    for start in range(0, photos, _BATCH):
        store.save(root, bundle, [next(records) for _ in range(min(_BATCH, photos - start))])
    store.close()


def _prints(photos: int, alike: bool) -> NDArray[np.uint8]:
    rng = np.random.default_rng(0)
    prints = rng.integers(0, 256, (photos, _PRINT_BYTES), np.uint8)
    if alike:
        prints[:] = prints[0]
    copies = np.arange(9, photos, 10)
    prints[copies] = prints[rng.integers(0, copies)]
    prints[:, 0] = rng.integers(0, 256, photos)
    return prints


def _records(folder: Path, analyzer: Analyzer, prints: NDArray[np.uint8]) -> Iterator[FileRecord]:
    rng = np.random.default_rng(1)
    model = Model.of(analyzer.bundle)
    quality = dict.fromkeys(("focus", "motion", "noise", "compression", "exposure", "tilt"), 0.1)
    seen = {
        "print": b"",
        "quality": json.dumps(quality | {"overall": 0.8}).encode(),
        "utility": json.dumps(
            {"kind": "photo", "score": 0.9, "scores": {"photo": 0.9}, "sure": True}
        ).encode(),
    }
    for number, print_ in enumerate(prints):
        vector = rng.standard_normal(analyzer.dim, np.float32)
        vector /= np.linalg.norm(vector)
        name = f"{number:06}.jpg"
        (folder / name).touch()
        known = seen | {EMBEDDING: pack(vector, analyzer.dim), "print": print_.tobytes()}
        signals = (
            Signal(head, version, known.get(head, b"")) for head, version in model.heads.items()
        )
        taken = datetime(2020, 1, 1) + timedelta(seconds=number // 2 * 60 + number % 2)
        # Copies have lost their time; with another one they would be shots of their own.
        facts = Facts(4000, 3000, "JPEG", None if number % 10 == 9 else taken)
        yield FileRecord(
            name.encode(),
            Fingerprint(0, (folder / name).stat().st_mtime_ns, 0),
            "ok",
            "",
            hashlib.sha256(name.encode()).digest(),
            facts,
            tuple(signals),
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        _run(Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
        sys.exit(0)
    sys.exit(main())
