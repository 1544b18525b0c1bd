"""Does ANSA keep up with everyday folders, films, cameras and a folder that is watched?

    python -m benchmarks.everyday

A folder of photos of all kinds, films, Live Photos, RAW and odd files is indexed, and what `ansa
index` reports is held against what is there. Films of one minute at 1080p, H.264 with a key frame
every two seconds, are indexed; and frames of 640 x 480 are analyzed with all heads as by `ansa
live`. `ansa watch` runs on a folder of many small photos, until it is idle, and then photos are put
into it. That folder is indexed with the colour bundle of the tests, because idling does not depend
on the network; the photos that come are analyzed with the bundle that is measured, in a second run
on a small folder. Rates are told by the time that processors worked, so that other work on the
machine does not count, and by the clock. Needs Linux.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from ansa import Analyzer, Library
from ansa.model.stream import SceneStream
from ansa.photo.camera import film_frames
from ansa_train.benchmark.question_report import QuestionReport, parse
from benchmarks.mixed_folder import write_mixed_folder
from tests.bundles import write_bundle
from tests.photos import draw_photo, write_photo

_CORES = 2
_FILM_RATE, _LIVE_RATE = 20.0, 25.0
_IDLE_SHARE, _IDLE_MEGABYTES, _KNOWN_SECONDS = 0.01, 150.0, 2.0
_FPS = 30
_LIVE_SECONDS = 4
_FULL_HD, _VGA = (1920, 1080), (640, 480)
_REST = 3.0  # seconds after which workers have ended
_PATIENCE = 900.0  # seconds, on a machine that is busy
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report; 1 if a target was missed, else 0."""
    options = parse(__doc__, arguments, files=2000, films=4, seconds=60, watched=50_000, idle=60)
    report = QuestionReport("everyday", __doc__, options)
    with tempfile.TemporaryDirectory() as base:
        _mixed(Path(base) / "mixed", options, report)
        _films(Path(base) / "films", options, report)
        _live(Path(base) / "live", options, report)
        _watch(Path(base) / "watch", options, report)
    return report.write()


def _mixed(base: Path, options: Any, report: QuestionReport) -> None:
    folder = base / "photos"
    written = write_mixed_folder(folder, options.files)
    command = [sys.executable, "-m", "ansa", "index", str(folder), "--json"]
    command += ["--library", str(base / "library.sqlite")]
    command += ["--bundle", options.bundle] if options.bundle else []
    with _clock() as spent:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    told = json.loads(done.stdout)
    counted = told["found"] + told["paired"] + told["ignored"]
    report.add("mixed folder: files", written)
    report.add("mixed folder: files that the report does not count", abs(written - counted),
               at_most=0)  # fmt: skip
    kinds = ("new", "skipped", "failed", "quarantined", "paired", "ignored")
    report.note("Mixed folder: " + ", ".join(f"{told[kind]:,} {kind}" for kind in kinds) + ".")
    report.add("mixed folder: processor time for a file", spent.processor / written * 1e3, "ms")


def _films(folder: Path, options: Any, report: QuestionReport) -> None:
    folder.mkdir()
    for number in range(options.films):
        _write_film(folder / f"{number}.mp4", options.seconds, _FULL_HD, number)
    length = options.films * options.seconds
    analyzer = Analyzer(options.bundle)
    database = folder.with_name("films.sqlite")
    with Library(folder, database=database, analyzer=analyzer) as library, _clock() as spent:
        found = library.index()
    assert found.new == options.films, found
    by_work = length / (spent.processor / _CORES)
    report.add("films, 1080p: times real time, by processor time on two cores", by_work, "x",
               at_least=_FILM_RATE)  # fmt: skip
    report.add("films, 1080p: times real time, by the clock", length / spent.clock, "x")


