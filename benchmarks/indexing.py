"""How much of the machine does indexing use, on 12-megapixel JPEGs?

    python -m benchmarks.indexing

The ideal is cores / (decode + inference seconds per photo), on one thread with nothing else at
work, through the very function that the library's workers call, on bytes that are in memory
already. Against it stands a whole Library.index into a new library, from the walk to the last
commit, in turns with the ideal.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ansa import Analyzer, Bundle, Library
from ansa.library.indexing.model import Model
from ansa.photo.read import read_photo, resize_square
from ansa.processors import processor_count
from ansa_train.benchmark.machine import timed
from ansa_train.benchmark.question_report import QuestionReport, parse
from benchmarks.photos import write_photos

_SHARE = 0.85
_SIZE = (4000, 3000)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of Library.index.

    Attributes:
        seconds: from the call to its return.
        first: until the first photo was done.
        last: until the last photo was done.
    """

    seconds: float
    first: float
    last: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, photos=600, sample=48, repeats=5)
    bundle = Bundle.open(options.bundle)
    report = QuestionReport("indexing", __doc__, options)
    analyze = Model.of(bundle).start()
    side = bundle.manifest.image.size
    decode, alone, crowd, runs = [], [], [], []
    with tempfile.TemporaryDirectory() as base, ThreadPoolExecutor(processor_count()) as threads:
        folder = Path(base) / "photos"
        total = write_photos(folder, options.photos, _SIZE)
        sample = [path.read_bytes() for path in sorted(folder.iterdir())[: options.sample]]
        for repeat in range(options.repeats):
            decode.append(
                timed(
                    lambda: [
                        resize_square(read_photo(data, min_side=side)[0], side) for data in sample
                    ]
                )
            )
            alone.append(timed(lambda: [analyze(data, "") for data in sample]))
            crowd.append(timed(lambda: list(threads.map(lambda data: analyze(data, ""), sample))))
            runs.append(_index(folder, Path(base) / f"{repeat}.sqlite", bundle))
    seconds = np.array(alone) / len(sample)
    ideal = processor_count() / seconds
    real = options.photos / np.array([run.seconds for run in runs])
    steady = (options.photos - processor_count()) / np.array([run.last - run.first for run in runs])
    report.add("size of a photo", total / options.photos / 1e6, "MB")
    report.add("decode a photo, one thread", float(np.median(decode)) / len(sample) * 1e3, "ms")
    report.add("decode and inference, one thread", float(np.median(seconds)) * 1e3, "ms")
    report.add("ideal", float(np.median(ideal)), "photos/s")
    report.add("Library.index", float(np.median(real)), "photos/s")
    report.add("Library.index / ideal", float(np.median(real / ideal)), at_least=_SHARE)
    report.add("lowest of the repeats", float(np.min(real / ideal)))
    report.add("until the first photo is done", float(np.median([run.first for run in runs])), "s")
    report.add(
        "after the last photo is done",
        float(np.median([run.seconds - run.last for run in runs])),
        "s",
    )
    report.add("from the first photo to the last / ideal", float(np.median(steady / ideal)))
    report.add(
        "a bare thread on every core / ideal",
        float(np.median(len(sample) / np.array(crowd) / ideal)),
    )
    report.note(
        "Each ratio is of one repeat, and the median of the repeats is given. Nothing is left out"
        " of Library.index: workers start, networks load, files are read, hashed and stored."
    )
    report.note("Files come from the system's cache, as they were just written.")
    report.note(
        "The bare threads do the work of the ideal on all cores at once: what they fall short by is"
        " the machine's (shared caches, memory and clock), not the library's."
    )
    return report.write()


def _index(folder: Path, database: Path, bundle: Bundle) -> Run:
    done: list[float] = []
    with Library(folder, database=database, analyzer=Analyzer(bundle)) as library:
        start = time.perf_counter()
        found = library.index(progress=lambda *_: done.append(time.perf_counter() - start))
        seconds = time.perf_counter() - start
    assert found.analyzed == found.found, found
    return Run(seconds, done[0], done[-1])


if __name__ == "__main__":
    sys.exit(main())
