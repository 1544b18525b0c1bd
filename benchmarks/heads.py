"""What do all heads cost, in one pass and against a network for each task?

    python -m benchmarks.heads

One thread. The bundle is taken apart: the embedding alone, and the embedding with each single head.
All take one photo in turns in the same run, through the session that Analyzer makes; decoding is
left out. A network for each task is the same backbone loaded once for every signal, each run one
after the other. Memory is what a fresh process takes at its peak above what it took after importing
numpy and onnxruntime (Linux). What each head's training measured on test photos is in the manifest;
it is listed here, and in heads.csv.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import onnx

from ansa import Analyzer, Bundle
from ansa_train.benchmark.machine import interleaved
from ansa_train.benchmark.model_size import parameters
from ansa_train.benchmark.question_report import QuestionReport, parse
from ansa_train.export.bundle import put_heads
from benchmarks.latency import look

_RATIO = 1.5
_ALONE, _ALL, _READ, _EACH = "embedding alone", "all heads", "all heads, read", "a network each"
_COLUMNS = ("head", "metric", "value", "split", "backbone", "parameters", "bytes")
_PEAK = """
import sys
import numpy, onnxruntime
def peak():
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) * 1024
before = peak()
from ansa import Analyzer
analyzers = [Analyzer(folder) for folder in sys.argv[1:]]
for analyzer in analyzers:
    size = analyzer.bundle.manifest.image.size
    analyzer.embed_image(numpy.zeros((size, size, 3), numpy.uint8))
print(peak() - before)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, rounds=15, repeats=5)
    whole = Bundle.open(options.bundle)
    report = QuestionReport("heads", __doc__, options)
    names = [name for name in whole.manifest.heads if name != "embedding"]
    with tempfile.TemporaryDirectory() as folder:
        alone = put_heads(whole, [], Path(folder) / "alone", keep=[])
        single = {n: put_heads(whole, [], Path(folder) / n, keep=[n]) for n in names}
        _time(report, options, whole, alone, single)
        separate = [alone, *single.values()]
        if sys.platform == "linux":
            for name, bundles in ((_ALL, [whole]), (_EACH, separate)):
                taken = [_peak(bundles) for _ in range(options.repeats)]
                report.add(f"{name}, peak memory", float(np.median(taken)) / 1e6, "MB")
        report.add(f"{_ALL}, disk", _size(whole) / 1e6, "MB")
        report.add(f"{_EACH}, disk", sum(map(_size, separate)) / 1e6, "MB")
        costs = {
            n: (_parameters(b) - _parameters(alone), _size(b) - _size(alone))
            for n, b in single.items()
        }
    for name, (count, size) in costs.items():
        report.add(f"{name}, parameters", count / 1e3, "thousand")
        report.add(f"{name}, disk", size / 1e3, "kB")
    for name in names:
        for metric, value in whole.manifest.metrics.get(name, {}).items():
            report.add(f"{name}, {metric}", value)
    report.note(
        f"Every network is loaded {options.repeats} times: where its weights come to lie in memory"
        " changes its time by up to a tenth, so a few percent between two figures mean nothing."
    )
    report.note(f"A network each: {len(names) + 1} of them, for the embedding and every head.")
    report.note(
        "Weights stored as int8 are unpacked at loading: every network computes in float32."
    )
    status = report.write()
    _write_table(options.out / "heads.csv", whole, costs)
    return status


def _time(
    report: QuestionReport,
    options: Namespace,
    whole: Bundle,
    alone: Bundle,
    single: dict[str, Bundle],
) -> None:
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(options.repeats):
        for name, seconds in interleaved(_looks(whole, alone, single), options.rounds).items():
            times[name] += seconds
    for name, seconds in times.items():
        report.add_times(f"{name}, one photo", seconds)
    base = np.median(times[_ALONE])
    report.add(f"{_ALL} / {_ALONE}", np.median(times[_ALL]) / base, at_most=_RATIO)
    report.add(f"{_READ} / {_ALONE}", np.median(times[_READ]) / base)
    report.add(f"{_EACH} / {_ALL}", np.median(times[_EACH]) / np.median(times[_ALL]))
    for name in single:
        more = np.median(times[f"embedding and {name}"]) - base
        report.add(f"{name}, added time", more * 1e3, "ms")


def _looks(
    whole: Bundle, alone: Bundle, single: dict[str, Bundle]
) -> dict[str, Callable[[], object]]:
    """What is timed, every network loaded anew."""
    runs = {name: look(Analyzer(bundle)) for name, bundle in single.items()}
    looks: dict[str, Callable[[], object]] = {_ALONE: look(Analyzer(alone))}
    looks[_ALL] = look(Analyzer(whole))
    looks[_READ] = _read(Analyzer(whole))
    looks[_EACH] = partial(_one_by_one, [looks[_ALONE], *runs.values()])
    return looks | {f"embedding and {name}": run for name, run in runs.items()}


def _read(analyzer: Analyzer) -> Callable[[], object]:
    """Runs the network on a photo of noise and reads every signal."""
    size = analyzer.bundle.manifest.image.size
    photo = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
    return partial(analyzer._look, photo, None)


def _one_by_one(runs: Sequence[Callable[[], object]]) -> None:
    for run in runs:
        run()


def _peak(bundles: Sequence[Bundle]) -> int:
    """Bytes."""
    command = [sys.executable, "-c", _PEAK, *(str(bundle.path) for bundle in bundles)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _size(bundle: Bundle) -> int:
    """Bytes of the image network."""
    return bundle.manifest.files[bundle.manifest.image.file].bytes


def _parameters(bundle: Bundle) -> int:
    return parameters(onnx.load_from_string(bundle.read(bundle.manifest.image.file)))


def _write_table(file: Path, bundle: Bundle, costs: dict[str, tuple[int, int]]) -> None:
    """A row for each metric of each head."""
    backbone = bundle.manifest.image.backbone[:12]
    with file.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(_COLUMNS)
        for name, cost in costs.items():
            for metric, value in bundle.manifest.metrics.get(name, {}).items():
                table.writerow([name, metric, f"{value:.5g}", "test", backbone, *cost])


if __name__ == "__main__":
    sys.exit(main())
