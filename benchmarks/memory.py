"""Does memory stay flat while thousands of photos are indexed?

    python -m benchmarks.memory

What this process and its workers have resident, and how many files they hold open, is noted after
every photo of one Library.index; the last quarter of the photos is held against the first.
Needs Linux.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ansa import Analyzer, Library
from ansa_train.benchmark.question_report import QuestionReport, parse
from benchmarks.photos import write_photos

_GROWTH = 1.05
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Sample:
    """What the run takes at one moment.

    Attributes:
        parent: resident bytes of this process.
        workers: resident bytes of its children; what they share counts for each.
        files: open descriptors of all of them.
    """

    parent: int
    workers: int
    files: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, photos=2000, width=2000, height=1500)
    report = QuestionReport("memory", __doc__, options)
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base) / "photos"
        write_photos(folder, options.photos, (options.width, options.height))
        analyzer = Analyzer(options.bundle)
        with Library(folder, database=Path(base) / "library.sqlite", analyzer=analyzer) as library:
            found = library.index(progress=lambda *_: samples.append(_sample()))
    assert found.analyzed == found.found, found
    quarter = len(samples) // 4
    first, last = samples[:quarter], samples[-quarter:]
    for name, quarters in (("first", first), ("last", last)):
        report.add(f"this process, {name} quarter", _megabytes([s.parent for s in quarters]), "MB")
        report.add(f"its workers, {name} quarter", _megabytes([s.workers for s in quarters]), "MB")
    typical = [float(np.median([s.parent + s.workers for s in part])) for part in (first, last)]
    peak = [max(s.parent + s.workers for s in part) for part in (first, last)]
    files = [max(s.files for s in part) for part in (first, last)]
    report.add("peak of the whole run", max(s.parent + s.workers for s in samples) / 1e6, "MB")
    report.add("last quarter / first, median", typical[1] / typical[0], at_most=_GROWTH)
    report.add("last quarter / first, peak", peak[1] / peak[0], at_most=_GROWTH)
    report.add("open files, most in the first quarter", files[0])
    report.add("open files, most in the last quarter", files[1], at_most=files[0])
    report.note(
        f"The photos have {options.width} x {options.height} pixels, to save time and disk. A JPEG"
        " is shrunk as it is decoded, so larger ones take little more memory than their files do."
    )
    return report.write()


def _sample() -> Sample:
    children = _children()
    return Sample(
        _resident(os.getpid()),
        sum(map(_resident, children)),
        sum(map(_descriptors, [os.getpid(), *children])),
    )


def _children() -> list[int]:
    lists = Path("/proc/self/task").glob("*/children")
    return [int(child) for children in lists for child in children.read_text().split()]


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):  # it has just ended
        return 0


def _descriptors(process: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())
    except OSError:
        return 0


def _megabytes(sizes: list[int]) -> float:
    return float(np.median(sizes)) / 1e6


if __name__ == "__main__":
    sys.exit(main())