def _live(folder: Path, options: Any, report: QuestionReport) -> None:
    folder.mkdir()
    film = folder / "live.mp4"
    _write_film(film, _LIVE_SECONDS, _VGA, 1)
    scenes = SceneStream(Analyzer(options.bundle))
    frames = film_frames(film)
    second, first = next(frames)
    scenes.add(first, second)  # loads the network
    count = 0
    with _clock() as spent:
        for second, pixels in frames:
            scenes.add(pixels, second)
            count += 1
    report.add("live, 640 x 480, all heads: frames a second, by processor time of one core",
               count / spent.processor, at_least=_LIVE_RATE)  # fmt: skip
    report.add("live: frames a second, by the clock", count / spent.clock)


def _watch(base: Path, options: Any, report: QuestionReport) -> None:
    base.mkdir()
    folder, library = base / "many", base / "many.sqlite"
    for number in range(options.watched):
        path = folder / f"{number // 500:04}" / f"{number:06}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_small_photo(number))
    colours = write_bundle(base / "colours")
    with _Watch(folder, library, colours) as watch:
        watch.wait_for(options.watched)
        time.sleep(_REST)
        before, began = watch.processor_seconds(), time.monotonic()
        time.sleep(options.idle)
        share = (watch.processor_seconds() - before) / (time.monotonic() - began)
        report.add(f"watch, {options.watched:,} photos: share of a core when idle", share,
                   at_most=_IDLE_SHARE)  # fmt: skip
        report.add("watch: resident memory after the first look", watch.megabytes(), "MB")
        known = [watch.seconds_until_known(folder / f"new{number}.jpg") for number in range(5)]
    report.add("watch: a new photo is known after, median", float(np.median(known)), "s",
               at_most=_KNOWN_SECONDS)  # fmt: skip
    with _Watch(folder, library, colours) as watch:
        watch.seconds_until_known(folder / "again.jpg")
        time.sleep(_REST)
        report.add("watch: resident memory of a new start, when idle", watch.megabytes(), "MB",
                   at_most=_IDLE_MEGABYTES)  # fmt: skip
    few = base / "few"
    few.mkdir()
    write_photo(few / "first.jpg")
    bundle = Path(options.bundle) if options.bundle else None
    with _Watch(few, base / "few.sqlite", bundle) as watch:
        watch.wait_for(1)
        known = [watch.seconds_until_known(few / f"new{number}.jpg") for number in range(5)]
    report.add("watch, with the measured bundle: a new photo is known after, median",
               float(np.median(known)), "s")  # fmt: skip
    report.note("How soon a photo is known is told by the clock, and by the load of the machine.")


@dataclass(slots=True)
class _Spent:
    """Seconds by the clock, and those that processors worked, in this process and its children."""

    clock: float = 0.0
    processor: float = 0.0


@contextmanager
def _clock() -> Iterator[_Spent]:
    spent = _Spent()
    clock, processor = time.perf_counter(), _processor_seconds()
    yield spent
    spent.clock = time.perf_counter() - clock
    spent.processor = _processor_seconds() - processor


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


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

    def wait_for(self, photos: int) -> None:
        """Waits until so many photos were told of in one line."""
        self._wait(lambda line: f"{photos:,} new" in line, 0)

    def seconds_until_known(self, path: Path) -> float:
        """Puts a photo into the folder; the seconds until it is told of."""
        drawn = path.with_name(f".{path.name}")
        drawn.write_bytes(_small_photo(zlib.crc32(path.name.encode()), 320))
        count, began = len(self._lines), time.monotonic()
        drawn.rename(path)
        self._wait(lambda line: "1 new" in line, count)
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


def _write_film(path: Path, seconds: int, size: tuple[int, int], seed: int) -> None:
    """A film in H.264: slow pans over drawn photos, another one every four seconds."""
    width, height = size
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=Fraction(_FPS))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = 2 * _FPS
        stream.options = {"preset": "ultrafast", "crf": "23"}
        for number in range(seconds * _FPS):
            shot, step = divmod(number, 4 * _FPS)
            if step == 0:
                wide = draw_photo(width + 4 * _FPS, height, seed * 1000 + shot)
                pixels = np.asarray(wide.convert("RGB"))
            part = np.ascontiguousarray(pixels[:, step : step + width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(part, "rgb24")))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    sys.exit(main())
