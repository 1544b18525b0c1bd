"""Finds by how much the clock of a second camera is wrong.

A phone is told the time by its network; a camera shows what somebody once set, often that of
another time zone. If both are used on the same occasions, the photos of the camera lie at one
distance from those of the phone for months. That distance is looked for, and used where photos are
grouped. The time that a photo states is never changed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from ansa.library.events.timed_photos import PAUSE, TimedPhoto

_STEP, _FARTHEST = 300.0, 14 * 3600.0  # seconds; time zones differ by no more
_NEAR = 1200.0  # seconds between photos of one occasion
_OCCASIONS = 8  # in a row that are judged together: a clock is set, or loses its time, now and then
_LEAST, _SHARE = 5, 0.7  # of them that have to fit
_BETTER = 0.3  # how much greater the share has to be than with the clock as it is
_PLACED = 0.1  # a camera with this share of photos with a place knows the time


def with_right_clocks(shots: Sequence[TimedPhoto]) -> list[TimedPhoto]:
    """Returns photos in the order of time, those of cameras with a wrong clock at the right time.

    A camera is compared with the photos of all others that know their place. Its photos are moved
    by at most fourteen hours, and only if that brings most of eight occasions in a row together
    with other photos, and clearly more of them than without.

    Args:
        shots: photos in the order of time.
    """
    known = np.array([shot.seconds for shot in shots if shot.timed and shot.point])
    cameras: defaultdict[str, list[int]] = defaultdict(list)
    for row, shot in enumerate(shots):
        if shot.timed and shot.camera:
            cameras[shot.camera].append(row)
    placed = Counter(shot.camera for shot in shots if shot.point)
    found = list(shots)
    for camera, rows in cameras.items():
        if not len(known) or placed[camera] > _PLACED * len(rows):
            continue
        occasions = _occasions(shots, rows)
        spans = np.array(
            [(shots[some[0]].seconds, shots[some[-1]].seconds) for some in occasions], np.float64
        )
        for some, wrong in zip(occasions, _wrong_by(spans, known).tolist(), strict=True):
            for row in some if wrong else ():
                found[row] = _moved(shots[row], -wrong)
    return sorted(found, key=lambda shot: shot.seconds)


def _occasions(shots: Sequence[TimedPhoto], rows: Sequence[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for row in rows:
        gap = shots[row].seconds - shots[found[-1][-1]].seconds if found else np.inf
        if gap > PAUSE.total_seconds():
            found.append([])
        found[-1].append(row)
    return found


def _wrong_by(spans: NDArray[np.float64], known: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns how many seconds the clock was ahead on each occasion (n,); 0 if that is not sure.

    Args:
        spans: the first and the last time of each occasion, (n, 2).
        known: the times of photos that are right, sorted.
    """
    shifts = np.arange(-_FARTHEST, _FARTHEST + 1, _STEP)
    first = np.searchsorted(known, spans[:, :1] - shifts - _NEAR)
    last = np.searchsorted(known, spans[:, 1:] - shifts + _NEAR)
    together = last > first  # (n, shifts)
    zero = len(shifts) // 2
    wrong, best = np.zeros(len(spans)), np.zeros(len(spans))
    length = min(_OCCASIONS, len(spans))
    for start in range(len(spans) - length + 1):
        window = slice(start, start + length)
        count = together[window].sum(axis=0)
        most = int(count.max())
        share = most / length
        if most < _LEAST or share < _SHARE or share - count[zero] / length < _BETTER:
            continue
        # All shifts that bring the same occasions together are as likely: the middle is taken.
        shift = float(np.median(shifts[count == most]))
        at = int(np.abs(shifts - shift).argmin())
        better = together[window, at] & (share > best[window])
        wrong[window][better], best[window][better] = shift, share
    return wrong


def _moved(shot: TimedPhoto, seconds: float) -> TimedPhoto:
    order = None if shot.order is None else shot.order + seconds
    return replace(shot, taken=shot.taken + timedelta(seconds=seconds), order=order)
