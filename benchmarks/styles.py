"""Do suggested edits undo what was done to a photo?

    python -m benchmarks.styles --data PACK [--split test] [--photos 40]

Photos of a pack, taken from its sources in turn, are spoiled in known ways: 1.5 EV too dark,
1.3 EV too bright, half the contrast, a warm and a cold cast, a tilt of 3 to 8 degrees. A fault is
undone if one of the first three suggestions changes it the right way and leaves less of it than
there was; the suggestion that makes all corrections at once does not count. How often at most half
of the fault is left stands beside it. The photos themselves may be dark, warm or askew, which
counts against the suggestions. Their weights were fitted on the dev split.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ansa import Analyzer
from ansa.photo.read import read_srgb
from ansa.render.styles import PhotoEdit, Style, suggest_styles
from ansa.render.styles.tilt import tilt_of_edges
from ansa.render.styles.tone import LIGHT_OF, displayed_values, warmth_gains
from ansa.scene import Pixels, Scene
from ansa_train.benchmark.question_report import QuestionReport
from ansa_train.data.augment.degradations import frame
from ansa_train.data.pack import Sample, read_pack

_FIRST = 3
_WANTED = 0.80
_CAST = 0.45  # natural logarithm of red to blue light
_TILTS = 3.0, 8.0
_TILT = "tilt of 3 to 8 degrees"


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A photo that was spoiled.

    Attributes:
        fault: the name of the fault.
        pixels: the photo with it.
        amount: how much of the fault there is, in its own unit, with a sign.
        change: by how much, in the same unit, an edit changes it.
    """

    fault: str
    pixels: Pixels
    amount: float
    change: Callable[[PhotoEdit], float]

    def share_left(self, styles: Iterable[Style]) -> float:
        """The least share of the fault that one of these leaves; 1 if none changes it."""
        alone = [style.edit for style in styles if style.name != "All corrections"]
        left = [abs(self.amount + self.change(edit)) / abs(self.amount) for edit in alone]
        return min([1.0, *left])


def spoil(pixels: Pixels, rng: random.Random) -> list[Spoiled]:
    """Spoils a photo, uint8 (height, width, 3), in every way."""
    light = LIGHT_OF[pixels]
    warm = np.exp(np.array([0.5, 0, -0.5]) * _CAST)
    tilt = rng.choice((-1, 1)) * rng.uniform(*_TILTS)
    tilted = np.asarray(frame(Image.fromarray(pixels), tilt))
    flat = (127.5 + (pixels - 127.5) / 2 + 0.5).astype(np.uint8)

    def exposure(edit: PhotoEdit) -> float:
        return edit.exposure

    return [
        Spoiled("1.5 EV too dark", _shown(light * 2**-1.5), -1.5, exposure),
        Spoiled("1.3 EV too bright", _shown(light * 2**1.3), 1.3, exposure),
        Spoiled("half the contrast", flat, -1.0, lambda edit: edit.contrast),
        Spoiled("warm cast", _shown(light * warm), _CAST, _cast),
        Spoiled("cold cast", _shown(light / warm), -_CAST, _cast),
        Spoiled(_TILT, tilted, tilt, lambda edit: edit.straighten),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report; 1 if a fault is undone more seldom than it should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of the pack")
    parser.add_argument("--split", choices=["dev", "test"], default="test")
    parser.add_argument("--photos", type=int, default=40, help="how many photos are spoiled")
    parser.add_argument("--bundle", help="a bundle's folder; the shipped one if left out")
    parser.add_argument("--out", type=Path, default=Path("results"))
    options = parser.parse_args(arguments)
    options.sizes = {"split": options.split, "photos": options.photos}
    samples = in_turn(read_pack(options.data, (options.split,)), options.photos)
    report = QuestionReport("styles", __doc__, options)
    analyzer, rng = Analyzer(options.bundle), random.Random(0)  # noqa: S311
    left: dict[str, list[float]] = defaultdict(list)
    found, by_edges, by_signal = 0, 0, 0
    for sample in samples:
        pixels = read_srgb(sample.read_bytes())
        found += sum(style.is_correction for style in _first(pixels, analyzer.analyze(pixels)))
        for each in spoil(pixels, rng):
            scene = analyzer.analyze(each.pixels)
            left[each.fault].append(each.share_left(_first(each.pixels, scene)))
            if each.fault == _TILT:
                by_edges += tilt_of_edges(each.pixels) * each.amount > 0
                tilt = scene.quality.tilt if scene.quality else 0.0
                by_signal += tilt * each.amount > 0
    report.note(f"{len(samples):,} photos of the {options.split} split.")
    for fault, shares in left.items():
        undone = np.array(shares)
        report.add(f"{fault}: undone", float((undone < 1).mean()), at_least=_WANTED)
        report.add(f"{fault}: at most half left", float((undone <= 0.5).mean()))
    report.add("direction of the tilt is right by edges", by_edges / len(samples))
    report.add("direction of the tilt is right by the quality signal", by_signal / len(samples))
    report.add("corrections among the first three for a photo as it is", found / len(samples))
    return report.write()


def in_turn(samples: Iterable[Sample], count: int) -> list[Sample]:
    """Chooses photos, one of each source after the other."""
    sources: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        if sample.kind == "photo" and not sample.source.endswith("-grey"):
            sources[sample.source].append(sample)
    ranks = [(rank, name) for name, each in sources.items() for rank in range(len(each))]
    return [sources[name][rank] for rank, name in sorted(ranks)[:count]]


def _first(pixels: Pixels, scene: Scene) -> tuple[Style, ...]:
    return suggest_styles(pixels, scene)[:_FIRST]


def _shown(light: np.ndarray) -> Pixels:
    return (displayed_values(light) * 255 + 0.5).astype(np.uint8)


def _cast(edit: PhotoEdit) -> float:
    red, _, blue = warmth_gains(edit.warmth)
    return math.log(red / blue)


if __name__ == "__main__":
    sys.exit(main())
