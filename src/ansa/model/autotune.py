"""Which form of the image network is quickest on this processor: a short measurement."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ansa.model.analyzer import Analyzer
from ansa.model.bundle import Bundle
from ansa.model.variants import FLOAT, SMALL, cache_choice, variants_of

LOOKS = 15
WORTH = 0.9
"""Another form must take at most so much of the time of float, which is the most exact."""


@dataclass(frozen=True, slots=True)
class VariantTiming:
    """What was measured and chosen.

    Attributes:
        form: the name of the form.
        seconds: least time of one look, by form; what else runs only ever adds to it.
        file: where the choice is kept; None if it could not be.
    """

    form: str
    seconds: Mapping[str, float]
    file: Path | None


def choose_variant(bundle: Bundle | None = None, *, looks: int = LOOKS) -> VariantTiming:
    """Measures every form of a bundle, in turns, and remembers the quickest for this processor.

    Takes a second or two. The form in the least memory is for those who ask for it.

    Args:
        bundle: the shipped one if left out.
        looks: of each form.

    Raises:
        BundleError: a network of it cannot be loaded.
    """
    bundle = bundle or Bundle.open()
    size = bundle.manifest.image.size
    noise = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
    analyzers = {name: Analyzer(bundle, form=name) for name in variants_of(bundle) if name != SMALL}
    times: dict[str, list[float]] = {name: [] for name in analyzers}
    for turn in range(looks + 1):
        for name, analyzer in analyzers.items():
            start = time.perf_counter()
            analyzer.analyze(noise)
            if turn:  # the first look loads the network
                times[name].append(time.perf_counter() - start)
    seconds = {name: min(each) for name, each in times.items()}
    best = min(seconds, key=lambda name: seconds[name])
    best = best if seconds[best] <= WORTH * seconds[FLOAT] else FLOAT
    try:
        file = cache_choice(bundle, best)
    except OSError:
        file = None
    return VariantTiming(best, seconds, file)
