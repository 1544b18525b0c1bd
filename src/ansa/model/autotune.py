"""Measures which variant of the image network is the fastest on this processor."""

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
"""Another variant is chosen if it takes at most this share of the time of float, the most exact."""


@dataclass(frozen=True, slots=True)
class VariantTiming:
    """The measured times, and the variant that was chosen.

    Attributes:
        variant: the name of the chosen variant.
        seconds: the shortest time for one photo, by variant. Other programs can only add to it.
        file: the file that stores the choice; None if it could not be written.
    """

    variant: str
    seconds: Mapping[str, float]
    file: Path | None


def choose_variant(bundle: Bundle | None = None, *, looks: int = LOOKS) -> VariantTiming:
    """Measures the variants of a bundle in turns, and stores the fastest one for this processor.

    This takes a second or two. The low-memory variant is never chosen, because it is slow.

    Args:
        bundle: the bundle to measure; the shipped one if left out.
        looks: how many times each variant runs.

    Raises:
        BundleError: a network of the bundle cannot be loaded.
    """
    bundle = bundle or Bundle.open()
    size = bundle.manifest.image.size
    noise = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
    analyzers = {
        name: Analyzer(bundle, variant=name) for name in variants_of(bundle) if name != SMALL
    }
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
