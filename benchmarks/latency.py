"""How long do the networks take, against a plain MobileNetV3-Large?

    python -m benchmarks.latency

One thread. The image network with all its heads, the same with the embedding alone, which is what a
plain network is to be compared with, and the plain one take one photo of the same size, in turns in
the same run, through the session that Analyzer makes; decoding is left out. The text side is
a whole call of embed_text.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ansa import Analyzer, Bundle
from ansa_train.benchmark.machine import interleaved
from ansa_train.benchmark.question_report import QuestionReport, parse
from ansa_train.benchmark.yardstick import yardsticks
from ansa_train.export.bundle import put_heads

QUERY = "a black dog runs along a sandy beach"
_ALONE, _ALL = "embedding alone", "all heads"
_RATIO = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, rounds=60)
    bundle = Bundle.open(options.bundle)
    report = QuestionReport("latency", __doc__, options)
    ansa = Analyzer(bundle)
    with tempfile.TemporaryDirectory() as folder:
        alone = look(Analyzer(put_heads(bundle, [], Path(folder) / "alone", keep=[])))
        plain = {
            f"MobileNetV3-Large, {form} weights": look(Analyzer(path))
            for form, path in yardsticks(bundle, Path(folder)).items()
        }
    ours = {_ALONE: alone, _ALL: look(ansa)}
    times = interleaved(ours | plain, options.rounds)
    for name, seconds in times.items():
        report.add_times(f"{name}, one photo", seconds)
    for name in plain:
        one, each, base = (np.median(times[key]) for key in (_ALONE, _ALL, name))
        report.add(f"{_ALONE} / {name}", one / base, at_most=_RATIO)
        report.add(f"{_ALL} / {name}", each / base)
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
