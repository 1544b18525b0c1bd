"""What does every network preset cost, side by side?

    python -m benchmarks.presets

Untrained weights, as neither size nor time depends on what was learned. Each network is exported
into a bundle like any other and runs on one thread in the session that Analyzer makes, all image
networks in turns in the same run and all text networks likewise. A photo has the size that the
shipped bundle takes; a text has 16 tokens.
"""

from __future__ import annotations

import copy
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from ansa import Analyzer, Bundle
from ansa_train.benchmark.machine import interleaved
from ansa_train.benchmark.question_report import QuestionReport, parse
from ansa_train.benchmark.yardstick import settled
from ansa_train.export.bundle import write_bundle
from ansa_train.models.bpe_vocabulary import learn_vocabulary
from ansa_train.models.presets import IMAGES, TEXTS, build_image, build_text, parameters
from ansa_train.models.towers import ImageTower, Towers

_TOKENS = 16
_BURST = 3  # the large ones take a tenth of a second


def main(
    arguments: Sequence[str] | None = None,
    images: Iterable[str] = IMAGES,
    texts: Iterable[str] = TEXTS,
) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, rounds=20)
    shipped = Bundle.open(options.bundle).manifest
    size, dim = shipped.image.size, shipped.heads["embedding"].shape[0]
    report = QuestionReport("presets", __doc__, options)
    looks: dict[str, Callable[[], object]] = {}
    reads: dict[str, Callable[[], object]] = {}
    photo = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), np.uint8)
    tokens = np.ones((1, _TOKENS), np.int64)
    with tempfile.TemporaryDirectory() as folder:
        for name in images:
            torch.manual_seed(0)
            towers = Towers("tiny", "tiny", dim)
            towers.image = settled(ImageTower(build_image(name), dim), size)
            _count(report, f"image {name}", towers.image, torch.zeros(1, 3, size, size))
            bundle = _written(towers, Path(folder) / f"image-{name}", size, dim)
            report.add(f"image {name}, in a bundle", _megabytes(bundle, "image.onnx"), "MB")
            looks[name] = partial(Analyzer(bundle)._image().run, None, {"pixels": photo})
        for name in texts:
            torch.manual_seed(0)
            towers = Towers("tiny", "tiny", dim).eval()
            towers.text = build_text(name, dim).eval()
            ids = torch.from_numpy(tokens)
            _count(report, f"text {name}", towers.text, ids, ids)
            bundle = _written(towers, Path(folder) / f"text-{name}", size, dim)
            report.add(f"text {name}, in a bundle", _megabytes(bundle, "text.onnx"), "MB")
            feeds = {"ids": tokens, "mask": tokens}
            reads[name] = partial(Analyzer(bundle)._text()[0].run, None, feeds)
    for kind, calls in (("image", looks), ("text", reads)):
        for name, seconds in interleaved(calls, options.rounds, _BURST).items():
            report.add_times(f"{kind} {name}, one thread", seconds)
    report.note(
        f"Photos of {size} pixels, texts of {_TOKENS} tokens, projections to {dim} counted in;"
        " weights stored as int8, without tokenizer and manifest."
    )
    return report.write()


def _count(report: QuestionReport, name: str, tower: nn.Module, *inputs: Tensor) -> None:
    report.add(f"{name}, parameters", parameters(tower) / 1e6, "M")
    tower = copy.deepcopy(tower).to("meta")  # the processor's own attention is not counted
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        tower(*(x.to("meta") for x in inputs))
    report.add(f"{name}, multiply-adds", counter.get_total_flops() / 2e6, "M")


def _written(towers: Towers, folder: Path, size: int, dim: int) -> Bundle:
    """The towers as a bundle, with a tokenizer of no importance."""
    tokenizer = folder.with_name("tokenizer.json")
    if not tokenizer.exists():
        learn_vocabulary(["a photo"], 300, tokenizer)
    return write_bundle(
        towers.eval(),
        folder,
        name=folder.name,
        size=size,
        max_tokens=_TOKENS,
        dim=dim,
        tokenizer=tokenizer,
        parts=(),
        training={},
    )


def _megabytes(bundle: Bundle, file: str) -> float:
    return bundle.manifest.files[file].bytes / 1e6


if __name__ == "__main__":
    sys.exit(main())
