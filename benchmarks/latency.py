"""How long do the networks take, against a plain MobileNetV3-Large?

    python -m benchmarks.latency

One thread. Both image networks take one photo of the same size, in turns in the same run, through
the session that Analyzer makes; decoding is left out. The text side is a whole call of embed_text.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ansa import Analyzer, Bundle
from ansa.factory.benchmark.machine import interleaved
from benchmarks.report import Report, parse
from benchmarks.yardstick import yardsticks

QUERY = "a black dog runs along a sandy beach"
_RATIO = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, rounds=60)
    bundle = Bundle.open(options.bundle)
    report = Report("latency", __doc__, options)
    ansa = Analyzer(bundle)
    with tempfile.TemporaryDirectory() as folder:
        plain = {
            f"MobileNetV3-Large, {form} weights": look(Analyzer(path))
            for form, path in yardsticks(bundle, Path(folder)).items()
        }
    times = interleaved({"image network": look(ansa)} | plain, options.rounds)
    for name, seconds in times.items():
        report.add_times(f"{name}, one photo", seconds)
    ours = np.median(times["image network"])
    for name in plain:
        report.add(f"image network / {name}", ours / np.median(times[name]), at_most=_RATIO)
    text = interleaved({"text": partial(ansa.embed_text, QUERY)}, options.rounds)["text"]
    report.add_times(f"embed_text, a query of {len(QUERY.split())} words", text)
    report.note(
        "Weights stored as int8 are unpacked at loading: every network computes in float32."
    )
    return report.write()


def look(analyzer: Analyzer) -> Callable[[], object]:
    """Runs the analyzer's image network on a photo of noise."""
    tower = analyzer.bundle.manifest.image
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (1, tower.size, tower.size, 3), np.uint8)
    return partial(analyzer._image().run, None, {tower.input: photo})


if __name__ == "__main__":
    sys.exit(main())
