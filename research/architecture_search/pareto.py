"""The Pareto front: what nothing else beats in quality and cost at once."""

from __future__ import annotations

from collections.abc import Sequence


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Which of (quality, cost) are on the front, by rising cost.

    A point is on it if no other is at least as good and at most as dear, and better in one of both;
    of equal points the first is.
    """
    order = sorted(range(len(points)), key=lambda i: (points[i][1], -points[i][0], i))
    front, best = [], float("-inf")
    for i in order:
        quality, _ = points[i]
        if quality > best:
            front.append(i)
            best = quality
    return front
