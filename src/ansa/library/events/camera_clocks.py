"""Finds by how much the clock of a second camera is wrong.

A phone is told the time by its network; a camera shows what somebody once set, often that of
another time zone. If both are used on the same occasions, the photos of the camera lie at one
distance from those of the phone for months. That distance is looked for, and used where photos are
grouped. The time that a photo states is never changed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ansa.library.events.timed_photos import PAUSE, TimedPhoto

_STEP, _FARTHEST = 300.0, 14 * 3600.0  # seconds; time zones differ by no more
_HOUR = 3600.0
_NEAR = 1200.0  # seconds between photos of one occasion
_TOGETHER = 0.8  # the share of its occasions on which another camera is used, too
_LEAST_CHANCE = 0.02  # that an occasion is near photos of another camera at a wrong time
# What speaks against a wrong clock, in natural logarithms of odds: that it is wrong by whole hours,
# as another time zone is, or by any other time; and that somebody set it between two occasions.
_BY_HOURS, _BY_OTHER, _SET = 5.0, 8.0, 4.0
_LEAST = 3  # occasions that have to be brought together with other photos
_PLACED = 0.1  # a camera with this share of photos with a place knows the time


def with_right_clocks(shots: Sequence[TimedPhoto]) -> list[TimedPhoto]:
    """Returns photos in the order of time, those of cameras with a wrong clock at the right time.

    A camera is compared with the photos of all others that know their place. Its photos are moved
    by at most fourteen hours, and only if that brings at least three occasions together with other
    photos, and speaks clearly better for a wrong clock than for a right one.

    Args:
        shots: photos in the order of time.
    """
    cameras: defaultdict[str, list[int]] = defaultdict(list)
    for row, shot in enumerate(shots):
        if shot.timed and shot.camera:
            cameras[shot.camera].append(row)
    placed = Counter(shot.camera for shot in shots if shot.point)
    right = {camera for camera, rows in cameras.items() if placed[camera] > _PLACED * len(rows)}
    known = np.array([s.seconds for s in shots if s.timed and (s.point or s.camera in right)])
    found = list(shots)
    for camera, rows in cameras.items():
        if not len(known) or camera in right:
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

    The likeliest course of the clock: a hidden Markov model whose states are the shifts, found by
    Viterbi's algorithm. An occasion speaks for a shift if that brings it near known photos, the
    more, the less probable that was by chance.

    Args:
        spans: the first and the last time of each occasion, (n, 2).
        known: the times of photos that are right, sorted.
    """
    shifts = np.arange(-_FARTHEST, _FARTHEST + 1, _STEP)
    first = np.searchsorted(known, spans[:, :1] - shifts - _NEAR)
    last = np.searchsorted(known, spans[:, 1:] - shifts + _NEAR)
    together = last > first  # (n, shifts)
    chance = np.clip(together.mean(axis=1, keepdims=True), _LEAST_CHANCE, _TOGETHER)
    told = np.where(together, np.log(_TOGETHER / chance), np.log((1 - _TOGETHER) / (1 - chance)))
    prior = np.where(shifts % _HOUR == 0, -_BY_HOURS, -_BY_OTHER)
    zero = len(shifts) // 2
    prior[zero] = 0
    wrong = np.zeros(len(spans))
    for start, end, state in _stretches(told, prior):
        if state == zero or together[start:end, state].sum() < _LEAST:
            continue
        # All shifts that speak for themselves as well are as likely: the middle is taken.
        total = told[start:end].sum(axis=0) + prior
        wrong[start:end] = np.median(shifts[np.isclose(total, total[state])])
    return wrong


def _stretches(
    told: NDArray[np.float64], prior: NDArray[np.float64]
) -> Iterator[tuple[int, int, int]]:
    """Yields the first occasion, the end, and the state of each stretch of the likeliest path.

    Args:
        told: how much each occasion speaks for each state, (n, states).
        prior: how much speaks for each state before, (states,).
    """
    best = prior + told[0]
    states = np.arange(len(prior))
    before = [states]
    for occasion in told[1:]:
        top = int(best.argmax())
        change = best[top] - _SET + prior
        before.append(np.where(best >= change, states, top))
        best = np.maximum(best, change) + occasion
    path = [int(best.argmax())]
    for came_from in reversed(before[1:]):
        path.append(int(came_from[path[-1]]))
    path.reverse()
    edges = [n for n in range(1, len(path)) if path[n] != path[n - 1]]
    for start, end in pairwise([0, *edges, len(path)]):
        yield start, end, path[start]


def _moved(shot: TimedPhoto, seconds: float) -> TimedPhoto:
    order = None if shot.order is None else shot.order + seconds
    return shot._replace(taken=shot.taken + timedelta(seconds=seconds), order=order)
