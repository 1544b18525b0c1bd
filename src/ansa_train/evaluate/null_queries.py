"""Measures whether a search knows that a library holds nothing that matches.

Libraries of several sizes are drawn from the photos. A teacher that never saw the texts says which
of its classes each library surely shows and which it surely does not; both are searched by name.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ansa.library.search.relevance import baseline, relevance
from ansa.scene import Vector
from ansa_train.evaluate.bootstrap import Estimate, estimate, share

SHOWN, ABSENT = 0.85, 0.01
"""Greatest probability over a library's photos: above the first a class is there, below the second
it is not; those between are not asked for."""


def good_match_rates(
    photos: Vector,
    teacher: NDArray[np.float32],
    names: Vector,
    everyday: Vector,
    *,
    sizes: Sequence[int] = (20, 100, 500),
    draws: int = 40,
) -> dict[str, dict[str, Estimate]]:
    """How often a search is right about having found something, by library size.

    What is drawn for the intervals are libraries, the same ones in every run.

    Args:
        photos: (n, d), unit length.
        teacher: (n, classes), the teacher's probabilities.
        names: (classes, d), unit length: each class searched by its name.
        everyday: (m, d), unit length: the reference texts.
        sizes: photos in a library.
        draws: libraries drawn of each size, always the same ones.

    Returns:
        For each size "there, called good" and "not there, called good".
    """
    rng = random.Random(0)  # noqa: S311 - reproducible, not secret
    rates = {}
    for size in sizes:
        there: list[tuple[int, bool]] = []
        absent: list[tuple[int, bool]] = []
        for draw in range(draws):
            rows = rng.sample(range(len(photos)), min(size, len(photos)))
            library, shown = photos[rows], teacher[rows].max(0)
            reference = baseline(library, everyday)
            for classes, verdicts in (
                (np.flatnonzero(shown > SHOWN), there),
                (np.flatnonzero(shown < ABSENT), absent),
            ):
                for c in rng.sample(classes.tolist(), min(20, len(classes))):
                    verdicts.append((draw, relevance(library @ names[c], reference).good))
        rates[f"{size} photos"] = {
            "there, called good": _rate(there, draws),
            "not there, called good": _rate(absent, draws),
        }
    return rates


def _rate(verdicts: Sequence[tuple[int, bool]], draws: int) -> Estimate:
    owners, good = np.array(verdicts, int).reshape(-1, 2).T
    return estimate(share(good, owners, draws), draws)
