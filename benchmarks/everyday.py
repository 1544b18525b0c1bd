"""Does ANSA keep up with everyday folders, films and cameras?

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

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from ansa import Analyzer, Library
from ansa.model.stream import SceneStream
from ansa.photo.camera import film_frames
from ansa_train.benchmark.question_report import QuestionReport, parse
from benchmarks.mixed_folder import write_mixed_folder
from tests.photos import draw_photo

_CORES = 2
_FILM_RATE, _LIVE_RATE = 20.0, 25.0
_FPS = 30
_LIVE_SECONDS = 4
_FULL_HD, _VGA = (1920, 1080), (640, 480)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report; 1 if a target was missed, else 0."""
    options = parse(__doc__, arguments, files=2000, films=4, seconds=60)
    report = QuestionReport("everyday", __doc__, options)
    with tempfile.TemporaryDirectory() as base:
        _mixed(Path(base) / "mixed", options, report)
        _films(Path(base) / "films", options, report)
        _live(Path(base) / "live", options, report)
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
