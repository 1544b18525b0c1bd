"""How long does `ansa duplicates` take among 100,000 photos?

    python -m benchmarks.duplicates

The library's file is made with random prints and embeddings, every tenth photo with a print near an
earlier one's, every other photo within seconds of the one before. The files are small JPEGs of a
few drawn scenes, a copy half as large as what it is a copy of. A run is a whole call of
Library.duplicates in a process of its own, once with the near prints and once with all prints
alike. What a pair of 12-megapixel JPEGs takes, read and compared on one core, is told beside it.
"""

from __future__ import annotations

import hashlib
import io
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
from PIL import Image

from ansa import Analyzer, Library
from ansa.library.cleanup.candidates import Candidate
from ansa.library.cleanup.pair_verification import PairVerifier
from ansa.library.indexing.model import Model
from ansa.library.indexing.scan import Fingerprint
from ansa.library.storage.rows import EMBEDDING, FileRecord, Signal
from ansa.library.storage.store import Store
from ansa.library.storage.vectors import pack
from ansa.scene import Facts
from ansa_train.benchmark.question_report import QuestionReport, parse
from tests.world.pictures import DrawnPictures

_SECONDS = 300
_BATCH = 1000
_PRINT_BYTES = 64
_SCENES = 64
_SIZES = (640, 480), (320, 240)
_PICTURES = DrawnPictures(8)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, photos=100_000)
    report = QuestionReport("duplicates", __doc__, options)
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
    report.add("a pair of 12 megapixels, read and compared", _pair() * 1000, "ms")
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


def _pair() -> float:
    """Seconds for one pair."""
    large, half = (_encoded(_scene(0), size, 90) for size in ((4000, 3000), (2000, 1500)))
    with tempfile.TemporaryDirectory() as base:
        paths = [Path(base) / "large.jpg", Path(base) / "half.jpg"]
        for path, data in zip(paths, (large, half), strict=True):
            path.write_bytes(data)
        candidates = [
            Candidate(row, (path,), 4000, 3000, format="JPEG") for row, path in enumerate(paths)
        ]
        times = []
        for _ in range(10):
            began = time.process_time()
            with PairVerifier(candidates) as verdicts:
                assert verdicts.match(0, 1)
            times.append(time.process_time() - began)
    return float(np.median(times))


def _scene(number: int) -> Image.Image:
    keys = [key for theme in _PICTURES.photos().values() for key in theme]
    return _PICTURES.picture(keys[number])


def _encoded(image: Image.Image, size: tuple[int, int], quality: int) -> bytes:
    stream = io.BytesIO()
    image.resize(size, Image.Resampling.BICUBIC).save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def _fill(folder: Path, analyzer: Analyzer, photos: int, alike: bool) -> None:
    folder.mkdir()
    store = Store(folder / "library.sqlite")
    root, bundle = store.add_root(os.fsencode(folder)), store.add_bundle(analyzer.bundle.id)
    records = _records(folder, analyzer, *_prints(photos, alike))
    for start in range(0, photos, _BATCH):
        store.save(root, bundle, [next(records) for _ in range(min(_BATCH, photos - start))])
    store.close()


def _prints(photos: int, alike: bool) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Prints, and which earlier photo each is a copy of, itself for most."""
    rng = np.random.default_rng(0)
    prints = rng.integers(0, 256, (photos, _PRINT_BYTES), np.uint8)
    if alike:
        prints[:] = prints[0]
    copies = np.arange(9, photos, 10)
    shown = np.arange(photos)
    shown[copies] = rng.integers(0, copies)
    prints = prints[shown]
    prints[:, 0] = rng.integers(0, 256, photos)
    return prints, shown


def _records(
    folder: Path, analyzer: Analyzer, prints: NDArray[np.uint8], shown: NDArray[np.intp]
) -> Iterator[FileRecord]:
    rng = np.random.default_rng(1)
    model = Model.of(analyzer.bundle)
    quality = dict.fromkeys(
        ("defocus_blur", "motion_blur", "noise", "compression_artifacts", "exposure", "tilt"), 0.1
    )
    seen = {
        "print": b"",
        "quality": json.dumps(quality | {"overall": 0.8}).encode(),
        "utility": json.dumps(
            {"kind": "photo", "score": 0.9, "scores": {"photo": 0.9}, "sure": True}
        ).encode(),
    }
    scenes = [_scene(number) for number in range(_SCENES)]
    files = [[_encoded(scene, size, 85) for size in _SIZES] for scene in scenes]
    for number, print_ in enumerate(prints):
        vector = rng.standard_normal(analyzer.dim, np.float32)
        vector /= np.linalg.norm(vector)
        name = f"{number:06}.jpg"
        smaller = int(shown[number] != number)
        data = files[int(shown[number]) % _SCENES][smaller]
        (folder / name).write_bytes(data)
        known = seen | {EMBEDDING: pack(vector, analyzer.dim), "print": print_.tobytes()}
        signals = (
            Signal(head, version, known.get(head, b"")) for head, version in model.heads.items()
        )
        taken = datetime(2020, 1, 1) + timedelta(seconds=number // 2 * 60 + number % 2)
        # Copies have lost their time; with another one they would be shots of their own.
        width, height = _SIZES[smaller]
        facts = Facts(width, height, "JPEG", None if number % 10 == 9 else taken)
        yield FileRecord(
            name.encode(),
            Fingerprint(len(data), (folder / name).stat().st_mtime_ns, 0),
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
