"""How long does `ansa memories` take in a library of 10,000 photos?

    python -m benchmarks.memories

The photos have the times and places of lives drawn by chance (tests/world/real_lives.py), and
signals of the usual length; no picture is looked at. The command runs as a whole process: the first
time, after one photo was added, and after nothing changed.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ansa import Analyzer, Library
from ansa.scene import Object, Quality, Utility
from ansa_train.benchmark.question_report import QuestionReport, parse
from tests.library.lives import Life, record
from tests.world.real_lives import real_life

_FIRST, _CHANGED, _UNCHANGED = 15.0, 1.0, 1.0  # seconds
_KINDS = 400  # of photos that look alike
_BATCH = 500
_FEW = 200


@dataclass(frozen=True, slots=True)
class _Took:
    """How long a process took: by the clock, and of processors' time, in seconds."""

    wall: float
    processor: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, photos=10_000)
    report = QuestionReport("memories", __doc__, options)
    with tempfile.TemporaryDirectory() as base:
        database = Path(base) / "library.sqlite"
        analyzer = Analyzer(options.bundle)
        lives = list(_photos(options.photos + 1, analyzer))
        few = database.with_name("few.sqlite")
        _add(few, lives[:_FEW], analyzer)
        _memories(few, options.bundle)  # compiles the program
        for when, added, target in (
            ("the first time", lives[:-1], _FIRST),
            ("after a photo was added", lives[-1:], _CHANGED),
            ("after nothing changed", [], _UNCHANGED),
        ):
            _add(database, added, analyzer)
            took = _memories(database, options.bundle)
            report.add(when, took.wall, "s", at_most=target)
            report.add(f"{when}, processor time", took.processor, "s")
        report.add("the library's file", database.stat().st_size / 1e6, "MB")
    report.note("The time of processors tells more where other programs run at the same time.")
    return report.write()


def _memories(database: Path, bundle: str | None) -> _Took:
    command = [sys.executable, "-m", "ansa", "memories", "--json", "--library", str(database)]
    command += ["--bundle", bundle] if bundle else []
    # An installed program is compiled, and so is this one, whatever the environment says.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(database.parent / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(
        [*command, "--today", "2024-12-24"],
        check=True,
        stdout=subprocess.DEVNULL,
        env=environment,
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return _Took(wall, used)


def _photos(count: int, analyzer: Analyzer) -> Iterator[Life]:
    """Yields photos of as many lives as are needed, one after the other."""
    settings = analyzer.bundle.manifest.heads["tags"].settings
    names = [
        name for name, worth in zip(settings["names"], settings["shown"], strict=True) if worth
    ]
    rng = np.random.default_rng(0)
    made = seed = 0
    while made < count:
        for shot in real_life(seed).shots[: count - made]:
            yield Life(
                f"{seed:02}/{made:06}.jpg",
                shot.taken,
                shot.point,
                tags=dict(
                    zip(rng.choice(names, 12, replace=False), rng.uniform(0.2, 1, 12), strict=True)
                ),
                kind=int(rng.integers(_KINDS)),
                signals=_signals(rng),
            )
            made += 1
        seed += 1


def _signals(rng: np.random.Generator) -> dict[str, object]:
    kinds = {"photo": 0.97, "receipt": 0.0, "document": 0.01, "screenshot": 0.0, "code": 0.0,
             "meme": 0.01, "drawing": 0.01, "blank": 0.0, "graphic": 0.0}  # fmt: skip
    objects = [
        Object(label, float(rng.uniform(0.3, 1)), (0.1, 0.1, 0.5, 0.9))
        for label in rng.choice(("person", "face", "chair", "car", "cup"), 4)
    ]
    return {
        "utility": Utility("photo", 0.97, kinds, True),
        "quality": Quality(0.1, 0.1, 0.1, 0.1, 0.0, 0.0, float(rng.uniform(0.5, 1))),
        "aesthetics": float(rng.uniform(0, 1)),
        "print": rng.integers(0, 256, 64, np.uint8).tobytes(),
        "detection": objects,
    }


def _add(database: Path, lives: Sequence[Life], analyzer: Analyzer) -> None:
    folder = database.parent / "photos"
    for life in lives:
        file = folder / life.name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    with Library(database=database, analyzer=analyzer) as library:
        model, store = library.model(), library.store
        root, bundle = store.add_root(bytes(folder)), store.add_bundle(model.bundle)
        for start in range(0, len(lives), _BATCH):
            some = lives[start : start + _BATCH]
            store.save(root, bundle, [record(each, model.heads, model.dim) for each in some])


if __name__ == "__main__":
    sys.exit(main())
