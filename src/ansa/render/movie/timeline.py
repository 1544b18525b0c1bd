"""Decides when each photo of a film appears: always on a beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_PHOTO_SECONDS = 3.0
_LEAST_SECONDS = 1.5
_FEWEST_BEATS = 2


def cuts(photos: int, tempo: float, beats: NDArray[np.float64] | None = None) -> list[float]:
    """The times in seconds at which photos change: ``photos + 1`` ascending times from 0.

    Each photo is shown for about three seconds, and always for the same number of beats.

    Args:
        photos: the number of photos, at least one.
        tempo: beats per minute, used if ``beats`` are not given.
        beats: the times of beats in seconds, ascending; extended regularly after the last.
    """
    period = 60 / tempo
    count = max(_FEWEST_BEATS, round(_PHOTO_SECONDS / period))
    known = [] if beats is None else [float(t) for t in beats if t >= 0]
    while known and known[0] - period > -period / 2:  # also before the first one that is heard
        known.insert(0, known[0] - period)
    grid = [t for t in known if t > 0]
    while len(grid) < photos * (count + 1) + count:
        grid.append((grid[-1] if grid else 0.0) + period)
    times, at = [0.0], 0
    for _ in range(photos):
        at += count
        while grid[at - 1] - times[-1] < _LEAST_SECONDS:
            at += 1
            if at > len(grid):
                grid.append(grid[-1] + period)
        times.append(grid[at - 1])
    return times
