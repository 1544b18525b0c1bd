"""What does watching a large folder cost, and how soon is a new photo known?

    python -m benchmarks.watching

A folder of many small photos is indexed and then watched by `ansa watch`; when it is idle, what it
costs is measured, and photos are put into it. That folder is indexed with the colour bundle of the
tests, because idling does not depend on the network; photos are also put into a small folder that
is watched with the bundle that is measured. Between two photos, a pause is longer than the time for
which a watch gathers changes beside other work. With --keep, the folder and its library stay there
for the next time, and indexing goes on where it was stopped. Needs Linux.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ansa_train.benchmark.question_report import QuestionReport, parse
from tests.bundles import write_bundle
from tests.photos import write_photo

_IDLE_SHARE, _IDLE_MEGABYTES, _KNOWN_SECONDS = 0.01, 150.0, 2.0
_PUT = 5  # photos of which the median is told
_REST = 3.0  # seconds after which workers have ended
_PATIENCE = 900.0  # seconds, on a machine that is busy
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report; 1 if a target was missed, else 0."""
    keeping = argparse.ArgumentParser(add_help=False)
    keeping.add_argument("--keep", type=Path, metavar="FOLDER")
    kept, others = keeping.parse_known_args(arguments)
    options = parse(__doc__, others, photos=50_000, idle=60, pause=6)
    report = QuestionReport("watching", __doc__, options)
    with ExitStack() as stack:
        base = kept.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _many(base, options, report)
    with tempfile.TemporaryDirectory() as folder:
        _few(Path(folder), options, report)
    report.note("How soon a photo is known is told by the clock, and by the load of the machine.")
    return report.write()


def _many(base: Path, options: Any, report: QuestionReport) -> None:
    folder, library, colours = base / "many", base / "many.sqlite", base / "colours"
    for number in range(options.photos):
        path = folder / f"{number // 500:04}" / f"{number:06}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(_small_photo(number))
    if not colours.exists():
        write_bundle(colours)
    command = [sys.executable, "-m", "ansa", "index", str(folder), "--library", str(library)]
    subprocess.run([*command, "--bundle", str(colours)], check=True, capture_output=True)
    with _Watch(folder, library, colours) as watch:
        watch.seconds_until_known(_next(folder))
        time.sleep(_REST)
        before, began = watch.processor_seconds(), time.monotonic()
        time.sleep(options.idle)
        share = (watch.processor_seconds() - before) / (time.monotonic() - began)
        report.add(f"watch, {options.photos:,} photos: share of a core when idle", share,
                   at_most=_IDLE_SHARE)  # fmt: skip
        report.add("watch: resident memory when idle", watch.megabytes(), "MB",
                   at_most=_IDLE_MEGABYTES)  # fmt: skip
        known = _known(watch, folder, options.pause)
    report.add("watch: a new photo is known after, median", float(np.median(known)), "s",
               at_most=_KNOWN_SECONDS)  # fmt: skip


def _few(base: Path, options: Any, report: QuestionReport) -> None:
    """Photos that are analyzed with the bundle that is measured."""
    folder = base / "few"
    folder.mkdir()
    write_photo(folder / "first.jpg")
    bundle = Path(options.bundle) if options.bundle else None
    with _Watch(folder, base / "few.sqlite", bundle) as watch:
        watch.seconds_until_known(_next(folder))
        known = _known(watch, folder, options.pause)
    report.add("watch, with the measured bundle: a new photo is known after, median",
               float(np.median(known)), "s", at_most=_KNOWN_SECONDS)  # fmt: skip


def _known(watch: _Watch, folder: Path, pause: int) -> list[float]:
    """The seconds after which each of some photos is known."""
    known = []
    for _ in range(_PUT):
        time.sleep(pause)
        known.append(watch.seconds_until_known(_next(folder)))
    return known


def _next(folder: Path) -> Path:
    return folder / f"new{time.time_ns()}.jpg"


class _Watch:
    """`ansa watch` at work, as a process of its own."""

    def __init__(self, folder: Path, library: Path, bundle: Path | None) -> None:
        command = [sys.executable, "-m", "ansa", "watch", str(folder), "--library", str(library)]
        command += ["--bundle", str(bundle)] if bundle else []
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._lines: list[str] = []
        self._told = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> _Watch:
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()  # Ctrl-C is not heard where a benchmark runs in the background
        self._process.wait(_PATIENCE)
        self._reader.join(_PATIENCE)
        if self._process.stdout:
            self._process.stdout.close()

    def seconds_until_known(self, path: Path) -> float:
        """Puts a photo into the folder; the seconds until it is told of."""
        drawn = path.with_name(f".{path.name}")
        drawn.write_bytes(_small_photo(zlib.crc32(path.name.encode()), 320))
        count, began = len(self._lines), time.monotonic()
        drawn.rename(path)
        self._wait(lambda line: " new" in line, count)
        return time.monotonic() - began

    def processor_seconds(self) -> float:
        """What it and its children, those that ended among them, have worked."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(stat[place]) for place in (11, 12, 13, 14)) / _CLOCK_TICKS

    def megabytes(self) -> float:
        """What it and its children have in memory."""
        pids = [self._process.pid, *_children(self._process.pid)]
        return sum(_resident(pid) for pid in pids) / 1e6

    def _read(self) -> None:
        for line in self._process.stdout or ():
            with self._told:
                self._lines.append(line)
                self._told.notify_all()

    def _wait(self, wanted: Any, start: int) -> None:
        with self._told:
            if not self._told.wait_for(lambda: any(map(wanted, self._lines[start:])), _PATIENCE):
                raise TimeoutError(f"the watch told {self._lines[start:]}")


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]


def _resident(pid: int) -> float:
    """Bytes that a process has in memory; its share of those that several processes have."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return float(next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024)


def _small_photo(seed: int, side: int = 24) -> bytes:
    """A JPEG with a colour gradient, no two of them alike."""
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, 256, (2, 2, 3), np.uint8)
    image = Image.fromarray(corners).resize((side, side), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue() + seed.to_bytes(8, "little")


if __name__ == "__main__":
    sys.exit(main())
